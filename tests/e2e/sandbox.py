# ctest: one_record_path
# Once it listens, the program can open, write, execute and reach only what it needs; reloads work inside the sandbox.
import ctypes
import os
import pathlib
import platform
import signal
import sys
import tempfile

from harness import SANITIZED, Identity, Scenario, eventually, free_port, main

OLDER_KERNEL = pathlib.Path(__file__).resolve().parent / "harness/older_kernel.py"
ELSEWHERE = ("open", "write", "create", "remove")
# denied whatever the configuration says
NEVER = ("raw socket", "packet socket", "vsock", "MPTCP", "UDP-Lite", "ping", "UNIX socket", "mode", "code of a file",
         "dumpable", "limits of another", "fork", "ptrace", "namespace", "code", "io_uring", "exec")


def landlock():
    """The version of the kernel's Landlock, or 0 without it."""
    return max(0, ctypes.CDLL(None, use_errno=True).syscall(444, None, 0, 1))


class Sandbox(Scenario):
    """If this kernel lacks a layer, the test prints that and checks the log message for it."""

    def setUp(self):
        self.elsewhere = pathlib.Path(tempfile.mkdtemp(prefix="elsewhere-"))
        self.addCleanup(os.rmdir, self.elsewhere)
        self.secret = self.elsewhere / "secret"
        for name in (self.secret, self.elsewhere / "secret.victim"):
            name.write_text("secret")
        self.addCleanup(lambda: [name.unlink() for name in self.elsewhere.iterdir()])
        self.landlock = 0 if SANITIZED else landlock()
        if not self.landlock:
            self.not_tried("no Landlock here, or a sanitizer: that files are hidden is not shown")
        if SANITIZED:
            print("a sanitizer: that system calls are refused is not shown", flush=True)

    def tables(self, **process):
        return {"log": {"format": "json", "level": "debug"}, "process": process}

    def plain(self, accept=0, device=None, **keys):
        return self.plain_service((device or self.device()).address, accept=accept, **keys)

    def attempts(self, **process):
        """{(thread, operation): whether it worked}, and the tunnel, which serves all the same."""
        device = self.device()
        tunnel = self.start_tunnel(env={"TUNNEL_TEST_SANDBOX": f"{self.secret} {self.device().port}"},
                                   tables=self.tables(**process), relay=self.plain(device=device))
        if process.get("sandbox") is False:
            tunnel.wait()  # the program that it executed has ended
        else:
            tunnel.wait_event("sandbox_self_test", operation="end")
            self.assert_echoes(self.connect(tunnel.port()), b"serves all the same")
        return {(event["where"], event["operation"]): event["allowed"] == 1
                for event in tunnel.events("sandbox_self_test") if "where" in event}

    def test_nothing_elsewhere(self):
        if SANITIZED:
            tunnel = self.tunnel(relay=self.plain())
            tunnel.wait_log("sandbox: missing: a build with sanitizers")
            return
        attempts = self.attempts()
        operations = NEVER + (ELSEWHERE if self.landlock else ()) + (("signal",) if self.landlock >= 6 else ())
        forbidden = [(where, operation) for where in ("main", "thread") for operation in operations]
        self.assertEqual({key: attempts[key] for key in forbidden}, {key: False for key in forbidden})
        self.assertTrue(attempts["main", "connect"], "a reload may bring other targets")
        self.assertTrue(attempts["main", "process group"], "a terminal's row depends on it")
        self.assertEqual(sorted(path.name for path in self.elsewhere.iterdir()), ["secret", "secret.victim"])

    def test_strict_keeps_to_its_ports(self):
        if SANITIZED:
            return
        attempts = self.attempts(sandbox="strict")
        if self.landlock >= 4:
            self.assertFalse(attempts["main", "connect"])
            self.assertFalse(attempts["thread", "connect"])
        else:
            print("Landlock below 4: that ports are fixed is not shown", flush=True)

    def test_without_it_the_same_attempts_work(self):
        """Otherwise the tests above would prove nothing."""
        if SANITIZED:
            return
        attempts = self.attempts(sandbox=False)
        for operation in ("open", "write", "create", "remove", "connect", "fork", "signal", "code", "UNIX socket", "mode",
                          "code of a file", "dumpable"):
            self.assertTrue(attempts["main", operation], operation)
        self.assertNotIn(("main", "exec"), attempts, "it has become another program")

    def test_each_part_is_said(self):
        tunnel = self.tunnel(tables=self.tables(), relay=self.plain())
        if SANITIZED or not self.landlock:
            tunnel.wait_log("sandbox: missing: ")
        said = [event["message"] for event in tunnel.events("sandbox")]
        if SANITIZED:
            return self.assertEqual(len(said), 1)
        self.assertTrue(any("no new privileges" in words for words in said), said)
        self.assertTrue(any("system calls by seccomp" in words for words in said), said)
        files = "files by Landlock, version" if self.landlock else "missing: files are not restricted"
        self.assertTrue(any(files in words for words in said), said)
        status = pathlib.Path(f"/proc/{tunnel.worker}/status").read_text()
        self.assertIn("NoNewPrivs:\t1", status)
        self.assertIn("Seccomp:\t2", status)
        for task in pathlib.Path(f"/proc/{tunnel.worker}/task").iterdir():
            self.assertIn("Seccomp:\t2", (task / "status").read_text(), "every thread")
        usual = self.tunnel(name="usual", tables={"log": {"format": "json"}}, relay=self.plain())
        self.assertEqual(usual.events()[0]["event"], "listening", "what nobody asked about comes later")
        off = self.tunnel(tables=self.tables(sandbox=False), relay=self.plain())
        self.assertEqual([event["message"] for event in off.events("sandbox")],
                         ["sandbox: off, as the configuration says"])
        self.assertIn("Seccomp:\t0", pathlib.Path(f"/proc/{off.worker}/status").read_text())

    def test_a_kernel_without_a_part_is_no_hindrance(self):
        if SANITIZED:
            return
        seccomp = {"x86_64": 317, "aarch64": 277}[platform.machine()]
        for numbers, missing, holds in (((444,), "files are not restricted: this kernel has no Landlock", "seccomp"),
                                        ((seccomp,), "system calls are not restricted: this kernel has no seccomp",
                                         "no new privileges"),
                                        ((444, seccomp), "this kernel has no Landlock", "no new privileges")):
            with self.subTest(numbers):
                tunnel = self.tunnel(before=[sys.executable, "-B", OLDER_KERNEL, *numbers, "--"],
                                     tables=self.tables(), relay=self.plain())
                tunnel.wait_log(missing)
                said = [event["message"] for event in tunnel.events("sandbox")]
                self.assertTrue(any("missing: " in words and missing in words for words in said), said)
                self.assertTrue(any(holds in words for words in said), said)
                self.assert_echoes(self.connect(tunnel.port()), b"serves all the same")

    def test_a_reload_takes_new_certificates_and_new_files(self):
        old, new = self.authority.issue("localhost"), self.authority.issue("localhost")
        device = self.device()
        far = self.tunnel(name="far", relay=self.server_service(device.address, old))
        near = self.tunnel(name="near", viewer=self.client_service(f"localhost:{far.port()}"))
        self.assert_echoes(self.connect(near.port()), b"before")
        # a file created later, and one replaced by a rename
        (self.folder / "later.pem").write_bytes(new.cert.read_bytes())
        (self.folder / "later.key").write_bytes(new.key.read_bytes())
        fresh = self.folder / "fresh"
        fresh.write_bytes(self.authority.ca.read_bytes())
        fresh.rename(self.authority.ca)
        later = Identity(self.folder / "later.pem", self.folder / "later.key")
        far.reload(relay=self.server_service(device.address, later))
        near.reload(viewer=self.client_service(f"localhost:{far.port()}"))
        self.assert_echoes(self.connect(near.port()), b"after")
        # names are still resolved, and a new port can be used
        other = self.device()
        near.reload(viewer=self.plain_service(f"localhost:{other.port}", accept=free_port()))

    def test_a_link_that_is_turned_elsewhere_in_its_folder_is_followed(self):
        identity = self.authority.issue("localhost")
        live, archive = self.folder / "outside" / "live", self.folder / "outside" / "archive"
        for folder in (live, archive):
            folder.mkdir(parents=True)

        def issue(number):
            for name, source in (("cert", identity.cert), ("key", identity.key)):
                (archive / f"{name}{number}.pem").write_bytes(source.read_bytes())
                (live / f"{name}.new").symlink_to(f"../archive/{name}{number}.pem")
                (live / f"{name}.new").rename(live / f"{name}.pem")

        issue(1)
        home = self.folder / "home"
        home.mkdir()
        service = dict(accept="127.0.0.1:0", connect=self.device().address, cert=live / "cert.pem",
                       key=live / "key.pem")
        tunnel = self.tunnel(relay=service)
        issue(2)
        tunnel.reload(relay=service)

    def test_what_lies_beyond_is_refused_in_words_that_name_the_restart(self):
        if not self.landlock:
            return
        identity, device = self.authority.issue("localhost"), self.device()
        for name, source in (("cert.pem", identity.cert), ("key.pem", identity.key)):
            (self.elsewhere / name).write_bytes(source.read_bytes())
        tunnel = self.tunnel(relay=self.plain(device=device))
        port = tunnel.port()
        tunnel.reload("reload", {"log": {"format": "json", "file": str(self.elsewhere / "log")}},
                      relay=self.plain(device=device))
        tunnel.wait_log("has nothing written in .*restart the tunnel")
        tunnel.wait_log("everything goes on as before")
        self.assert_echoes(self.connect(port), b"as before")
        # the keeper reads and binds, and is not in the sandbox
        tunnel.reload(relay=dict(accept=free_port(), connect=device.address, cert=str(self.elsewhere / "cert.pem"),
                                 key=str(self.elsewhere / "key.pem")))
        tunnel.reload(relay=self.plain(f"unix:{self.elsewhere}/a.sock", device))
        self.assert_echoes(self.connect_unix(self.elsewhere / "a.sock"), b"in a folder that the sandbox hides")

    def test_strict_refuses_other_ports_in_words(self):
        device = self.device()
        tunnel = self.tunnel(tables=self.tables(sandbox="strict"), relay=self.plain(device=device))
        port, other = tunnel.port(), self.device()
        self.assert_echoes(self.connect(port), b"its own port")
        tunnel.reload("reload", self.tables(sandbox="strict"), relay=self.plain(device=other))
        tunnel.wait_log(r"connect: port \d+ was not in the configuration at the start")
        self.assert_echoes(self.connect(port), b"as before")
        # the keeper binds
        fresh = free_port()
        tunnel.reload(tables=self.tables(sandbox="strict"), relay=self.plain(fresh, device))
        self.assert_echoes(self.connect(fresh), b"another port")
        tunnel.reload(tables=self.tables(sandbox="strict"), relay=self.plain(device=device, idle_timeout="1h"))

    def test_the_log_is_opened_anew_and_sockets_come_and_go(self):
        logs = self.folder / "logs"
        logs.mkdir()
        tables = {"log": {"format": "json", "file": str(logs / "a.log")}}
        tunnel = self.start_tunnel(tables=tables, relay=self.plain("unix:a.sock"))
        eventually(lambda: (logs / "a.log").exists() and "listening" in (logs / "a.log").read_text(),
                   "it listens")
        (logs / "a.log").rename(logs / "a.log.1")
        tunnel.rewrite(relay=self.plain("unix:b.sock"))
        tunnel.send_signal(signal.SIGHUP)
        eventually(lambda: (logs / "a.log").exists() and "reloaded" in (logs / "a.log").read_text(), "a new file")
        self.assertFalse((self.folder / "a.sock").exists())
        self.assert_echoes(self.connect_unix(self.folder / "b.sock"), b"made inside")

    def test_first_use_is_remembered_inside(self):
        far = self.tunnel(name="far", relay=self.server_service(self.device().address))
        state = self.folder / "state"
        near = self.tunnel(name="near", env={"XDG_STATE_HOME": str(state)}, viewer=dict(
            client=True, accept=0, connect=f"localhost:{far.port()}", verify="first-use"))
        self.assert_echoes(self.connect(near.port()), b"met")
        self.assertIn(f"localhost:{far.port()} sha256:", (state / "tunnel" / "known_servers").read_text())

    def test_changes_of_process_say_that_they_need_a_restart(self):
        tunnel = self.tunnel(relay=self.plain())
        tunnel.reload(tables=self.tables(sandbox=False), relay=self.plain())
        tunnel.wait_log(r"user, group and sandbox change with a restart only")


main()
