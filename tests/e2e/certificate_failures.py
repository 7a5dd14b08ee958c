# ctest: one_record_path portable
# Real servers with each kind of bad certificate: no byte passes either way, and the log gives the reason word for word.
import re

from harness import Authority, Scenario, main, self_signed
from harness.peers import run
from harness.pki import pin_of
from harness.refusal import SECRET
from harness.third_party import start_s_server

LIMITED = ["nameConstraints = critical, permitted;DNS:example.org"]
UNKNOWN = "1.2.3.4 = critical, ASN1:UTF8String:x"
LEAF = ["basicConstraints = critical, CA:FALSE", "subjectAltName = DNS:localhost", "extendedKeyUsage = serverAuth"]


class CertificateFailures(Scenario):
    def situations(self):
        """{situation: (identity, the service's other keys, the log message)}; PEER stands for the server's address."""
        root, folder = self.authority, self.folder
        stranger = Authority(folder, "Stranger")
        impostor = Authority(folder, "Test Root")
        middle = Authority(folder, "Middle", parent=root)
        limited = Authority(folder, "Limited", parent=root, more=LIMITED)
        mailing = Authority(folder, "Mailing", parent=root, more=["extendedKeyUsage = emailProtection"])
        old = Authority(folder, "Old", parent=root, days=(-30, -2))
        own = self_signed(folder, "localhost")
        revoked, unlisted = root.issue("localhost"), middle.issue("localhost")
        limit = root.issue("localhost", extensions=[*LEAF, UNKNOWN])
        as_leaf = root.issue("localhost", extensions=["basicConstraints = CA:TRUE", *LEAF[1:]])
        beyond = limited.issue("localhost")
        cert = "the certificate of PEER "
        renew = "its owner must renew it; check the clock here too"
        name_the_issuer = "which is not trusted here; name the issuer's certificate with ca = \"...\""
        lacks = "; if it is, the server lacks its intermediate certificates"
        exactly = "or, if its owner confirms the key, trust exactly it: pin = \""
        no_pin = ", and a pin does not replace that"
        critical = ("PEER presented a certificate with a critical extension that is not understood here; it needs an "
                    "issuer, or a certificate, without it")
        return {
            "expired": (root.issue("localhost", days=(-30, -2)), {}, f"{cert}expired on DATE, 2 days ago; {renew}"),
            "its authority has expired": (old.issue("localhost"), {}, 'the authority "CN=Old" behind the certificate of '
                                          f"PEER expired on DATE, 2 days ago; {renew}"),
            "not yet valid": (root.issue("localhost", days=(2, 30)), {}, f"{cert}is valid only from DATE, and the clock "
                              "here says DATE; set the clock here, or wait"),
            "unknown issuer": (stranger.issue("localhost"), {}, f'{cert}was issued by "CN=Stranger", '
                               f"{name_the_issuer}{lacks}"),
            "its root is sent along": (self.with_chain(stranger.issue("localhost"), stranger), {},
                                       f'{cert}was issued by "CN=Stranger", {name_the_issuer}'),
            "an authority of the same name": (impostor.issue("localhost"), {}, f'{cert}says it was issued by "CN=Test '
                                              'Root", but not by the one that is trusted here, or that one must not '
                                              "issue it; has the authority a new key? then name its new certificate "
                                              'with ca = "..."'),
            "an intermediate that the relay forgot": (middle.issue("localhost", chain=False), {}, f"{cert}was issued by "
                                                      f'"CN=Middle", {name_the_issuer}{lacks}'),
            "self-signed": (own, {}, f"{cert}is self-signed and not among the trusted ones; if it is the right one, trust "
                            f'exactly it: pin = "{pin_of(own)}" in place of ca'),
            "another name": (root.issue("relay.example", "*.napter.example"), {}, "the certificate is for relay.example "
                             "and *.napter.example, not for localhost; if that is the far side, write connect = "
                             '"relay.example:PORT", or server_name = "relay.example"'),
            "an address is not a name": (root.issue("localhost"), dict(host="127.0.0.1"), "the certificate is for "
                                         "localhost, not for 127.0.0.1; if that is the far side, write connect = "
                                         '"localhost:PORT", or server_name = "localhost"'),
            "a wildcard for the relay's addresses": (root.issue("*.napter.example"), dict(host="127.0.0.1"),
                                                     "the certificate is for *.napter.example, not for 127.0.0.1; if "
                                                     "that is the far side, connect to its name; many relays spell "
                                                     'their address in it: connect = "127-0-0-1.napter.example:PORT"'),
            "a wildcard covers one label": (root.issue("*.relay.example"), dict(server_name="a.b.relay.example"),
                                            "the certificate is for *.relay.example, not for a.b.relay.example; if that "
                                            "is the far side, write server_name with its name, one label before "
                                            ".relay.example"),
            "server_name decides what is checked": (root.issue("localhost"), dict(server_name="relay.example"),
                                                    "the certificate is for localhost, not for relay.example; if that is "
                                                    'the far side, write server_name = "localhost"'),
            "a common name is no name": (root.issue("localhost", extensions=["extendedKeyUsage = serverAuth"]), {},
                                         f"{cert}has no name that counts; its owner must give it a subjectAltName: a "
                                         "common name alone is not believed"),
            "version 1": (root.issue("localhost", extensions=[]), {}, f"{cert}is X.509 version 1; it must be version 3, "
                          "which has the names and uses of a certificate"),
            "for clients": (root.issue("localhost", usage="clientAuth"), {}, f"{cert}is not for servers; it needs the "
                            f"extended key usage serverAuth{no_pin}"),
            "for neither": (root.issue("localhost", usage="codeSigning, emailProtection"), {}, f"{cert}is not for "
                            f"servers; it needs the extended key usage serverAuth{no_pin}"),
            "an issuer for mail": (mailing.issue("localhost"), {}, 'the authority "CN=Mailing" behind the certificate of '
                                   "PEER is not for servers; it needs the extended key usage serverAuth"),
            "an authority as the leaf": (as_leaf, {}, f"{cert}is that of an authority (CA:TRUE); let the authority issue "
                                         f'one with CA:FALSE; {exactly}{pin_of(as_leaf)}" in place of ca'),
            "SHA-1": (root.issue("localhost", digest="sha1"), {}, f"{cert}is signed with SHA-1, which is too weak; it "
                      "must be signed with SHA-256 or better"),
            "RSA of 1024 bits": (root.issue("localhost", kind="rsa1024"), {}, f"{cert}has a key that is too weak: RSA of "
                                 "1024 bits; it needs P-256, P-384, or RSA of 2048 bits at least"),
            "beyond the issuer's limits": (beyond, {}, f'{cert}goes beyond what its issuer may issue: "CN=Limited" may '
                                           f"not vouch for localhost; it needs another issuer; {exactly}{pin_of(beyond)}"
                                           '" in place of ca'),
            "a limit that nobody knows": (limit, {}, critical),
            "revoked": (revoked, dict(crl=root.revocation_list(revoked)), f"{cert}was revoked on DATE; its owner must "
                        "get a new one; don't use this one any more"),
            "a list of another issuer": (unlisted, dict(crl=root.revocation_list()), f"whether {cert}was revoked is "
                                         'unknown: crl has no list of its issuer "CN=Middle"; add that authority\'s list '
                                         "to the file, or remove crl"),
            "a list that has expired": (revoked, dict(crl=root.revocation_list(days=(-30, -2))), f"whether {cert}was "
                                        'revoked is unknown: the list of "CN=Test Root" in crl expired on DATE, 2 days '
                                        "ago; fetch the authority's current list, and reload"),
        }

    @staticmethod
    def with_chain(identity, authority):
        with open(identity.cert, "a") as file:
            file.write(authority.ca.read_text())
        return identity

    def test_each_is_refused_in_its_own_words(self):
        services, expected, pins = {}, {}, {}
        for number, (situation, (identity, keys, words)) in enumerate(self.situations().items()):
            with open(identity.cert) as file:
                sends_chain = file.read().count("BEGIN CERTIFICATE") > 1
            port = start_s_server(self, identity, "-cipher", "DEFAULT@SECLEVEL=0",
                                  *(["-cert_chain", identity.cert] if sends_chain else []))
            target = f"{keys.pop('host', 'localhost')}:{port}"
            name = f"s{number}"
            services[name] = {"client": True, "accept": 0, "connect": target, "ca": self.authority.ca, **keys}
            pins[name] = pin_of(identity)
            expected[name] = situation, port, words.replace("PEER", target).replace("PORT", str(port))
        tunnel = self.tunnel(**services)
        for name, (situation, port, words) in expected.items():
            with self.subTest(situation):
                self.assert_client_is_reset(tunnel.port(name), send=SECRET)
                failed = tunnel.wait_event("failed", service=name, connection=1)
                self.assertEqual(failed["level"], "error")
                message = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "DATE", failed["message"])
                if "trust exactly" not in words:
                    message, _, pin = message.partition("; or, if its owner confirms the key, trust exactly ")
                    self.assertIn(pin.rpartition(": ")[2], ("", f'pin = "{pins[name]}" in place of ca'))
                self.assertEqual(message, words)
        self.assertEqual(tunnel.events("open"), [])
        for program in self.programs:
            if program is not tunnel:
                self.assertNotIn(SECRET[:-1].decode()[::-1], program.output)
                self.assertNotIn(SECRET[:-1].decode(), program.output)

    def test_a_certificate_for_nothing_in_particular_is_for_every_use(self):
        port = start_s_server(self, self.authority.issue("localhost", usage=None))
        self.assert_opens(self.tunnel(vnc=self.client_service(f"localhost:{port}")))

    def test_a_leaf_may_be_named_itself(self):
        identity = self.authority.issue("localhost")
        port = start_s_server(self, identity)
        self.assert_opens(self.tunnel(vnc=self.client_service(f"localhost:{port}", ca=identity.cert)))

    def test_an_unneeded_certificate_of_an_unknown_kind_is_skipped(self):
        for kind, words in (("an unknown signature and key", ["-newkey", "ed25519"]),
                            ("a curve that is not there", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp224r1"]),
                            ("an unknown critical extension", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                                               "-addext", "1.2.3.4=critical,ASN1:NULL"])):
            cert, key = self.folder / "unknown.pem", self.folder / "unknown.key"
            run("openssl", "req", "-x509", *words, "-nodes", "-keyout", key, "-out", cert, "-subj", "/CN=New root")
            for version in ("-tls1_2", "-tls1_3"):
                with self.subTest(kind, version=version):
                    port = start_s_server(self, self.authority.issue("localhost"), "-cert_chain", cert, version)
                    self.assert_opens(self.tunnel(vnc=self.client_service(f"localhost:{port}")))

    def assert_opens(self, tunnel):
        sock = self.connect(tunnel.port())
        sock.sendall(b"abc\n")
        self.assertEqual(sock.recv(4), b"cba\n")

    def test_a_list_that_has_not_revoked_it(self):
        identity = self.authority.issue("localhost")
        port = start_s_server(self, identity)
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{port}", crl=self.authority.revocation_list()))
        self.assert_opens(tunnel)


main()
