# The man pages are clean mdoc and describe every option that --help shows.
# ctest: one_record_path
import pathlib
import re
import subprocess

from harness import Scenario, main, peers

MAN = pathlib.Path(__file__).resolve().parents[2] / "man"


class ManPagesLint(Scenario):
    def mandoc(self, *words):
        done = peers.run("mandoc", *words, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def test_clean(self):
        pages = sorted(path for path in MAN.iterdir() if path.suffix[1:].isdigit())
        self.assertEqual([page.name for page in pages], ["tunnel-security.7", "tunnel.1", "tunnel.toml.5"])
        for page in pages:
            with self.subTest(page.name):
                status, complaints = self.mandoc("-T", "lint", "-W", "warning", str(page))
                self.assertEqual((status, complaints), (0, ""))

    def rendered(self, name):
        _, page = self.mandoc("-T", "utf8", str(MAN / name))
        return re.sub(r".\x08", "", page)

    def test_what_a_reader_sees(self):
        """Quotation marks are balanced, and each line of the synopsis begins with the command."""
        keys = re.findall(r"^ {5}[a-z_, ]+ = .*$", self.rendered("tunnel.toml.5"), re.MULTILINE)
        self.assertGreater(len(keys), 30)
        for key in keys:
            self.assertEqual(re.sub(r"“[^“”]+”", "", key).strip("“”"), re.sub(r"“[^“”]+”", "", key), key)
            self.assertNotRegex(key, "“[^”]*“|””")
        synopsis = self.rendered("tunnel.1").split("SYNOPSIS")[1].split("DESCRIPTION")[0]
        commands = set(re.findall(r"^ {5}tunnel ([a-z]+)", synopsis, re.MULTILINE))
        self.assertEqual(commands, {"client", "server", "run", "check", "keygen", "pin", "install", "uninstall", "status", "upgrade"})

    def test_every_option_is_described(self):
        page = self.rendered("tunnel.1")
        options = set(re.findall(r"--[a-z][a-z-]+", self.run_tunnel("--help").stdout))
        self.assertIn("--config", options)
        self.assertEqual({option for option in options if option not in page}, set())


main()
