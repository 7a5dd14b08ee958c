# A server-mode tunnel admits clients by certificate, key and name, and tells the others why not; TLS 1.2 and 1.3.
# ctest: one_record_path portable
from harness import Authority, Scenario, main, self_signed
from harness.net import PATIENCE
from harness.pki import pin_of
from harness.refusal import SECRET
from harness.third_party import OPENSSL_VERSIONS, s_client, start_s_client, start_stunnel

VERSIONS = ("1.2", "1.3")


class ClientCertificates(Scenario):
    def setUp(self):
        self.clients = Authority(self.folder, "Clients")
        self.viewer = self.clients.issue("viewer.example", usage="clientAuth")

    def relay(self, **keys):
        return self.tunnel(relay=self.server_service(self.device().address, **keys))

    def meets(self, tunnel, version, identity=None):
        """(whether s_client with this identity gets an echo, its output)."""
        own = ["-cert", identity.cert, "-key", identity.key] if identity else []
        _, said = s_client(tunnel.port(), self.authority.ca, OPENSSL_VERSIONS[version], "-ign_eof", *own,
                           send=b"an echo\n")
        return "an echo" in said, said

    def assert_let_in(self, tunnel, identity, name):
        for version in VERSIONS:
            with self.subTest(f"{name} in {version}"):
                before = len(tunnel.events("open"))
                good, said = self.meets_until_echo(tunnel, version, identity)
                self.assertTrue(good, said)
                tunnel.wait_for(lambda: len(tunnel.events("open")) > before, "it opens")
                opened = tunnel.events("open")[-1]
                self.assertEqual((opened.get("client"), opened["tls"]), (name, f"TLS {version}"))

    def meets_until_echo(self, tunnel, version, identity):
        client = start_s_client(self, tunnel.port(), self.authority.ca, "-quiet", OPENSSL_VERSIONS[version], "-cert",
                                identity.cert, "-key", identity.key, send=b"an echo\n")
        said = b""
        while not said.endswith(b"an echo\n") and (line := client.stdout.readline()):
            said += line
        client.stdin.close()
        client.terminate()
        client.wait(PATIENCE)
        return said.endswith(b"an echo\n"), said

    def assert_refused(self, tunnel, identity, alerts, reason):
        """`alerts` are OpenSSL's names for the alert in TLS 1.2 and 1.3."""
        for version, alert in zip(VERSIONS, alerts):
            with self.subTest(f"{reason} in {version}"):
                before = len(tunnel.events("failed"))
                good, said = self.meets(tunnel, version, identity)
                self.assertFalse(good, said)
                self.assertRegex(said, alert)
                tunnel.wait_for(lambda: len(tunnel.events("failed")) > before, "the failure is told")
                self.assertRegex(tunnel.events("failed")[-1]["message"], reason)
        self.assertEqual(tunnel.events("open"), [])

    def test_by_chain(self):
        self.assert_let_in(self.relay(client_ca=self.clients.ca), self.viewer, "viewer.example")
        stranger = self_signed(self.folder, "stranger.example", usage="clientAuth")
        tunnel = self.relay(client_ca=self.clients.ca)
        self.assert_refused(tunnel, None, ["alert handshake failure", "alert certificate required"],
                            r"^127\.0\.0\.1 showed no certificate, .*; give it cert and key")
        self.assert_refused(tunnel, stranger, ["alert unknown ca"] * 2,
                            rf'"stranger\.example" \({pin_of(stranger).replace("+", ".")}\).*; if it may come in')
        self.assert_refused(tunnel, self.authority.issue("other.example", usage="clientAuth"),
                            ["alert unknown ca"] * 2, r'"other\.example"')
        self.assert_refused(tunnel, self.clients.issue("old.example", usage="clientAuth", days=(-9, -2)),
                            ["alert certificate expired"] * 2, r'expired on .*"old\.example"')
        self.assert_refused(tunnel, self.clients.issue("server.example", usage="serverAuth"),
                            ["alert unsupported certificate"] * 2, r'clientAuth|"server\.example"')

    def test_a_revoked_client(self):
        keys = dict(client_ca=self.clients.ca, crl=self.clients.revocation_list(self.viewer))
        other = self.clients.issue("other.example", usage="clientAuth")
        self.assert_let_in(self.relay(**keys), other, "other.example")
        self.assert_refused(self.relay(**keys), self.viewer, ["alert certificate revoked"] * 2,
                            r'revoked.*"viewer\.example"')

    def test_by_key_alone(self):
        laptop = self_signed(self.folder, "laptop", usage="serverAuth, clientAuth")
        self.assert_let_in(self.relay(client_pin=[pin_of(self.viewer), pin_of(laptop)]), laptop, "laptop")
        tunnel = self.relay(client_pin=pin_of(laptop))
        self.assert_refused(tunnel, self.viewer, ["alert access denied"] * 2,
                            r'"viewer\.example" \(sha256:\S+\), and is not let in: its key is none of client_pin')
        self.assert_refused(tunnel, None, ["alert handshake failure", "alert certificate required"],
                            "showed no certificate")

    def test_by_name(self):
        named = self.relay(client_ca=self.clients.ca, client_names=["viewer.*", "device-*"])
        self.assert_let_in(named, self.viewer, "viewer.example")
        self.assert_refused(self.relay(client_ca=self.clients.ca, client_names="*.lab.example"), self.viewer,
                            ["alert access denied"] * 2, 'add "viewer.example" to client_names')

    def test_by_chain_and_key(self):
        both = dict(client_ca=self.clients.ca, client_pin=pin_of(self.viewer))
        self.assert_let_in(self.relay(**both), self.viewer, "viewer.example")
        other = self.clients.issue("viewer.example", usage="clientAuth")
        self.assert_refused(self.relay(**both), other, ["alert access denied"] * 2, "none of client_pin")

    def test_stunnel(self):
        for version in VERSIONS:
            with self.subTest(version):
                tunnel = self.relay(client_ca=self.clients.ca, client_names="viewer.example")
                good = start_stunnel(self, version, f"localhost:{tunnel.port()}", client=True,
                                     ca=self.authority.ca, identity=self.viewer)
                self.assert_echoes_stream(good)
                bare = start_stunnel(self, version, f"localhost:{tunnel.port()}", client=True, ca=self.authority.ca)
                sock = self.connect(bare)
                try:
                    sock.sendall(SECRET)
                    self.assertEqual(sock.recv(64), b"")
                except ConnectionResetError:
                    pass
                self.assertIn("showed no certificate", tunnel.wait_event("failed")["message"])


main()
