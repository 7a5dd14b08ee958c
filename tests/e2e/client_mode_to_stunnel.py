# A client-mode tunnel connects a plain client through a stunnel server to the device, with TLS 1.2 and 1.3.
# ctest: portable
from harness import Scenario, main
from harness.third_party import start_stunnel


class ClientModeToStunnel(Scenario):
    def check(self, version):
        device = self.device()
        relay = start_stunnel(self, version, device.address, identity=self.authority.issue("localhost"))
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{relay}"))

        self.assert_echoes(self.connect(tunnel.port()), b"RFB 003.008\n")
        self.assert_echoes_stream(tunnel.port(), 4 << 20)

        opened = tunnel.wait_event("open", service="vnc", connection=1)
        self.assertEqual(opened["tls"], f"TLS {version}")
        self.assertEqual(opened["upstream_address"], f"127.0.0.1:{relay}")
        closed = tunnel.wait_event("close", service="vnc", connection=2)
        self.assertEqual((closed["up"], closed["down"]), (4 << 20, 4 << 20))

    def test_tls_1_2(self):
        self.check("1.2")

    def test_tls_1_3(self):
        self.check("1.3")


main()
