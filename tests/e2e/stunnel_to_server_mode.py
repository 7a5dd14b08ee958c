# A stunnel client that verifies chain and name reaches the device through a server-mode tunnel, with TLS 1.2 and 1.3.
# ctest: portable
from harness import Scenario, main
from harness.third_party import start_stunnel


class StunnelToServerMode(Scenario):
    def check(self, version):
        device = self.device()
        tunnel = self.tunnel(relay=self.server_service(device.address))
        viewer = start_stunnel(self, version, f"localhost:{tunnel.port()}", client=True, ca=self.authority.ca)

        self.assert_echoes(self.connect(viewer), b"RFB 003.008\n")
        self.assert_echoes_stream(viewer, 4 << 20)

        opened = tunnel.wait_event("open", service="relay", connection=1)
        self.assertEqual(opened["tls"], f"TLS {version}")
        self.assertEqual(opened["upstream"], device.address)
        self.assertIn(opened["suite"], {"TLS_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"})

    def test_tls_1_2(self):
        self.check("1.2")

    def test_tls_1_3(self):
        self.check("1.3")


main()
