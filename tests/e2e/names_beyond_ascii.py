# Non-ASCII file and folder names work on the command line and in the configuration, and are shown right in messages.
# ctest: label=wine
# ctest: one_record_path
from harness import Scenario, eventually, main, peers

FOLDER = "Jürgen Łódź 東京"


class NamesBeyondAscii(Scenario):
    def setUp(self):
        outer = self.folder
        self.addCleanup(setattr, self, "folder", outer)
        self.folder = outer / FOLDER
        self.folder.mkdir()

    def test_certificate_key_and_authority(self):
        near, _ = self.through_both(self.device().address)
        self.assert_echoes_stream(near.port())

    def test_the_log_s_file(self):
        file = self.folder / "Übersicht.log"
        self.start_tunnel(name="gerät", tables={"log": {"file": file.name}},
                          vnc=self.plain_service(accept=0))
        eventually(lambda: file.exists() and b"listening on" in file.read_bytes(), "the log begins")

    def test_the_password_s_file_that_a_variable_names(self):
        identity = self.authority.issue("localhost")
        key = self.folder / "schlüssel.key"
        peers.run("openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", identity.key, "-out", key, "-passout",
                  "pass:geheim", check=True)
        password = self.folder / "Paßwort.txt"
        password.write_text("geheim\n")
        password.chmod(0o600)
        tunnel = self.start_tunnel(env={"SECRET": password.name}, relay=dict(
            accept="127.0.0.1:0", connect=self.device().address, cert=identity.cert, key=key,
            key_password_file="${SECRET}"))
        tunnel.listening()

    def test_what_is_said_of_them(self):
        config = self.folder / "fernsicht-łódź.toml"
        config.write_text('[service.vnc]\nclient = true\naccept = 5999\nconnect = "relay.example:443"\n'
                          'ca = "behörde.pem"\n', encoding="utf-8")
        for words, said in ((["--test", "--config", config.name],
                             f'{config.name}:5:6: service "vnc": ca: there is no file behörde.pem'),
                            (["--test", "--config", f"{FOLDER}.toml"], f"{FOLDER}.toml: there is no such file")):
            with self.subTest(words):
                done = self.run_tunnel(*words)
                self.assertEqual(done.returncode, 2)
                self.assertEqual(done.stderr.splitlines()[0], said)


main()
