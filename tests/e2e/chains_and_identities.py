# RSA and EC identities, chains with intermediates, and trust from a file, a folder, a bundle or a list.
import shutil

from harness import Authority, Scenario, main
from harness.net import receive_exactly
from harness.third_party import s_client, start_s_server


class ChainsAndIdentities(Scenario):
    def check(self, identity, ca, versions=("1.2", "1.3")):
        """Bytes pass through two tunnels with this identity and these trusted authorities."""
        device = self.device()
        far = self.tunnel(relay=self.server_service(device.address, identity))
        for version in versions:
            near = self.tunnel(vnc=dict(client=True, accept=0, connect=f"localhost:{far.port()}", ca=ca,
                                        min_version=version, max_version=version))
            self.assert_echoes(self.connect(near.port()), b"hello")
        return far

    def test_each_kind_of_key(self):
        for root, leaf in (("ec", "ec"), ("p384", "p384"), ("rsa", "rsa"), ("rsa", "ec"), ("ec", "rsa")):
            with self.subTest(f"{leaf} leaf from {root} root"):
                authority = Authority(self.folder, f"Root {root} {leaf}", kind=root)
                self.check(authority.issue("localhost", kind=leaf), authority.ca)

    def test_two_intermediates(self):
        upper = Authority(self.folder, "Upper", parent=self.authority)
        lower = Authority(self.folder, "Lower", kind="rsa", parent=upper)
        far = self.check(lower.issue("localhost"), self.authority.ca)
        status, output = s_client(far.port(), self.authority.ca, "-showcerts")
        self.assertEqual(status, 0, output)
        self.assertIn("Verify return code: 0 (ok)", output)

    def test_intermediates_from_the_top(self):
        """A server may send its intermediates in any order."""
        authorities = [self.authority]
        for name in ("Upper", "Middle", "Lower"):
            authorities.append(Authority(self.folder, name, parent=authorities[-1]))
        self.echoes_through_s_server(authorities[-1].issue("localhost", chain=False), authorities[1:], self.authority.ca)

    def echoes_through_s_server(self, identity, chain, ca):
        """Whether `openssl s_server` with these authorities behind its certificate is believed, by both versions."""
        file = self.folder / "sent.pem"
        file.write_text("".join(authority.ca.read_text() for authority in chain))
        for version in ("-tls1_2", "-tls1_3"):
            port = start_s_server(self, identity, version, "-cert_chain", file)
            near = self.tunnel(vnc=self.client_service(f"localhost:{port}", ca=ca))
            with self.connect(near.port()) as sock:
                sock.sendall(b"hello\n")
                self.assertEqual(receive_exactly(sock, 6), b"olleh\n")

    def test_expired_cross_signatures(self):
        """Servers go on sending a cross-signature long after it, or the root behind it, has expired."""
        old = Authority(self.folder, "Old Root", days=(-100, -1))
        crossed = self.authority.crossed_by(old)
        expired = self.authority.crossed_by(Authority(self.folder, "Other Root"), days=(-100, -1))
        middle = Authority(self.folder, "Middle", parent=self.authority)
        middle_by_old = middle.crossed_by(old)
        identity = middle.issue("localhost", chain=False)
        both = self.folder / "both.pem"
        both.write_text(old.ca.read_text() + self.authority.ca.read_text())
        for name, chain in (("of the root", (middle, crossed, expired)), ("and the old root", (middle, crossed, old)),
                            ("of the intermediate", (middle_by_old, middle)),
                            ("of everything, from the top", (old, expired, crossed, middle_by_old, middle))):
            for ca in (self.authority.ca, both):
                with self.subTest(name, ca=ca.name):
                    self.echoes_through_s_server(identity, chain, ca)

    def test_trust_from_a_folder_a_bundle_and_a_list(self):
        stranger = Authority(self.folder, "Stranger")
        identity = self.authority.issue("localhost")
        folder = self.folder / "trusted"
        folder.mkdir()
        for number, authority in enumerate((stranger, self.authority)):
            shutil.copy(authority.ca, folder / f"{number}.pem")
        (folder / "README").write_text("not a certificate\n")
        bundle = self.folder / "bundle.pem"
        bundle.write_text("# two roots\n" + stranger.ca.read_text() + self.authority.ca.read_text())
        for name, ca in (("folder", folder), ("bundle", bundle), ("list", [stranger.ca, self.authority.ca])):
            with self.subTest(name):
                self.check(identity, ca, versions=["1.3"])


main()
