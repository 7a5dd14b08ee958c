# The status of a running tunnel, by curl, by a UNIX socket and by `tunnel status`; who is refused, and limits on abuse.
# ctest: one_record_path portable
# ctest: timeout=240
import json
import re
import signal
import stat
import time

from harness import Scenario, connect, main, metrics, peers
from harness.net import free_port, receive_all
from harness.programs import SANITIZED, eventually, tunnel_command

LOG = {"format": "json", "level": "debug"}


class Status(Scenario):
    def with_status(self, listen="127.0.0.1:0", **services):
        """(a tunnel that serves its status at `listen`, the port or path of that)."""
        tunnel = self.tunnel(tables={"log": LOG, "status": {"listen": listen}}, **services)
        return tunnel, self.place(tunnel)

    def place(self, tunnel):
        where = tunnel.wait_event("status")["listen"][0]
        return where.removeprefix("unix:") if where.startswith("unix:") else int(where.rsplit(":", 1)[1])

    def curl(self, where, path, *options):
        """Asks with curl: (status, headers as a dict, body)."""
        base = f"http://127.0.0.1:{where}" if isinstance(where, int) else "http://localhost"
        place = ["--unix-socket", where] if isinstance(where, str) else []
        done = peers.run("curl", "--silent", "--show-error", "--include", "--noproxy", "*", *place, *options, base + path)
        self.assertEqual(done.returncode, 0, done.stderr)
        head, _, body = done.stdout.partition("\n\n")
        first, *lines = head.splitlines()
        return int(first.split()[1]), {key.lower(): value for key, value in (line.split(": ", 1) for line in lines)}, body

    def status(self, where):
        code, headers, body = self.curl(where, "/status")
        self.assertEqual((code, headers["content-type"]), (200, "application/json"))
        return json.loads(body)

    def service(self, where, name):
        return next(service for service in self.status(where)["services"] if service["service"] == name)

    def show(self, *words):
        """Runs `tunnel status`: (exit status, stdout, stderr)."""
        done = self.run_tunnel("status", *words)
        return done.returncode, done.stdout, done.stderr

    def test_every_route(self):
        identity = self.authority.issue("localhost")
        tunnel, port = self.with_status(relay=self.server_service(self.device().address, identity),
                                        ssh=self.plain_service())
        client = self.connect(tunnel.port("ssh"))
        self.assert_echoes(client, b"x" * 1000)
        with self.connect(tunnel.port("relay")) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            stranger.recv(100)
        tunnel.wait_event("failed", service="relay")

        document = eventually(lambda: (found := self.status(port)) and found["log_warnings"] and found, "it knows")
        ssh, relay = (next(s for s in document["services"] if s["service"] == name) for name in ("ssh", "relay"))
        self.assertEqual((ssh["mode"], ssh["state"], ssh["accepted"], ssh["opened"], ssh["open"], ssh["failed"]),
                         ("plain", "open", 1, 1, 1, 0))
        self.assertEqual((ssh["up"], ssh["down"]), (1000, 1000))
        self.assertEqual((relay["mode"], relay["opened"], relay["failed"]), ("server", 0, 1))
        self.assertEqual(relay["certificate"]["subject"], "CN=localhost")
        self.assertGreater(relay["certificate"]["seconds_left"], 300 * 86400)
        self.assertNotIn("certificate", ssh)
        one, = document["connections"]
        self.assertEqual((one["service"], one["connection"], one["open"], one["up"]), ("ssh", 1, True, 1000))
        self.assertEqual(one["peer"], "%s:%d" % client.getsockname())
        self.assertIn("instead of a TLS ClientHello", document["recent"][0]["message"])

        code, headers, body = self.curl(port, "/metrics")
        self.assertEqual((code, headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        samples = metrics.parse(body)
        for name, labels, expected in (
                ("tunnel_transferred_bytes_total", {"service": "ssh", "direction": "up"}, 1000),
                ("tunnel_connections_open", {"service": "ssh"}, 1),
                ("tunnel_connections_failed_total", {"service": "relay"}, 1),
                ("tunnel_service_accepting", {"service": "relay"}, 1),
                ("tunnel_log_lost_lines_total", {}, 0)):
            self.assertEqual(metrics.value(samples, name, **labels), expected, name)
        self.assertGreater(metrics.value(samples, "tunnel_certificate_expiry_timestamp_seconds", service="relay"),
                           time.time())
        self.assertLess(abs(metrics.value(samples, "tunnel_start_time_seconds") - time.time()), 3600)

        self.assertEqual(self.curl(port, "/health")[::2], (200, "ok\n"))
        code, headers, page = self.curl(port, "/")
        self.assertEqual((code, headers["content-type"]), (200, "text/html; charset=utf-8"))
        self.assertIn("default-src 'none'", headers["content-security-policy"])
        self.assertNotEqual(headers["content-security-policy"], self.curl(port, "/")[1]["content-security-policy"])
        self.assertNotIn("://", page, "no outside resource")
        self.assertEqual(self.curl(port, "/etc/passwd")[0], 404)
        self.assertEqual(self.curl(port, "/status", "--request", "POST", "--data", "x" * 5000)[0], 405)
        everything = json.dumps(document) + body + page
        self.assertNotIn("PRIVATE KEY", everything)
        self.assertNotIn(str(identity.key), everything)

    def test_counts_go_on_when_connections_end(self):
        tunnel, port = self.with_status(ssh=self.plain_service())
        for number in range(1, 9):
            with self.connect(tunnel.port()) as client:
                self.assert_echoes(client, b"x" * 100)
                found = eventually(lambda: (s := self.service(port, "ssh"))["opened"] == number and s, "it is counted")
                self.assertEqual(found["up"], number * 100)
        eventually(lambda: self.service(port, "ssh")["current"] == 0, "all are gone")
        found = self.service(port, "ssh")
        self.assertEqual((found["opened"], found["open"], found["up"], found["down"]), (8, 0, 800, 800))

    def test_other_hosts_are_refused(self):
        tunnel, port = self.with_status(ssh=self.plain_service())
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", ""):
            self.assertEqual(self.curl(port, "/status", "--header", f"Host: {host}" if host else "Host;")[0], 403, host)
        for host in (f"localhost:{port}", f"[::1]:{port}"):
            self.assertEqual(self.curl(port, "/status", "--header", f"Host: {host}")[0], 200, host)

    def test_when_a_service_closes(self):
        _, port = self.with_status(short=self.plain_service(open_for="30m"), ever=self.plain_service())
        short = self.service(port, "short")
        self.assertTrue(1700 < short["seconds_left"] <= 1800, short)
        self.assertRegex(short["closes"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertNotIn("closes", self.service(port, "ever"))
        table = self.show(f"127.0.0.1:{port}")[1]
        self.assertRegex(table, r"(?m)^short +open, closes in (30m00|29m\d\d)s ")
        self.assertRegex(table, r"(?m)^ever +open +127")
        self.assertIn("closes in", self.curl(port, "/")[2])
        self.assertIn('tunnel_service_close_timestamp_seconds{service="short"}', self.curl(port, "/metrics")[2])

    def test_a_unix_socket(self):
        path = self.folder / "status.sock"
        tunnel, where = self.with_status(f"unix:{path.name}", ssh=self.plain_service())
        self.assertEqual(where, path.name)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(self.curl(str(path), "/health")[::2], (200, "ok\n"))
        # a socket that another program listens at is left alone
        second = self.start_tunnel(name="second", tables={"log": LOG, "status": {"listen": f"unix:{path.name}"}},
                                   ssh=self.plain_service())
        self.assertEqual(second.wait(), 1)
        second.wait_log("another program listens there")
        self.assertEqual(self.curl(str(path), "/health")[0], 200)
        code, table, words = self.show("unix:status.sock")
        self.assertEqual((code, words), (0, ""))
        self.assertRegex(table, r"(?m)^ssh +open +127\.0\.0\.1:\d+ ")
        # a stale socket is replaced
        tunnel.kill()
        self.programs.remove(tunnel)
        self.assertTrue(path.exists())
        third, _ = self.with_status(f"unix:{path.name}", ssh=self.plain_service())
        self.assertEqual(self.curl(str(path), "/health")[0], 200)
        self.assertEqual(third.stop(), 0)
        self.assertFalse(path.exists(), "it is removed at the end")

    def _end(self, tunnel):
        if tunnel in self.programs:
            super()._end(tunnel)

    def test_another_program_at_its_address_has_no_say_over_the_terminal(self):
        def answer(sock):
            sock.recv(1000)
            body = b"\x1b]0;owned\x07first\nsecond \x9b2J\r\n"
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        for words in ([], ["--json"]):
            code, text, _ = self.show(f"127.0.0.1:{self.device(answer).port}", *words)
            self.assertEqual((code, text.count("\n")), (0, 2))
            self.assertRegex(text, r"^\\x1b\]0;owned\\x07first\nsecond ")
            self.assertFalse(set(text) & set(map(chr, [*range(10), *range(11, 32), *range(127, 160)])), text)

    def test_tunnel_status(self):
        port = free_port()
        tunnel, _ = self.with_status(f"127.0.0.1:{port}", vnc=self.plain_service(), ssh=self.plain_service())
        client = self.connect(tunnel.port("vnc"))
        self.assert_echoes(client, b"x" * 1234)
        for words in (["--config", tunnel.config], [f"127.0.0.1:{port}"], [f"localhost:{port}"]):
            code, table, errors = self.show(*words)
            self.assertEqual((code, errors), (0, ""), words)
            self.assertRegex(table, r"(?m)^vnc +open .* 1 +1 +0 +1\.2 kB +1\.2 kB")
            self.assertRegex(table, rf"(?m)^vnc#1 +127\.0\.0\.1:{client.getsockname()[1]} ")
        self.assertEqual(json.loads(self.show("--json", f"127.0.0.1:{port}")[1])["services"][1]["service"], "ssh")
        watcher = self.start("watcher", [*tunnel_command(), "status", "--watch", "--config", tunnel.config])
        # traffic falls between two samples, whenever they are taken
        eventually(lambda: self.assert_echoes(client, b"y" * 10000) or (
            watcher.output.count("service ") >= 3 and re.search("[kM]B/s", watcher.output)), "it is told again")
        client.close()
        tunnel.stop()
        self.assertEqual(watcher.wait(), 1)
        self.assertIn(f"nobody answers at 127.0.0.1:{port}", watcher.log)
        code, _, errors = self.show("--config", tunnel.config)
        self.assertEqual(code, 1)
        self.assertIn("is the tunnel running", errors)
        for words, why in (([], "say which tunnel is meant"), (["192.0.2.1"], "has no port"),
                           (["--config", "none.toml"], "there is no such file")):
            code, _, errors = self.show(*words)
            self.assertEqual(code, 2, words)
            self.assertIn(why, errors)
        tunnel.config.write_text("[service.a]\ntls = false\naccept = 5999\nconnect = 'a:1'\n")
        self.assertIn("has no [status] listen", self.show("--config", tunnel.config)[2])

    def test_a_reload_adds_moves_and_removes_it(self):
        first, second = free_port(), free_port()
        tunnel = self.tunnel(ssh=self.plain_service())

        def reload(listen):
            before = len(tunnel.events("reloaded")) + len(tunnel.events("reload", level="error"))
            tunnel.rewrite({"log": LOG, **({"status": {"listen": listen}} if listen else {})}, **tunnel.services)
            tunnel.send_signal(signal.SIGHUP)
            tunnel.wait_for(lambda: len(tunnel.events("reloaded")) + len(tunnel.events("reload", level="error")) > before,
                            "it has read the file")

        with self.connect(tunnel.port()) as during:
            reload(f"127.0.0.1:{first}")
            self.assertEqual(self.curl(first, "/health")[0], 200)
            reload(f"127.0.0.1:{first}")
            self.assertTrue(self.status(first)["last_reload_good"])
            # an address in use: nothing changes, and the metric reports the failed reload
            taken = self.device()
            reload(taken.address)
            tunnel.wait_log(r"\[status\] listen: cannot listen on 127\.0\.0\.1:\d+: the port is")
            tunnel.wait_log("everything goes on as before")
            eventually(lambda: not self.status(first)["last_reload_good"], "it says so")
            samples = metrics.parse(self.curl(first, "/metrics")[2])
            self.assertEqual(metrics.value(samples, "tunnel_config_last_reload_successful"), 0)
            reload(f"127.0.0.1:{second}")
            self.assertEqual(self.service(second, "ssh")["accepted"], 1)
            self.assertRaises(ConnectionRefusedError, connect, first)
            reload(None)
            self.assertRaises(ConnectionRefusedError, connect, second)
            self.assert_echoes(during, b"all the time")

    def test_a_thousand_silent_sockets_hurt_nobody(self):
        self.allow_open_files(1400)
        tunnel, port = self.with_status(ssh=self.plain_service())
        self.assertEqual(self.curl(port, "/health")[0], 200)
        files = tunnel.open_files()
        beginnings = (b"", b"GET /status HTTP/1.1\r\nX: ", b"\x16\x03\x01", b"\r\n\r\n\r\n")
        for number in range(1000):
            sock = connect(port)
            self.addCleanup(sock.close)
            try:
                sock.sendall(beginnings[number % 4])
            except OSError:
                pass
            if number % 100 == 0:
                began = time.monotonic()
                self.assertEqual(self.curl(port, "/health")[0], 200)
                self.assertLess(time.monotonic() - began, 10)
                self.assert_echoes_stream(tunnel.port(), 1 << 20, f"stream {number}")
        self.assertLess(tunnel.open_files(), files + 100, "no more than 64 visitors at a time")
        # a request head that never ends
        endless = connect(port)
        try:
            for _ in range(1000):
                endless.sendall(b"GET / HTTP/1.1\r\n" + b"X: " + b"x" * 1000 + b"\r\n")
        except OSError:
            pass
        endless.close()
        eventually(lambda: tunnel.open_files() <= files, "all are gone after five seconds")
        if not SANITIZED:
            self.assertLess(tunnel.resident(), 64 << 20)
        self.assertEqual(self.curl(port, "/health")[0], 200)

    def test_too_long_a_head(self):
        _, port = self.with_status(ssh=self.plain_service())
        with connect(port) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: %s\r\n" % (n, b"x" * 900) for n in range(10)))
            self.assertTrue(receive_all(sock).startswith(b"HTTP/1.1 431 "))

    def test_health_while_it_drains(self):
        tunnel, port = self.with_status(ssh=self.plain_service())
        client = self.connect(tunnel.port())
        self.assert_echoes(client, b"open")
        tunnel.send_signal(signal.SIGTERM)
        tunnel.wait_event("draining")
        eventually(lambda: self.curl(port, "/health")[::2] == (503, "stopping\n"), "it says that it stops")
        client.close()
        self.assertEqual(tunnel.wait(), 0)

    def test_a_certificate_that_ends_soon(self):
        identity = self.authority.issue("localhost", days=(-10, 6))
        tunnel, port = self.with_status(relay=self.server_service(self.device().address, identity))
        warning = tunnel.wait_event("expiry", service="relay")
        self.assertEqual(warning["level"], "warn")
        self.assertRegex(warning["message"], r'^the certificate "CN=localhost" ends in [56]d\d\dh, on \d{4}-.*; put a new one '
                                             r"into .*; tunnel picks it up automatically$")
        self.assertRegex(self.curl(port, "/table")[2], r"(?m)^relay .* [56]d\d\dh left$")
        self.assertEqual(self.status(port)["recent"][0]["message"], warning["message"])


main()
