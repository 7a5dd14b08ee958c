# A client-mode tunnel talks to openssl s_server with both versions and with every suite and group that it offers.
# ctest: portable
from harness import Scenario, main
from harness.net import receive_exactly
from harness.third_party import start_s_server


class ClientModeToOpensslServer(Scenario):
    def check(self, *options, kind="ec", expect):
        port = start_s_server(self, self.authority.issue("localhost", kind=kind), *options)
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{port}"))
        client = self.connect(tunnel.port())
        client.sendall(b"tunnel\n")
        self.assertEqual(receive_exactly(client, 7), b"lennut\n")
        opened = tunnel.wait_event("open")
        self.assertEqual((opened["tls"], opened["suite"]), expect)
        return opened

    def test_tls_1_3_suites(self):
        for suite in ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"):
            with self.subTest(suite):
                self.check("-tls1_3", "-ciphersuites", suite, expect=("TLS 1.3", suite))

    def test_tls_1_2_suites(self):
        for kind, openssl, iana in (
                ("ec", "ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
                ("ec", "ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
                ("rsa", "ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
                ("rsa", "ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")):
            with self.subTest(openssl):
                self.check("-tls1_2", "-cipher", openssl, kind=kind, expect=("TLS 1.2", iana))

    def test_groups(self):
        for group in ("X25519", "P-256", "P-384"):
            with self.subTest(group):
                opened = self.check("-tls1_3", "-groups", group, expect=("TLS 1.3", "TLS_AES_256_GCM_SHA384"))
                self.assertEqual(opened["group"], group)

    def test_aes_256_gcm_is_what_the_client_offers_first(self):
        self.check(expect=("TLS 1.3", "TLS_AES_256_GCM_SHA384"))


main()
