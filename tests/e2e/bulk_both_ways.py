# 64 MiB go each way at once through both tunnels and arrive whole, in TLS 1.2 and 1.3.
# ctest: timeout=300
import threading

from harness import SANITIZED, Scenario, hash_of_stream, main, send_stream
from harness.net import receive_hash

SIZE = (16 if SANITIZED else 64) << 20


def talk_and_listen(sock, seed):
    """Sends one stream while receiving another; returns (bytes, hash) of what came."""
    sender = threading.Thread(target=send_stream, args=(sock, seed, SIZE))
    sender.start()
    received = receive_hash(sock)
    sender.join()
    return received


class BulkBothWays(Scenario):
    def check(self, version):
        device = self.device(lambda sock: talk_and_listen(sock, "down"))
        near, far = self.through_both(device.address, near=dict(min_version=version, max_version=version))

        received = talk_and_listen(self.connect(near.port()), "up")

        self.assertEqual(received, (SIZE, hash_of_stream("down", SIZE)))
        self.assertEqual(device.result(), (SIZE, hash_of_stream("up", SIZE)))
        for tunnel in (near, far):
            self.assertEqual(tunnel.wait_event("open")["tls"], f"TLS {version}")
            closed = tunnel.wait_event("close")
            self.assertEqual((closed["up"], closed["down"]), (SIZE, SIZE))

    def test_tls_1_2(self):
        self.check("1.2")

    def test_tls_1_3(self):
        self.check("1.3")


main()
