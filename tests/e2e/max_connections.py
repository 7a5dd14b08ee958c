# Clients beyond max_connections wait for a free slot; unfinished handshakes don't take one.
# ctest: one_record_path
import time

from harness import Scenario, connect, eventually, main, tls_connect, tls_over
from harness.net import receive_exactly


class MaxConnections(Scenario):
    def test_the_excess_waits_and_is_served(self):
        device = self.device()
        tunnel = self.tunnel(plain=self.plain_service(device.address, max_connections=2))
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

    def test_who_only_knocks_takes_no_place(self):
        device = self.device()
        tunnel = self.tunnel(relay=self.server_service(device.address, max_connections=2,
                                                       handshake_timeout="60s"))

        def served(client, word):
            client.sendall(word)
            self.assertEqual(receive_exactly(client, len(word)), word)

        for _ in range(10):
            self.connect(tunnel.port())
        clients = [tls_connect(tunnel.port(), self.authority.ca) for _ in range(2)]
        for client in clients:
            self.addCleanup(client.close)
            served(client, b"past all who only knock")

        clients[0].close()
        with tls_connect(tunnel.port(), self.authority.ca) as third:
            served(third, b"and past the limit, since a place is free")

    def test_handshakes_that_are_done_wait_for_a_place(self):
        device = self.device()
        tunnel = self.start_tunnel(relay=self.server_service(device.address, max_connections=1),
                                   tables={"process": {"workers": 1}}).listening()
        before = tunnel.open_files()
        # all may start their handshake while the slot is free
        several = [connect(tunnel.port()) for _ in range(4)]
        for sock in several:
            self.addCleanup(sock.close)
        eventually(lambda: tunnel.open_files() >= before + 4, "all are accepted")
        clients = [tls_over(sock, self.authority.ca) for sock in several]
        for number, client in enumerate(clients):
            client.sendall(b"client %d" % number)
        for number, client in enumerate(clients):
            self.assertEqual(receive_exactly(client, 8), b"client %d" % number)
            self.assertEqual(device.count, 1 + number, "one place, one client, in the order of their handshakes")
            client.close()
        eventually(lambda: len(tunnel.events("close")) == 4, "all are over")
        self.assertEqual(tunnel.events("failed"), [])


main()
