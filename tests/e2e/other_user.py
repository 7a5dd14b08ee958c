# ctest: one_record_path
# Started by root, the program binds its ports, reads its keys and switches to another user, in all its threads.
import grp
import os
import pathlib
import pwd
import re
import signal
import socket
import ssl

from harness import Scenario, connect, free_port, main

NOBODY = pwd.getpwnam("nobody")
GROUP = grp.getgrgid(NOBODY.pw_gid).gr_name


class OtherUser(Scenario):
    """Only root can switch users; without root, only the refusal is tested, with a note in the output."""

    def tables(self, **process):
        return {"log": {"format": "json", "level": "debug"}, "process": process}

    def low_port(self):
        """A free port below 1024."""
        return next(port for port in range(1023, 600, -1) if self.is_free(port))

    @staticmethod
    def is_free(port):
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
                return True
            except OSError:
                return False

    def test_it_becomes_that_user(self):
        if os.geteuid() != 0:
            print("not root: that another user is taken is not shown", flush=True)
            tunnel = self.start_tunnel(tables=self.tables(user="root"), relay=self.plain_service())
            self.assertEqual(tunnel.wait(), 1)
            tunnel.wait_log("cannot .*: Operation not permitted; start it as root, or remove user and group")
            return
        self.folder.chmod(0o755)
        identity = self.authority.issue("localhost")
        identity.key.chmod(0o600)
        for process, gid, groups in ((dict(user="nobody"), NOBODY.pw_gid, {NOBODY.pw_gid}),
                                     (dict(user=str(NOBODY.pw_uid), group="daemon"), grp.getgrnam("daemon").gr_gid,
                                      {grp.getgrnam("daemon").gr_gid})):
            with self.subTest(process):
                tunnel = self.tunnel(tables=self.tables(workers=2, **process), relay=self.server_service(
                    self.device().address, identity, accept=f"127.0.0.1:{self.low_port()}"))
                for task in pathlib.Path(f"/proc/{tunnel.worker}/task").iterdir():
                    status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
                    self.assertEqual(status["Uid"].split(), [str(NOBODY.pw_uid)] * 4)
                    self.assertEqual(status["Gid"].split(), [str(gid)] * 4)
                    self.assertEqual({int(group) for group in status["Groups"].split()}, groups)
                    self.assertEqual(int(status["CapEff"], 16), 0)
                    self.assertEqual(int(status["CapPrm"], 16), 0)
                tunnel.wait_log(f"runs as user {NOBODY.pw_uid} and group {gid} from here on")

    def test_root_keeps_one_capability(self):
        if os.geteuid() != 0:
            print("not root: what root keeps is not shown", flush=True)
            return
        low = self.low_port()
        for accept, warned in ((f"0.0.0.0:{low}", True), (f"127.0.0.1:{low}", False)):
            with self.subTest(accept):
                tunnel = self.tunnel(tables={"log": {"format": "json"}}, relay=self.plain_service(accept=accept))
                for task in pathlib.Path(f"/proc/{tunnel.worker}/task").iterdir():
                    status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
                    for kind in ("CapPrm", "CapEff", "CapBnd"):
                        self.assertEqual(int(status[kind], 16), 1 << 10, kind)  # CAP_NET_BIND_SERVICE
                    self.assertEqual(int(status["CapInh"], 16) | int(status["CapAmb"], 16), 0)
                if warned:
                    tunnel.wait_event("sandbox", level="warn")
                told = [event["message"] for event in tunnel.events("sandbox", level="warn")]
                self.assertEqual([message.startswith("running as root ") for message in told], [True] * warned)
                # another low port comes with a reload
                tunnel.reload(tables={"log": {"format": "json"}},
                              relay=self.plain_service(accept=f"127.0.0.1:{self.low_port()}"))
                tunnel.stop()

    def test_capabilities_are_a_layer_of_the_sandbox(self):
        """This is what sandbox = false turns off, and nothing else here does."""
        if os.geteuid() != 0:
            print("not root: what root keeps is not shown", flush=True)
            return
        off = self.tunnel(tables=self.tables(sandbox=False), relay=self.plain_service())
        status = pathlib.Path(f"/proc/{off.worker}/status").read_text()
        own = pathlib.Path("/proc/self/status").read_text()
        kept = re.compile(r"^CapEff:.*$", re.MULTILINE)
        self.assertEqual(kept.search(status).group(), kept.search(own).group())

    def test_root_follows_no_link_to_its_log(self):
        if os.geteuid() != 0:
            print("not root: where root would write is not shown", flush=True)
            return
        self.folder.chmod(0o755)
        victim = self.folder / "victim"
        victim.write_text("untouched")
        for name, make in (("soft.log", lambda path: path.symlink_to(victim)), ("hard.log", lambda path: os.link(victim, path))):
            with self.subTest(name):
                make(self.folder / name)
                tunnel = self.start_tunnel(tables={"log": {"file": name}, "process": {"user": "nobody"}},
                                           relay=self.plain_service())
                self.assertEqual(tunnel.wait(), 1)
                self.assertIn("is a link, and root doesn't follow links", tunnel.log)
                self.assertEqual(victim.read_text(), "untouched")
                (self.folder / name).unlink()

    def test_a_reload_does_what_root_alone_can(self):
        if os.geteuid() != 0:
            print("not root: what root alone can do is not shown", flush=True)
            return
        self.folder.chmod(0o755)
        identity = self.authority.issue("localhost")
        service = self.server_service(self.device().address, identity, accept=f"127.0.0.1:{free_port()}")
        identity.key.chmod(0o600)
        tunnel = self.tunnel(tables=self.tables(user="nobody"), relay=service)
        worker = tunnel.worker
        self.assertNotEqual(worker, tunnel.pid)
        tunnel.config.chmod(0o600)
        low = self.low_port()
        tunnel.reload(tables=self.tables(user="nobody"), relay={**service, "accept": f"127.0.0.1:{low}"})
        self.assert_echoes(self.tls_to(low), b"at a port below 1024, with a key that root alone may read")
        self.assertEqual(tunnel.worker, worker)

    def test_without_a_keeper_what_root_alone_can_do_needs_a_restart(self):
        if os.geteuid() != 0:
            print("not root: what is lost with root is not shown", flush=True)
            return
        self.folder.chmod(0o755)
        identity, first = self.authority.issue("localhost"), free_port()
        service = self.server_service(self.device().address, identity, accept=f"127.0.0.1:{first}")
        identity.key.chmod(0o600)
        tables = self.tables(user="nobody", sandbox=False)
        tunnel = self.tunnel(tables=tables, relay=service)
        self.assertEqual(tunnel.worker, tunnel.pid)
        tunnel.config.chmod(0o644)
        tunnel.send_signal(signal.SIGHUP)
        tunnel.wait_log(r"cannot be read: permission denied; the tunnel gave root up after its start, and is user \d+ "
                        "now: let that one read it, or restart the tunnel")
        os.chown(identity.key, NOBODY.pw_uid, -1)
        tunnel.send_signal(signal.SIGHUP)
        tunnel.wait_event("reloaded")
        tunnel.rewrite(tables=tables, relay={**service, "accept": f"127.0.0.1:{self.low_port()}"})
        tunnel.send_signal(signal.SIGHUP)
        tunnel.wait_log("need root, which this program has given up after its start; restart it, or let the service "
                        r"manager hold the port \(socket activation\)")

    def tls_to(self, port):
        context = ssl.create_default_context(cafile=self.authority.ca)
        sock = context.wrap_socket(connect(port), server_hostname="localhost")
        self.addCleanup(sock.close)
        return sock

    def test_names_that_nobody_has(self):
        for process, words in (
                (dict(user="no-such-user"), 'no user "no-such-user" on this system\n    useradd'),
                (dict(group="no-such-group"), 'no group "no-such-group" on this system\n    groupadd')):
            tunnel = self.start_tunnel(tables=self.tables(**process), relay=self.plain_service())
            self.assertEqual(tunnel.wait(), 2)
            self.assertIn(words, tunnel.log)


main()
