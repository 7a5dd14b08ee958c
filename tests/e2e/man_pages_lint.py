# The man pages are clean mdoc, and name every option that the program's own help names.
# ctest: one_record_path
import pathlib
import re
import subprocess

from harness import Scenario, main, peers
from harness.net import PATIENCE
from harness.programs import tunnel_command

MAN = pathlib.Path(__file__).resolve().parents[2] / "man"


class ManPagesLint(Scenario):
    def mandoc(self, *words):
        done = subprocess.run([peers.find("mandoc"), *words], env=peers.environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
        return done.returncode, done.stdout

    def test_clean(self):
        pages = sorted(path for path in MAN.iterdir() if path.suffix[1:].isdigit())
        self.assertEqual([page.name for page in pages], ["tunnel-security.7", "tunnel.1", "tunnel.toml.5"])
        for page in pages:
            with self.subTest(page.name):
                status, complaints = self.mandoc("-T", "lint", "-W", "warning", str(page))
                self.assertEqual((status, complaints), (0, ""))

    def test_every_option_is_described(self):
        _, page = self.mandoc("-T", "utf8", str(MAN / "tunnel.1"))
        page = re.sub(r".\x08", "", page)
        usage = subprocess.run([*tunnel_command(), "--help"], stdout=subprocess.PIPE, text=True,
                               timeout=PATIENCE).stdout
        options = set(re.findall(r"--[a-z][a-z-]+", usage))
        self.assertIn("--config", options)
        self.assertEqual({option for option in options if option not in page}, set())


main()
