# ctest: cost=30 one_record_path
# What clients will refuse in a server's own certificate is said at the start, in --test and in check, with the next step.
import shutil

from harness import Authority, Scenario, main
from harness.check import Checked, flatten, write_config


class OwnCertificate(Scenario):
    def assert_said(self, identity, cause, next_step):
        config = write_config(self, relay=self.server_service(self.device().address, identity))
        for words in (("--config", config, "--test"), ("check", "--config", config)):
            with self.subTest(words[0]):
                done = self.run_tunnel(*words)
                text = flatten(done.stdout + done.stderr)
                self.assertRegex(text, cause)
                self.assertRegex(text, next_step)
        tunnel = self.tunnel(relay=self.server_service(self.device().address, identity))
        tunnel.wait_for(lambda: tunnel.events("certificate", level="warn"), "it warns of its certificate")
        self.assertRegex(tunnel.events("certificate")[0]["message"], f"{cause}.*{next_step}")

    def test_without_names(self):
        identity = self.authority.issue("localhost", extensions=["basicConstraints = critical, CA:FALSE"])
        self.assert_said(identity, "has no subjectAltName: clients that verify refuse it",
                         "-addext subjectAltName=DNS:NAME, or tunnel keygen NAME")

    def test_a_use_that_cannot_serve(self):
        identity = self.authority.issue("localhost", extensions=["keyUsage = critical, keyEncipherment",
                                                                 "subjectAltName = DNS:localhost"])
        self.assert_said(identity, "key usage lacks digitalSignature", "keyUsage=digitalSignature")

    def test_a_leaf_beside_its_chain(self):
        """As certbot lays them out."""
        live = self.folder / "live"
        live.mkdir()
        middle = Authority(self.folder, "Middle", parent=self.authority)
        identity = middle.issue("localhost", chain=False)
        shutil.copy(identity.cert, live / "cert.pem")
        (live / "fullchain.pem").write_text(identity.cert.read_text() + middle.ca.read_text())
        identity.cert = live / "cert.pem"
        self.assert_said(identity, "has the leaf without its issuer's certificate", "name .*fullchain.pem instead")

    def test_a_key_that_everybody_can_read(self):
        identity = self.authority.issue("localhost")
        identity.key.chmod(0o644)
        self.assert_said(identity, "every user of this machine can read the private key", "chmod o-rwx ")

    def test_none_where_all_is_well(self):
        identity = self.authority.issue("localhost")
        identity.key.chmod(0o600)
        config = write_config(self, relay=self.server_service(self.device().address, identity))
        done = self.run_tunnel("--config", config, "--test")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(Checked(self, "--config", config).status, 0)


if __name__ == "__main__":
    main()
