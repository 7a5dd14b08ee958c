# ctest: cost=20
# An upgrade switches a running tunnel to the newly installed program: no client is refused, and no connection is cut.
import os
import pathlib
import shutil
import signal
import threading
import time

from harness import Scenario, connect, eventually, half_close, main, receive_all
from harness.manager import Manager
from harness.programs import tunnel_command


class Visitors:
    """New connections at a steady rate, each of which sends a line and gets it back."""

    def __init__(self, port, rate=200):
        self.port, self.rate = port, rate
        self.served, self.failures, self.over = 0, [], False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        due = time.monotonic()
        while not self.over:
            due += 1 / self.rate
            time.sleep(max(0, due - time.monotonic()))
            try:
                with connect(self.port) as sock:
                    sock.sendall(b"hello\n")
                    if sock.recv(6) != b"hello\n":
                        raise ConnectionError("no answer")
                self.served += 1
            except OSError as error:
                self.failures.append(repr(error))

    def end(self):
        self.over = True
        self.thread.join()
        return self.failures


class Upgrade(Scenario):
    def setUp(self):
        super().setUp()
        self.program = self.folder / "bin" / "tunnel"
        self.program.parent.mkdir()
        shutil.copy(tunnel_command()[-1], self.program)
        self.before = os.environ["TUNNEL_BINARY"]
        os.environ["TUNNEL_BINARY"] = str(self.program)
        self.addCleanup(os.environ.__setitem__, "TUNNEL_BINARY", self.before)

    def install(self, content=None):
        """Puts another file where the program is, as a package does."""
        fresh = self.program.with_suffix(".new")
        if content is None:
            shutil.copy(self.before, fresh)
        else:
            fresh.write_text(content)
            fresh.chmod(0o755)
        fresh.rename(self.program)

    def successor_of(self, tunnel):
        """The process that has taken over, which is ended with the scenario."""
        def find():
            for child in pathlib.Path(f"/proc/{tunnel.pid}/task/{tunnel.pid}/children").read_text().split():
                if not pathlib.Path(f"/proc/{child}/cmdline").read_bytes().startswith(b"tunnel: worker"):
                    return int(child)
            return None
        process = eventually(find, "a new process")
        self.addCleanup(self.end_process, process)
        return process

    @staticmethod
    def end_process(process):
        """It is the child of a process that has ended."""
        assert process > 1, process
        gone = lambda: not pathlib.Path(f"/proc/{process}/exe").exists()
        if not gone():
            os.kill(process, signal.SIGTERM)
            eventually(gone, "the new process has ended")

    def visit(self, port, line):
        with connect(port) as sock:
            self.assert_echoes(sock, line)

    def test_under_load(self):
        status = self.folder / "status.sock"
        tunnel = self.tunnel(tables={"log": {"format": "json"}, "status": {"listen": f"unix:{status.name}"}},
                             relay=self.plain_service())
        port = tunnel.port()
        lasting = self.connect(port)
        self.assert_echoes(lasting, b"before")
        visitors = Visitors(port)
        time.sleep(0.5)
        self.install()
        done = self.run_tunnel("upgrade", "--config", tunnel.config)
        self.assertRegex(done.stdout, rf"^upgraded: process [1-9]\d* has taken over from {tunnel.pid}\n$", done.stderr)
        self.assertEqual(done.returncode, 0)
        process = self.successor_of(tunnel)
        tunnel.wait_log(rf"process {process} has taken over")
        time.sleep(0.5)
        self.assertEqual(visitors.end(), [])
        self.assertGreater(visitors.served, 100)
        self.assert_echoes(lasting, b"after")
        self.visit(port, b"new")
        self.assertIn("relay", self.run_tunnel("status", f"unix:{status.name}").stdout)
        # the old one ends with its last connection, and the new one can be replaced in turn
        half_close(lasting)
        self.assertEqual(receive_all(lasting), b"")
        self.assertEqual(tunnel.process.wait(60), 0)
        self.assertTrue(status.exists())
        again = self.run_tunnel("upgrade", "--config", tunnel.config)
        # one without connections may be gone before anybody looks
        self.assertRegex(again.stdout, rf"^upgraded: process [1-9]\d* has taken over from {process}\n$", again.stderr)
        last = int(again.stdout.split()[2])
        self.addCleanup(self.end_process, last)
        self.visit(port, b"the third")

    def test_a_program_that_does_not_start_changes_nothing(self):
        tunnel = self.tunnel(relay=self.plain_service())
        port = tunnel.port()
        for content, words in (("#!/bin/sh\nexit 3\n", "exited with status 3"),
                               ("#!/bin/sh\nkill -SEGV $$\n", "was killed by SIGSEGV"),
                               ("no program", "can't be started from .*: Exec format error")):
            with self.subTest(content):
                tunnel.lines.clear()
                self.install(content)
                done = tunnel_upgrade(self, tunnel)
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"not upgraded: process {tunnel.pid} keeps running\n    see its log for the reason", done.stderr)
                tunnel.wait_log(f"not upgraded: the new program {words}; the old one keeps running")
                self.visit(port, b"as before")
        # and so does a configuration with a mistake
        self.install()
        good = tunnel.config.read_text()
        tunnel.config.write_text("nonsense = [")
        self.assertEqual(tunnel_upgrade(self, tunnel).returncode, 1)
        tunnel.wait_log("exited with status 2")
        self.visit(port, b"still")
        tunnel.config.write_text(good)
        done = tunnel_upgrade(self, tunnel)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.addCleanup(self.end_process, int(done.stdout.split()[2]))
        self.visit(port, b"at last")

    def test_the_old_program_is_killed_meanwhile(self):
        tunnel = self.tunnel(relay=self.plain_service())
        self.install("#!/bin/sh\nkill -KILL $PPID\nexit 1\n")
        done = tunnel_upgrade(self, tunnel)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"not upgraded: process {tunnel.pid} has ended, and no other took over\n", done.stderr)
        tunnel.killed = True

    def test_the_service_manager_is_told_who_is_in_charge(self):
        manager = Manager(self.folder / "notify")
        self.addCleanup(manager.close)
        tunnel = self.tunnel(env=manager.environment(WATCHDOG_USEC="400000"), relay=self.plain_service())
        lasting = self.connect(tunnel.port())
        self.assert_echoes(lasting, b"open")
        tunnel.send_signal(signal.SIGUSR2)
        process = self.successor_of(tunnel)
        manager.wait("MAINPID", 1)
        self.assertEqual(manager.having("MAINPID"), [str(process)])
        self.assertEqual(manager.having("STOPPING"), [])
        self.assertEqual(len(manager.having("READY")), 2)
        lasting.close()

    def test_who_cannot_be_upgraded(self):
        tunnel = self.tunnel(tables={"log": {"format": "json"}, "process": {"sandbox": False}}, relay=self.plain_service())
        done = tunnel_upgrade(self, tunnel)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no tunnel that can be upgraded runs", done.stderr)
        self.assertIn("sandbox = false", done.stderr)
        tunnel.send_signal(signal.SIGUSR2)
        self.assert_echoes(self.connect(tunnel.port()), b"alive")
        self.assertEqual(self.run_tunnel("upgrade").returncode, 2)
        self.assertEqual(self.run_tunnel("upgrade", "--name", "nobody").returncode, 1)


def tunnel_upgrade(scenario, tunnel):
    """By the program under test: what lies at the tunnel's path may be anything."""
    there, os.environ["TUNNEL_BINARY"] = os.environ["TUNNEL_BINARY"], scenario.before
    try:
        return scenario.run_tunnel("upgrade", "--config", tunnel.config)
    finally:
        os.environ["TUNNEL_BINARY"] = there


main()
