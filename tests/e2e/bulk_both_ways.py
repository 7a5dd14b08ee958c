# 64 MiB pass through both tunnels in each direction at once and arrive intact, with TLS 1.2 and 1.3.
# ctest: timeout=300 portable
from harness import SANITIZED, Scenario, hash_of_stream, main
from harness.net import exchange_streams

SIZE = (16 if SANITIZED else 64) << 20


class BulkBothWays(Scenario):
    def check(self, version):
        device = self.device(lambda sock: exchange_streams(sock, "down", SIZE))
        near, far = self.through_both(device.address, near=dict(min_version=version, max_version=version))

        received = exchange_streams(self.connect(near.port()), "up", SIZE)

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
