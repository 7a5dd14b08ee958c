# ctest: one_record_path
# The log as messages of syslog, to rsyslogd, to bare sockets and to systemd's journal, also when they restart.
import os
import re
import signal
import socket
import subprocess
import time

from harness import SANITIZED, Scenario, connect, eventually, free_port, main, namespace, syslog_daemons
from harness.net import receive_all
from harness.programs import tunnel_command

ALONE = namespace.enter()
BOM = "\ufeff"
if ALONE:
    syslog_daemons.own_run()
    syslog_daemons.own_dev()


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Syslog(Scenario):
    def begin(self, to, sandbox=True, log=None, port=None, **options):
        """Starts a plain relay to an echo device that logs there: (tunnel, port)."""
        port = port or free_port()
        self.service = self.plain_service(accept=f"127.0.0.1:{port}")
        tunnel = self.start_tunnel(tables=self.tables(to, sandbox, **(log or {})), relay=self.service, **options)
        self.wait_until_it_answers(port)
        return tunnel, port

    def wait_until_it_answers(self, port):
        eventually(lambda: self.answers(port), "it listens")

    def tables(self, to, sandbox=True, **log):
        return {"log": {**({"syslog": str(to)} if to else {"format": "json"}), **log}, "process": {"sandbox": sandbox}}

    def closes(self, daemon):
        return len(daemon.messages("close"))

    def assert_a_restart_loses_nothing(self, daemon, port):
        """Of what is logged while it is away, and after."""
        count = self.closes(daemon)
        daemon.stop()
        for _ in range(5):
            self.assertTrue(self.answers(port))
        daemon.start(daemon.ready)
        for _ in range(5):
            self.assertTrue(self.answers(port))
        eventually(lambda: self.closes(daemon) >= count + 10, lambda: f"{self.closes(daemon)} of {count + 10}")
        self.assertEqual(self.closes(daemon), count + 10, "none twice")
        self.assertEqual(daemon.messages("lost"), [])

    def test_rsyslog_at_a_unix_socket(self):
        for sandbox in (True, "strict"):
            with self.subTest(sandbox=sandbox):
                path = self.folder / f"{sandbox}.sock"
                daemon = syslog_daemons.rsyslog_at(self, path, f"rsyslog-{sandbox}")
                daemon.start(daemon.ready)
                tunnel, port = self.begin(f"unix:{path}", sandbox)
                eventually(lambda: self.closes(daemon) >= 1, "a connection is told")
                opened = daemon.messages("open")[0]
                self.assertEqual((opened["host"], opened["process"], opened["priority"]),
                                 (socket.gethostname(), str(tunnel.worker), "30"))
                data = dict(syslog_daemons.data_of(opened))
                self.assertEqual((data["service"], data["connection"]), ("relay", "1"))
                self.assertRegex(data["peer"], r"^127\.0\.0\.1:\d+$")
                self.assertTrue(opened["text"].startswith(f"{BOM}relay#1: open from 127.0.0.1:"), opened["text"])
                self.assertLess(abs(time.time() - time.mktime(time.strptime(opened["time"][:19], "%Y-%m-%dT%H:%M:%S"))),
                                86400)
                self.assert_a_restart_loses_nothing(daemon, port)
                self.assertEqual(tunnel.stop(), 0)
                eventually(lambda: daemon.messages("stopped"), "the last message is there")
                self.assertEqual(tunnel.log, "")
                daemon.stop()

    def test_rsyslog_over_udp(self):
        for sandbox in (True, "strict"):
            with self.subTest(sandbox=sandbox):
                to = free_udp_port()
                daemon = syslog_daemons.rsyslog_on(self, to, f"rsyslog-{to}")
                daemon.start(daemon.ready)
                tunnel, port = self.begin(f"localhost:{to}", sandbox)
                eventually(lambda: self.closes(daemon) >= 1, "a connection is told")
                tunnel.send_signal(signal.SIGUSR1)  # looks the name up again
                eventually(lambda: daemon.messages("status"), "in the sandbox, too")
                opened = daemon.messages("open")[0]
                self.assertEqual(dict(syslog_daemons.data_of(opened))["service"], "relay")
                self.assertTrue(opened["text"].startswith(f"{BOM}relay#1: open from "), opened["text"])
                daemon.stop()
                self.assertTrue(self.answers(port))  # lost: UDP doesn't tell
                daemon.start(daemon.ready)
                count = self.closes(daemon)

                def more():
                    self.assertTrue(self.answers(port))
                    return self.closes(daemon) > count

                eventually(more, "it is found again")
                self.assertEqual(tunnel.stop(), 0)
                daemon.stop()

    def test_the_system_socket_gets_the_line_that_its_daemons_read(self):
        if not ALONE:
            return
        daemon = syslog_daemons.rsyslog_at(self, "/dev/log", parser="")
        daemon.start(daemon.ready)
        tunnel, port = self.begin("unix:/dev/log")

        def opened():
            return [one for one in daemon.messages() if "open from" in one["text"]]

        eventually(opened, "a connection is told")
        self.assertRegex(opened()[0]["text"], r"^ relay#1: open from 127\.0\.0\.1:\d+ to ")
        self.assertEqual((opened()[0]["process"], opened()[0]["priority"]), (str(tunnel.worker), "30"))
        count = len(opened())
        daemon.stop()
        self.answers(port)
        daemon.start(daemon.ready)
        eventually(lambda: len(opened()) > count, "it is found again")
        self.assertEqual(tunnel.stop(), 0)
        daemon.stop()
        os.unlink("/dev/log") if os.path.exists("/dev/log") else None

    def test_the_journal_gets_fields(self):
        if not ALONE:
            return
        journal = syslog_daemons.Journal(self)
        self.addCleanup(journal.stop)
        tunnel, port = self.begin("unix:/run/systemd/journal/dev-log")
        eventually(lambda: journal.entries(tunnel, "open"), "a connection is told")
        entry = journal.entries(tunnel, "open")[0]
        self.assertEqual({key: entry[key] for key in ("PRIORITY", "SYSLOG_FACILITY", "TUNNEL_SERVICE",
                                                      "TUNNEL_CONNECTION", "_PID", "_TRANSPORT")},
                         {"PRIORITY": "6", "SYSLOG_FACILITY": "3", "TUNNEL_SERVICE": "relay",
                          "TUNNEL_CONNECTION": "1", "_PID": str(tunnel.worker), "_TRANSPORT": "journal"})
        self.assertRegex(entry["MESSAGE"], r"^relay#1: open from 127\.0\.0\.1:\d+ to ")
        self.assertRegex(entry["TUNNEL_PEER"], r"^127\.0\.0\.1:\d+$")
        journal.stop()
        self.answers(port)
        journal.start()
        eventually(lambda: len(journal.entries(tunnel, "open")) > 1, "it is found again")
        self.assertEqual(tunnel.stop(), 0)

    def test_standard_error_that_is_the_journal_s_stream(self):
        if not ALONE:
            return
        pipe = self.folder / "pipe"
        pipe.touch()
        status = os.stat(pipe)
        for fits, running in ((True, False), (False, False), (True, True), (False, True)):
            with self.subTest(fits=fits, running=running):
                pipe.write_text("")
                journal = syslog_daemons.Journal(self) if running else None
                stream = f"{status.st_dev}:{status.st_ino if fits else status.st_ino + 1}"
                tunnel, _ = self.begin(None, log={"format": "text"}, env={"JOURNAL_STREAM": stream},
                                       before=["sh", "-c", 'to=$1; shift; exec "$@" 2>>"$to"', "sh", pipe])
                self.assertEqual(tunnel.stop(), 0)
                lines = pipe.read_text().splitlines()
                for line in lines:
                    self.assertRegex(line, r"^<6>info  \w" if fits else r"^info  \w")
                self.assertEqual(len(lines) > 3, not (fits and running), lines)
                if fits and running:
                    self.assertEqual([one["TUNNEL_SERVICE"] for one in journal.entries(tunnel, "listening")], ["relay"])
                if journal:
                    journal.stop()

    def test_streams_by_octet_counting(self):
        path = self.folder / "streams.sock"
        daemon = syslog_daemons.Streams(path)
        self.addCleanup(lambda: daemon.close())
        tunnel, port = self.begin(f"unix:{path}")

        def told():
            return sum(re.match(r"<30>1 \S+ \S+ tunnel \d+ close \[", one) is not None for one in daemon.messages)

        eventually(lambda: told() == 1, "a connection is told")
        daemon.close()
        for _ in range(5):
            self.answers(port)
        daemon.listen()
        eventually(lambda: told() == 6, lambda: f"it is found again: {told()}")
        self.assertEqual(tunnel.stop(), 0)
        eventually(lambda: " stopped " in daemon.messages[-1], "the last message is there")

    def test_a_reload_changes_where_to(self):
        for sandbox in (True, "strict"):
            with self.subTest(sandbox=sandbox):
                first, second = (syslog_daemons.rsyslog_at(self, self.folder / f"{sandbox}-{name}.sock",
                                                           f"{sandbox}-{name}") for name in "ab")
                third = syslog_daemons.rsyslog_on(self, port := free_udp_port(), f"{sandbox}-c")
                for daemon in (first, second, third):
                    daemon.start(daemon.ready)
                tunnel, accept = self.begin(f"unix:{self.folder}/{sandbox}-a.sock", sandbox)
                for to, daemon in ((f"unix:{self.folder}/{sandbox}-b.sock", second), (f"127.0.0.1:{port}", third),
                                   (f"unix:{self.folder}/{sandbox}-a.sock", first)):
                    count = self.closes(daemon)
                    tunnel.rewrite(self.tables(to, sandbox), relay=self.service)
                    tunnel.send_signal(signal.SIGHUP)
                    eventually(lambda: daemon.messages("reloaded"), f"it logs to {to}")
                    self.assertTrue(self.answers(accept))
                    eventually(lambda: self.closes(daemon) > count, "and so do connections")
                # one for which the sandbox has no sockets
                streams = syslog_daemons.Streams(self.folder / f"{sandbox}-streams.sock")
                tunnel.rewrite(self.tables(f"unix:{streams.path}", sandbox), relay=self.service)
                tunnel.send_signal(signal.SIGHUP)
                if not SANITIZED:
                    eventually(lambda: [one for one in first.messages("reload") if "the log stays where it was; "
                                        "restart the tunnel to take it in" in one["text"]], "the mistake is told")
                streams.close()
                # one that isn't there
                tunnel.rewrite(self.tables(f"unix:{self.folder}/none.sock", sandbox), relay=self.service)
                tunnel.send_signal(signal.SIGHUP)
                eventually(lambda: [one for one in first.messages("reload") if "there is no such socket; the log stays "
                                    "where it was; start the syslog daemon" in one["text"]], "the mistake is told")
                self.assertEqual(tunnel.stop(), 0)
                for daemon in (first, second, third):
                    daemon.stop()

    def test_the_sandbox_refuses_a_socket_that_is_new_to_it(self):
        if SANITIZED:
            return
        path = self.folder / "later.sock"
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.bind(str(path))
        tunnel, port = self.begin(None)
        tunnel.rewrite(self.tables(f"unix:{path}"), relay=self.service)
        tunnel.send_signal(signal.SIGHUP)
        tunnel.wait_log("log: syslog: the sandbox has no UNIX sockets, since the configuration had none at the start; "
                        "restart the tunnel")
        self.assertTrue(self.answers(port))
        # a server needs no such socket
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(server.close)
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        tunnel.rewrite(self.tables(f"127.0.0.1:{server.getsockname()[1]}"), relay=self.service)
        tunnel.send_signal(signal.SIGHUP)
        self.assertIn(b" reloaded ", server.recv(9000))

    def test_with_datagrams_alone_the_sandbox_has_no_other_unix_sockets(self):
        if SANITIZED:
            return
        path = self.folder / "datagrams.sock"
        daemon = syslog_daemons.rsyslog_at(self, path)
        daemon.start(daemon.ready)
        tunnel, _ = self.begin(f"unix:{path}", env={"TUNNEL_TEST_SANDBOX": f"{path} {self.device().port}"})

        def attempts():
            return {(data["where"], data["operation"]): data["allowed"]
                    for data in (dict(syslog_daemons.data_of(one)) for one in daemon.messages("sandbox_self_test"))
                    if "where" in data}

        eventually(lambda: ("thread", "UNIX socket") in attempts(), "the attempts are told")
        self.assertEqual([attempts()[where, "UNIX socket"] for where in ("main", "thread")], ["0", "0"])
        self.assertEqual(tunnel.stop(), 0)
        daemon.stop()

    def test_a_daemon_that_hangs_stops_no_connection(self):
        path = self.folder / "hangs.sock"
        daemon = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(daemon.close)
        daemon.bind(str(path))
        tunnel, port = self.begin(f"unix:{path}")
        end = time.monotonic() + 6  # the sink gives up after 5
        count = 1
        with connect(port) as during:
            while time.monotonic() < end:
                self.assertTrue(self.answers(port))
                count += 1
            self.assert_echoes(during, b"no wait")
        count += 1
        self.assert_echoes_stream(port, 2 << 20)
        count += 1
        daemon.settimeout(0.1)
        received, lost = [], 0

        def all_told():
            nonlocal lost
            try:
                while True:
                    received.append(daemon.recv(9000).decode())
            except socket.timeout:
                pass
            lost = sum(int(re.search(r'count="(\d+)"', one).group(1)) for one in received if " lost [" in one)
            told = sum(re.match(r"<30>1 \S+ \S+ tunnel \d+ (open|close) ", one) is not None for one in received)
            return lost > 0 and told + lost >= 2 * count

        eventually(all_told, "each line is there or counted")
        why = r"lines? of the log (is|are) lost: (unix:.*/hangs\.sock: the receiver isn't reading|they came faster)"
        self.assertTrue(any(re.search(why, one) for one in received), [one for one in received if "lost" in one])
        tunnel.stop()

    def test_data_of_a_peer_is_escaped(self):
        path = self.folder / "peers.sock"
        daemon = syslog_daemons.rsyslog_at(self, path)
        daemon.start(daemon.ready)
        port = free_port()
        tunnel = self.start_tunnel(tables=self.tables(f"unix:{path}"), relay=self.server_service(
            self.device().address, accept=f"127.0.0.1:{port}"))
        eventually(lambda: daemon.messages("listening"), "it listens")
        evil = b'"] \\\xff\x1b[31m evil\n<0>1 - - tunnel - evil - evil\n'
        with self.connect(port) as client:
            client.sendall(evil + b"\r\n" * 20)
            receive_all(client)
        eventually(lambda: any(dict(syslog_daemons.data_of(one)).get("peer", "").startswith("127.0.0.1:")
                               for one in daemon.messages() if one["data"] != "-"), "the client is told")
        worker = tunnel.worker
        self.assertEqual(tunnel.stop(), 0)
        eventually(lambda: daemon.messages("stopped"), "the last message is there")
        failed, = daemon.messages("failed")
        self.assertEqual(dict(syslog_daemons.data_of(failed))["outcome"],
                         r'127.0.0.1 sent "\"] \\\xff\x1b[31m evil" instead of a TLS ClientHello')
        self.assertEqual([one for one in daemon.messages() if one["process"] != str(worker)], [])
        daemon.stop()

    def test_json(self):
        path = self.folder / "json.sock"
        daemon = syslog_daemons.rsyslog_at(self, path)
        daemon.start(daemon.ready)
        tunnel, _ = self.begin(f"unix:{path}", log={"format": "json"})
        eventually(lambda: daemon.messages("open"), "a connection is told")
        self.assertRegex(daemon.messages("open")[0]["text"],
                         BOM + r'\{"level":"info","event":"open","service":"relay","connection":1,.*\}$')
        self.assertEqual(tunnel.stop(), 0)
        daemon.stop()

    def test_mistakes_at_the_start(self):
        (self.folder / "file").touch()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.bind(str(self.folder / "stale.sock"))
        for to, words in (("unix:none.sock", "there is no such socket\n"
                                             "    start the syslog daemon, such as rsyslogd, or name"),
                          ("unix:file", "that is no socket\n    name the socket at which the syslog daemon listens"),
                          ("unix:stale.sock", "no program listens at this socket\n    start the syslog daemon"),
                          ("nowhere.invalid:514", "the name cannot be resolved: .*\n "
                                                  "   check it, or give the server's address")):
            with self.subTest(to):
                tunnel = self.start_tunnel(tables=self.tables(to), relay=self.plain_service("127.0.0.1:9"))
                self.assertEqual(tunnel.wait(), 1)
                self.assertRegex(tunnel.log, f"^tunnel: cannot log to {to}: {words}")

    def test_a_test_of_the_configuration_opens_nothing(self):
        path = self.folder / "quiet.sock"
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(sock.close)
        sock.bind(str(path))
        for to in (path, self.folder / "none.sock"):
            config = self.folder / "quiet.toml"
            config.write_text(f'[log]\nsyslog = "unix:{to}"\n[service.a]\ntls = false\naccept = 1\nconnect = "b:1"\n')
            done = subprocess.run([*tunnel_command(), "--config", str(config), "--test"], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
            self.assertEqual((done.returncode, "no mistakes" in done.stdout), (0, True), done.stdout)
        sock.setblocking(False)
        with self.assertRaises(BlockingIOError):
            sock.recv(1)


main()
