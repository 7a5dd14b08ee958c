# A server-mode tunnel offers openssl s_client TLS 1.2 and 1.3, prefers AES-256-GCM, and accepts nothing weaker.
# ctest: portable
from harness import Scenario, main
from harness.third_party import s_client


class OpensslClientToServerMode(Scenario):
    def relay(self):
        identity = self.authority.issue("localhost", kind="rsa")
        self.backend = self.device()
        return self.tunnel(relay=self.server_service(self.backend.address, identity))

    def test_both_versions_prefer_aes_256_gcm(self):
        tunnel = self.relay()
        for options, suite in ((("-tls1_2",), "ECDHE-RSA-AES256-GCM-SHA384"),
                               (("-tls1_2", "-cipher", "ECDHE+CHACHA20:ECDHE+AESGCM"), "ECDHE-RSA-AES256-GCM-SHA384"),
                               (("-tls1_3",), "TLS_AES_256_GCM_SHA384")):
            with self.subTest(options):
                status, output = s_client(tunnel.port(), self.authority.ca, *options, "-brief")
                self.assertEqual(status, 0, output)
                self.assertIn(suite, output)
                self.assertIn("Verification: OK", output)

    def test_each_group(self):
        tunnel = self.relay()
        for group in ("X25519", "P-256", "P-384"):
            for option in ("-tls1_2", "-tls1_3"):
                with self.subTest(group + option):
                    status, output = s_client(tunnel.port(), self.authority.ca, option, "-groups", group, "-brief")
                    self.assertEqual(status, 0, output)

    def test_weak_offers_are_refused_by_the_server(self):
        tunnel = self.relay()
        for offer in (("-tls1", "-cipher", "ALL@SECLEVEL=0"), ("-tls1_1", "-cipher", "ALL@SECLEVEL=0"),
                      ("-tls1_2", "-cipher", "AES256-GCM-SHA384:AES128-GCM-SHA256"),        # static RSA
                      ("-tls1_2", "-cipher", "AES256-SHA256:AES128-SHA"),                   # static RSA with CBC
                      ("-tls1_2", "-cipher", "ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA"),  # CBC
                      ("-tls1_2", "-cipher", "aNULL:eNULL:@SECLEVEL=0"),
                      ("-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256")):
            with self.subTest(" ".join(offer)):
                status, output = s_client(tunnel.port(), self.authority.ca, *offer)
                self.assertNotEqual(status, 0, output)
                self.assertRegex(output, "alert (handshake failure|protocol version|insufficient security)", output)
        self.assertEqual(self.backend.count, 0, "no refused client reaches the device")

    def test_renegotiation_is_refused(self):
        tunnel = self.relay()
        status, output = s_client(tunnel.port(), self.authority.ca, "-tls1_2", send=b"R\n")
        self.assertIn("RENEGOTIATING", output)
        self.assertRegex(output, "no renegotiation|alert|unexpected eof|errno", output)
        self.assertNotEqual(status, 0, output)


main()
