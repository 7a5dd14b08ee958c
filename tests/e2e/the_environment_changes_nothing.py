# The environment variables that tests use don't exist in the released program.
# ctest: one_record_path
import os
import pathlib

from harness import SANITIZED, Scenario, main, toml
from harness.programs import tunnel_command

WRONG = {"TUNNEL_TEST_RECORDS": "wrong", "TUNNEL_TEST_AEAD": "wrong", "TUNNEL_TEST_REKEY_AFTER": "wrong"}


class TheEnvironmentChangesNothing(Scenario):
    def start_with(self, command, **variables):
        toml.write(self.folder / "a.toml", {}, {"relay": self.plain_service(accept=0)})
        return self.start("tunnel", [*command, "--config", "a.toml"], env={**os.environ, **variables})

    def test_records(self):
        released = [os.environ["TUNNEL_RELEASED"]]
        for name, value in WRONG.items():
            with self.subTest(name):
                tried = self.start_with(tunnel_command(), **{name: value})
                self.assertEqual(tried.wait(), 2, "the program that tests run refuses a wish that it does not know")
                self.start_with(released, **{name: value}).wait_log("relay: listening on")

    def test_sandbox_and_core_dumps(self):
        tunnel = self.start_with([os.environ["TUNNEL_RELEASED"]], TUNNEL_TEST_INSPECTABLE="1",
                                 TUNNEL_TEST_SANDBOX="/etc/hostname 1")
        tunnel.wait_log("relay: listening on")
        if not SANITIZED:
            limits = pathlib.Path(f"/proc/{tunnel.worker}/limits").read_text()
            self.assertRegex(limits, r"Max core file size +0 +0 ")
        tunnel.stop()
        self.assertNotIn("escape", tunnel.log)
        self.assertNotIn("all is tried", tunnel.log)


main()
