# ctest: one_record_path
# Secrets reach no core dump and none of the user's other processes: core dumps are off before a key is read.
import os
import pathlib
import resource
import signal
import subprocess
import sys

from harness import SANITIZED, Scenario, main, toml
from harness.programs import tunnel_command


class CoreDumps(Scenario):
    def test_no_core_is_written(self):
        if SANITIZED:
            print("a sanitizer: core dumps are as the system has them", flush=True)
            return
        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        if hard == 0:
            print("core dumps are forbidden here already: only the limit and the mark of the process are shown", flush=True)
        limit = f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_CORE, ({hard}, {hard})); " \
                "os.execvp(sys.argv[1], sys.argv[1:])"
        prefix = [sys.executable, "-c", limit]
        toml.write(self.folder / "a.toml", {},
                   {"relay": self.plain_service(accept=0)})
        tunnel = self.start("tunnel", [*prefix, *tunnel_command(), "--config", "a.toml"])
        tunnel.wait_log("relay: listening on")
        limits = pathlib.Path(f"/proc/{tunnel.worker}/limits").read_text()
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        self.assertEqual(os.stat(f"/proc/{tunnel.worker}/fd").st_uid, 0, "a process that is not dumpable is root's to see")
        cores = self.cores(prefix)
        tunnel.send_signal(signal.SIGSEGV)
        self.assertEqual(tunnel.wait(), -signal.SIGSEGV)
        if cores:
            self.assertEqual(list(self.folder.glob("*core*")), [])
        else:
            print("core dumps go elsewhere or nowhere here: that none is written is not shown", flush=True)

    def cores(self, prefix):
        """Crashes another program in the same folder; returns the core files it left, after removing them."""
        victim = subprocess.Popen([*prefix, "sleep", "60"], cwd=self.folder)
        while "sleep" not in pathlib.Path(f"/proc/{victim.pid}/cmdline").read_text().split("\0")[0]:
            pass
        victim.send_signal(signal.SIGSEGV)
        victim.wait()
        left = list(self.folder.glob("*core*"))
        for path in left:
            path.unlink()
        return left


main()
