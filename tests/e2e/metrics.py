# Metrics of handshakes, targets and times, and the same in the status: counted once, by cause, with labels that no
# client can add to.
import json
import os
import socket
import time
import urllib.request

from harness import Scenario, connect, eventually, free_port, main, metrics, peers, tls_connect

LOG = {"format": "json", "level": "debug"}


class Metrics(Scenario):
    def with_status(self, **services):
        tunnel = self.tunnel(tables={"log": LOG, "status": {"listen": "127.0.0.1:0"}}, **services)
        return tunnel, int(tunnel.wait_event("status")["listen"][0].rsplit(":", 1)[1])

    def fetch(self, port, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.read().decode()

    def samples(self, port):
        return metrics.parse(self.fetch(port, "/metrics"))

    def service(self, port, name):
        return next(one for one in json.loads(self.fetch(port, "/status"))["services"] if one["service"] == name)

    def pair(self, **near):
        """A client-mode and a server-mode service in one tunnel: (tunnel, port of the status)."""
        identity = self.authority.issue("localhost")
        far = free_port()
        return self.with_status(
            far=self.server_service(self.device().address, identity, accept=f"127.0.0.1:{far}"),
            near=self.client_service(f"localhost:{far}", **near))

    def test_handshakes_by_what_they_agreed_on(self):
        tunnel, port = self.pair()
        for _ in range(3):
            with self.connect(tunnel.port("near")) as client:
                self.assert_echoes(client, b"x" * 1000)
        agreed = {"version": "TLS 1.3", "suite": "TLS_AES_256_GCM_SHA384", "group": "X25519"}
        for service, side in (("far", "server"), ("near", "client")):
            samples = self.samples(port)
            labels = {"service": service, "side": side}
            self.assertEqual(metrics.value(samples, "tunnel_handshakes_total", **labels, **agreed, resumed="false"), 1)
            self.assertEqual(metrics.value(samples, "tunnel_handshakes_total", **labels, **agreed, resumed="true"), 2)
            self.assertEqual(metrics.value(samples, "tunnel_handshake_duration_seconds_count", **labels), 3)
            self.assertEqual(metrics.value(samples, "tunnel_handshake_duration_seconds_bucket", **labels, le="+Inf"), 3)
            self.assertGreater(metrics.value(samples, "tunnel_handshake_duration_seconds_sum", **labels), 0)
            self.assertEqual(metrics.value(samples, "tunnel_connect_duration_seconds_count", service=service), 3)
            for cause in ("timeout", "closed", "certificate"):
                self.assertEqual(metrics.value(samples, "tunnel_handshake_failures_total", **labels, cause=cause), 0)
        done = self.service(port, "near")["handshakes"]["done"]
        self.assertEqual([(one["tls"], one["resumed"], one["count"]) for one in done],
                         [("TLS 1.3", False, 1), ("TLS 1.3", True, 2)])

    def test_the_far_sides_certificate(self):
        tunnel, port = self.pair()
        target, = self.service(port, "near")["targets"]
        self.assertNotIn("certificate", target, "none has been seen")
        for _ in range(2):
            with self.connect(tunnel.port("near")) as client:
                self.assert_echoes(client, b"once in full, then resumed")
        # requests within 200 ms share a snapshot
        eventually(lambda: self.service(port, "near")["targets"][0]["connects"] == 2, "both are counted")
        target, = self.service(port, "near")["targets"]
        self.assertTrue(target["up"])
        self.assertEqual(target["certificate"]["subject"], "CN=localhost")
        self.assertRegex(target["certificate"]["issuer"], "CN=.+")
        self.assertGreater(target["certificate"]["seconds_left"], 86400)
        ends = metrics.value(self.samples(port), "tunnel_target_certificate_expiry_timestamp_seconds", service="near",
                             target=target["target"])
        self.assertGreater(ends, time.time() + 86400)

    def test_failed_handshakes_by_cause(self):
        tunnel, port = self.with_status(far=self.server_service(
            self.device().address, self.authority.issue("localhost"), handshake_timeout="1s"))

        def failures():
            return self.service(port, "far")["handshakes"]["failures"]

        def count(cause, number=1):
            eventually(lambda: failures()[cause] == number, f"{cause} is counted: {failures()}")

        with connect(tunnel.port()) as sock:
            sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
            count("not_tls")
        connect(tunnel.port()).close()
        count("closed")
        with connect(tunnel.port()):
            count("timeout")
        with connect(tunnel.port()) as sock:
            sock.sendall(b"\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00")
            count("protocol")
        # a client that trusts nobody refuses the certificate
        done = peers.run("curl", "--silent", "--noproxy", "*", f"https://localhost:{tunnel.port()}/")
        self.assertEqual(done.returncode, 60)
        count("alert")
        self.assertEqual(sum(failures().values()), 5)
        samples = self.samples(port)
        for cause, number in failures().items():
            self.assertEqual(metrics.value(samples, "tunnel_handshake_failures_total", service="far", side="server",
                                           cause=cause), number)
        self.assertEqual(metrics.value(samples, "tunnel_connections_failed_total", service="far"), 5)

    def test_a_refused_certificate_and_targets_that_fail(self):
        wrong = self.authority.issue("other.example")
        far, closed = free_port(), self.switched_off()
        targets = [f"127.0.0.1:{closed}", f"localhost:{far}"]
        tunnel, port = self.with_status(
            far=self.server_service(self.device().address, wrong, accept=f"127.0.0.1:{far}"),
            near=self.client_service(targets))
        self.assert_client_is_reset(tunnel.port("near"))
        tunnel.wait_event("failed", service="near")
        samples = self.samples(port)
        for target, cause in zip(targets, ("refused", "handshake")):
            labels = {"service": "near", "target": target}
            self.assertEqual(metrics.value(samples, "tunnel_target_up", **labels), 0)
            self.assertEqual(metrics.value(samples, "tunnel_target_connects_total", **labels), 0)
            for other in ("timeout", "refused", "unreachable", "unresolved", "handshake", "other"):
                self.assertEqual(metrics.value(samples, "tunnel_target_connect_failures_total", **labels, cause=other),
                                 int(other == cause), (target, other))
        self.assertEqual(metrics.value(samples, "tunnel_handshake_failures_total", service="near", side="client",
                                       cause="certificate"), 1)
        self.assertEqual(metrics.value(samples, "tunnel_handshake_failures_total", service="far", side="server",
                                       cause="alert"), 1)

    def test_no_client_adds_a_sample(self):
        tunnel, port = self.with_status(far=self.server_service(self.device().address, self.authority.issue("localhost")))
        with tls_connect(tunnel.port(), self.authority.ca) as client:
            client.sendall(b"first")
            self.assertEqual(client.recv(), b"first")
        before = set(self.samples(port))
        for number in range(40):
            with connect(tunnel.port()) as sock:
                sock.sendall(os.urandom(60 + number))
                sock.shutdown(socket.SHUT_WR)
                try:
                    sock.recv(1000)
                except OSError:
                    pass
        eventually(lambda: self.service(port, "far")["failed"] == 40, "all are counted")
        self.assertEqual(set(self.samples(port)), before)


main()
