# An encrypted key is opened with a password file, in each form that OpenSSL writes; otherwise the error says why not.
# ctest: one_record_path portable
from harness import Scenario, main, peers
from harness.third_party import s_client

PASSWORD = "correct horse"


class EncryptedKey(Scenario):
    def encrypted(self, name, *words):
        key = self.folder / f"{name}.key"
        peers.run("openssl", *words, "-in", self.identity.key, "-out", key, "-passout", f"pass:{PASSWORD}", check=True)
        return key

    def password_file(self, content, mode=0o600):
        path = self.folder / "password"
        path.write_bytes(content)
        path.chmod(mode)
        return path

    def test_each_form_serves(self):
        for kind in ("ec", "rsa"):
            self.identity = self.authority.issue("localhost", kind=kind)
            forms = {"pbes2-aes": ("pkcs8", "-topk8", "-v2", "aes-256-cbc"),
                     "pbes2-aes128-sha512": ("pkcs8", "-topk8", "-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"),
                     "pbes2-3des": ("pkcs8", "-topk8", "-v2", "des3"),
                     "pbes2-der": ("pkcs8", "-topk8", "-v2", "aes-256-cbc", "-outform", "DER"),
                     "pem-aes": (kind, "-aes256") if kind == "ec" else ("rsa", "-aes256", "-traditional"),
                     "pem-3des": (kind, "-des3") if kind == "ec" else ("rsa", "-des3", "-traditional")}
            for name, words in forms.items():
                for ending in ("", "\n", "\r\nmore\n"):
                    with self.subTest(f"{kind} {name} {ending!r}"):
                        self.try_it(self.encrypted(f"{kind}-{name}", *words),
                                    self.password_file(PASSWORD.encode() + ending.encode()),
                                    serve=ending == "\n")

    def try_it(self, key, password, serve):
        keys = dict(accept="127.0.0.1:0", connect="127.0.0.1:1", cert=self.identity.cert, key=key,
                    key_password_file=password)
        if serve:
            tunnel = self.tunnel(relay=keys)
            status, said = s_client(tunnel.port(), self.authority.ca)
            self.assertIn("Verify return code: 0 (ok)", said)
            self.assertEqual(tunnel.stop(), 0)
        else:
            self.assertEqual(self.checked(key, password), (0, ""))

    def checked(self, key, password=None):
        """(exit status, stderr) of --test."""
        (self.folder / "relay.toml").write_text(
            f'[service.relay]\naccept = 0\nconnect = "127.0.0.1:1"\ncert = "{self.identity.cert}"\nkey = "{key}"\n'
            + (f'key_password_file = "{password}"\n' if password else ""))
        done = self.run_tunnel("--config", "relay.toml", "--test")
        return done.returncode, done.stderr

    def test_what_cannot_be_opened_is_told(self):
        self.identity = self.authority.issue("localhost")
        key = self.encrypted("k", "pkcs8", "-topk8", "-v2", "aes-256-cbc")
        legacy = self.encrypted("l", "ec", "-aes256")
        scrypt = self.encrypted("s", "pkcs8", "-topk8", "-scrypt")
        good = PASSWORD.encode()
        cases = (
            (key, None, 0, r'relay\.toml:5:7: .* key: the key in .*k\.key is encrypted, and its password is not '
                           r'there\n    key_password_file = "\.\.\."'),
            (legacy, None, 0, r"l\.key is encrypted"),
            (key, b"wrong\n", 0o600, r"relay\.toml:5:7: .*the password does not open the key in .*k\.key\n"),
            (legacy, b"wrong\n", 0o600, r"relay\.toml:5:7: .*l\.key"),
            (key, b"\n" + good, 0o600, r"relay\.toml:6:21: .*key_password_file: the first line of .* is empty"),
            (key, b"", 0o600, r"relay\.toml:6:21: .*the first line of .* is empty"),
            (key, b"x" * 2000, 0o600, r"relay\.toml:6:21: .*longer than 1023 bytes"),
            (key, good, 0o644, r"relay\.toml:6:21: .*everybody on this machine may read .*\n    chmod o-rwx "),
            (self.identity.key, good, 0o600, r"relay\.toml:6:21: .*key_password_file: the key in .* is not "
                                             r"encrypted, so no password is needed\n    remove it"),
            (scrypt, good, 0o600, r"relay\.toml:5:7: .*encrypted in a way that is not known here"),
        )
        for key, content, mode, reason in cases:
            with self.subTest(reason):
                password = self.password_file(content, mode) if content is not None else None
                status, errors = self.checked(key, password)
                self.assertEqual(status, 2, errors)
                self.assertRegex(errors, reason)
                self.assertEqual(len(errors.splitlines()), 2, errors)
                self.assertNotIn(PASSWORD, errors)
        status, errors = self.checked(key, self.folder / "absent")
        self.assertEqual(status, 2)
        self.assertRegex(errors, r"relay\.toml:6:21: .*key_password_file: there is no file")


main()
