# RSA and EC identities, chains with intermediates, and trust from a file, a folder, a bundle or a list.
import shutil

from harness import Authority, Scenario, main
from harness.third_party import s_client


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
