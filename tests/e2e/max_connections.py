# Beyond max_connections a client waits in the listen backlog, and is served as soon as a place is free.
# ctest: one_record_path
import time

from harness import Scenario, connect, main
from harness.net import receive_exactly


class MaxConnections(Scenario):
    def test_the_excess_waits_and_is_served(self):
        device = self.device()
        tunnel = self.tunnel(plain=dict(tls=False, accept="127.0.0.1:0", connect=device.address, max_connections=2))
        served = [self.connect(tunnel.port()) for _ in range(2)]
        for sock in served:
            self.assert_echoes(sock, b"served")

        waiting = [connect(tunnel.port()) for _ in range(3)]
        for sock in waiting:
            self.addCleanup(sock.close)
            sock.sendall(b"waiting")
        time.sleep(2)
        self.assertEqual(device.count, 2, "nobody beyond the limit reaches the device")
        for sock in served:
            self.assert_echoes(sock, b"still served")

        served[0].close()
        for number, sock in enumerate(waiting):
            self.assertEqual(receive_exactly(sock, 7), b"waiting")
            self.assertEqual(device.count, 3 + number, "one place, one client")
            sock.close()


main()
