# All mistakes in a config file are reported at once, with their positions; --test reports the same and opens nothing.
# ctest: one_record_path portable
from harness import Scenario, main

BAD = """\
[log]
level = "loud"

[service.one]
client = true
acept = 5999
connect = "relay.example"

[service.two]
accept = 70000
connect = "127.0.0.1:5900"
cert = "absent.pem"
key = "absent.key"
idle_timeout = "30"

[service.three]
tls = false
accept = 2222
connect = []
"""
PLACES = {2: "loud", 6: "unknown key", 7: "port", 10: "70000", 12: "absent.pem", 13: "absent.key", 14: "30",
          19: "connect"}


class BadConfig(Scenario):
    def run_on(self, *options):
        done = self.run_tunnel(*options)
        return done.returncode, done.stderr, done.stdout

    def test_every_mistake_at_once(self):
        (self.folder / "bad.toml").write_text(BAD)
        for options in ((), ("--test",)):
            with self.subTest(options):
                status, errors, _ = self.run_on("--config", "bad.toml", *options)
                self.assertEqual(status, 2, errors)
                for line, word in PLACES.items():
                    self.assertRegex(errors, rf"(?m)^bad\.toml:{line}:\d+: .*{word}")
                for advice in ("did you mean accept?", 'connect = "relay.example:443"'):
                    self.assertIn(advice, errors)

    def test_files_that_are_no_config(self):
        (self.folder / "folder.toml").mkdir()
        (self.folder / "latin1.toml").write_bytes("# Gerät\n".encode("latin-1"))
        (self.folder / "empty.toml").write_text("")
        (self.folder / "broken.toml").write_text("[service.x\n")
        for name in ("absent.toml", "folder.toml", "latin1.toml", "empty.toml", "broken.toml"):
            with self.subTest(name):
                status, errors, _ = self.run_on("--config", name)
                self.assertEqual(status, 2, errors)
                self.assertIn(name, errors)

    def test_usage(self):
        for options in (("--no-such-option",), ("--config",), ()):
            with self.subTest(options):
                status, errors, _ = self.run_on(*options)
                self.assertEqual(status, 2, errors)
                self.assertNotEqual(errors, "")
        for options, word in ((("--version",), "tunnel"), (("-h",), "--config")):
            with self.subTest(options):
                status, errors, output = self.run_on(*options)
                self.assertEqual((status, errors), (0, ""))
                self.assertIn(word, output)

    def test_a_good_file_is_accepted_and_opens_nothing(self):
        held = self.listener()
        port = held.getsockname()[1]
        (self.folder / "good.toml").write_text(
            f'[service.ssh]\ntls = false\naccept = "127.0.0.1:{port}"\nconnect = "device.invalid:22"\n')
        status, errors, _ = self.run_on("--config", "good.toml", "--test")
        self.assertEqual(status, 0, errors)
        self.assertEqual(self.run_on("--config", "good.toml")[0], 1, "without --test it meets the busy port")


main()
