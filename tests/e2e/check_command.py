# `tunnel check` reports each step, a verdict and what to do next, as text and as JSON.
# ctest: one_record_path
import random
import re
import signal
import socket
import time

from harness import Scenario, main, receive_all
from harness.check import Checked, run_check, write_config
from harness.names import own_hosts
from harness.programs import Program, tunnel_command
from harness.ssh import SshServer
from harness.terminal import run_on_terminal
from harness.third_party import start_stunnel
from harness.vnc import Desktop
from harness.web import start_web

GOOD_TLS = [("resolve", "ok"), ("connect", "ok"), ("handshake", "ok"), ("chain", "ok"), ("name", "ok"),
            ("greeting", "ok")]


class CheckCommand(Scenario):
    def client(self, port, host="localhost", **keys):
        """Writes the configuration of a client of that relay."""
        return write_config(self, vnc=self.client_service(f"{host}:{port}", accept=5999, **keys))

    # -- what works

    def test_a_vnc_relay(self):
        desktop = Desktop(self)
        relay = self.tunnel(name="far", relay=self.server_service(f"127.0.0.1:{desktop.port}"))
        for env in ({}, {"TUNNEL_TEST_RECORDS": "mbedtls"}):
            checked = Checked(self, "--config", self.client(relay.port()), env=env)
            self.assertEqual(checked.status, 0)
            self.assertEqual(checked.marks(), GOOD_TLS)
            self.assertEqual(checked.service()["mode"], "client")
            greeting = checked.step("greeting")
            self.assertEqual((greeting["protocol"], greeting["greeting"]), ("VNC", "RFB 003.008\\n"))
            self.assertIn("failed login", greeting["note"])
            self.assertEqual(checked.service()["verdict"],
                             f"VNC answers at localhost:{relay.port()} over verified TLS 1.3")
            self.assertEqual(checked.step("handshake")["group"], "X25519")
            self.assertTrue(all(step["ms"] >= 0 for step in checked.target()["steps"] if "ms" in step))
            chain = checked.step("chain")
            self.assertTrue(chain["verified"])
            self.assertEqual([one["subject"] for one in chain["certificates"]], ["CN=localhost", "CN=Test Root"])
            self.assertIn(chain["certificates"][0]["days_left"], (364, 365))
        # it sends close_notify and closes cleanly
        for closed in (relay.wait_event("close", connection=number) for number in range(1, 5)):
            self.assertEqual((closed["level"], closed["outcome"]), ("info", "closed by the client"))

    def test_what_waits_for_its_client_is_not_asked(self):
        asked = []
        device = self.device(lambda sock: asked.append(receive_all(sock)))
        port = start_stunnel(self, "1.2", device.address, identity=self.authority.issue("localhost"))
        config = write_config(self, web=self.client_service(f"localhost:{port}", accept=8443))
        checked = Checked(self, "--config", config)
        self.assertEqual((checked.status, checked.marks()), (0, GOOD_TLS))
        self.assertEqual((checked.step("greeting")["greeting"], checked.step("handshake")["tls"]), ("", "TLS 1.2"))
        self.assertIn("waits for its client to speak first", checked.service()["verdict"])
        device.result(), device.result()
        self.assertEqual(asked, [b"", b""], "no byte reaches the device")

    def test_without_a_file_and_without_tls(self):
        port = SshServer(self).port
        checked = Checked(self, f"localhost:{port}", "--no-tls")
        self.assertEqual(checked.status, 0)
        self.assertRegex(checked.step("greeting")["greeting"], r"SSH-2\.0-OpenSSH_.*\\r\\n")
        self.assertEqual(checked.service()["verdict"], f"SSH answers at localhost:{port}")

    # -- what fails

    def test_ssh_where_tls_was_expected(self):
        checked = Checked(self, "--config", self.client(SshServer(self).port))
        self.assertEqual(checked.status, 1)
        self.assertEqual(checked.marks()[-1], ("handshake", "failed"))
        self.assertRegex(checked.service()["verdict"], r"SSH-2\.0-.*speaks SSH")
        self.assertIn("tls = false", checked.service()["next"])

    def test_http_where_tls_was_expected(self):
        checked = Checked(self, f"127.0.0.1:{start_web(self)}")
        self.assertEqual(checked.marks()[-1], ("handshake", "failed"))
        self.assertRegex(checked.service()["verdict"], r"where TLS was expected")

    def test_a_far_side_that_only_takes_the_connection(self):
        rude = self.device(lambda sock: sock.recv(65536) and None)
        checked = Checked(self, f"127.0.0.1:{rude.port}")
        self.assertEqual((checked.status, checked.marks()[-1]), (1, ("handshake", "failed")))
        self.assertIn("TLS option", checked.service()["next"])
        mute = self.device(receive_all)
        checked = Checked(self, "--config", self.client(mute.port, handshake_timeout="500ms"))
        self.assertIn("within 500 ms", checked.service()["verdict"])

    def test_nobody_there(self):
        port = self.switched_off()
        checked = Checked(self, f"127.0.0.1:{port}")
        self.assertEqual((checked.status, checked.marks()), (1, [("resolve", "ok"), ("connect", "failed")]))
        self.assertEqual(checked.service()["verdict"], f"127.0.0.1:{port} refuses the connection")
        self.assertIn("another port each time", checked.service()["next"])

    def test_no_answer(self):
        checked = Checked(self, "--config", self.client(self.unanswered_port(), "127.0.0.1", connect_timeout="400ms"))
        self.assertEqual((checked.status, checked.marks()), (1, [("resolve", "ok"), ("connect", "failed")]))
        self.assertIn("does not answer within 400 ms", checked.service()["verdict"])
        self.assertRegex(checked.service()["next"], r"public address still among those that it admits.*past its time")

    def test_no_such_name(self):
        checked = Checked(self, "no-such-relay.invalid:443")
        self.assertEqual((checked.status, checked.marks()), (1, [("resolve", "failed")]))
        self.assertIn("no-such-relay.invalid", checked.service()["verdict"])

    def test_an_interrupt_ends_it_at_once(self):
        config = self.client(self.unanswered_port(), "127.0.0.1", connect_timeout="1h")
        check = Program("check", [*tunnel_command(), "check", "--config", config], self.folder)
        check.wait_log("lookup")
        self.assertEqual(check.stop(signal.SIGINT), -signal.SIGINT)

    def test_a_device_that_is_off_behind_a_good_relay(self):
        relay = self.tunnel(relay=self.server_service(f"127.0.0.1:{self.switched_off()}"))
        checked = Checked(self, "--config", self.client(relay.port()))
        self.assertEqual((checked.status, checked.marks()), (1, GOOD_TLS[:-1] + [("greeting", "failed")]))
        self.assertRegex(checked.service()["next"], "device behind it")

    # -- several addresses, targets, services

    def test_each_address_of_a_name(self):
        hosts = self.folder / "hosts"
        hosts.write_text("127.0.0.1 device.test\n::1 device.test\n")
        before = own_hosts(hosts)
        if not before:
            self.not_tried("no mount namespace here: the name is localhost, with the addresses that it has")
        name = "device.test" if before else "localhost"
        addresses = {info[4][0] for info in socket.getaddrinfo("localhost", 1, type=socket.SOCK_STREAM)}
        for host, other in (("127.0.0.1", "::1"), ("::1", "127.0.0.1")):
            device = self.device(lambda sock: sock.sendall(b"RFB 003.008\n"), host=host)
            if not before and host not in addresses:
                continue
            checked = Checked(self, f"{name}:{device.port}", "--no-tls", before=before or ())
            self.assertEqual(checked.status, 0, checked.text)
            expected = {host: "ok", **({other: "skipped"} if before or other in addresses else {})}
            self.assertEqual(set(checked.step("resolve")["addresses"]), set(expected))
            tried = {step["address"].rsplit(":", 1)[0].strip("[]"): step["status"]
                     for step in checked.target()["steps"] if step["step"] == "connect"}
            self.assertEqual(tried, expected)
            self.assertEqual(checked.service()["status"], "ok", "what refuses costs nothing")

    def test_every_target_of_every_service(self):
        vnc, off = self.device(lambda sock: sock.sendall(b"RFB 003.008\n")), f"127.0.0.1:{self.switched_off()}"
        config = write_config(self, good=self.plain_service(vnc.address, accept=5998),
                              half=self.plain_service([vnc.address, off], accept=5999))
        checked = Checked(self, "--config", config)
        self.assertEqual(checked.status, 1)
        self.assertTrue(checked.service("good")["works"])
        half = checked.service("half")
        self.assertEqual([target["works"] for target in half["targets"]], [True, False])
        self.assertEqual(half["verdict"], f"1 of its 2 targets fails: {off} refuses the connection")
        only = Checked(self, "--config", config, "good")
        self.assertEqual((only.status, list(only.services)), (0, ["good"]))
        other = Checked(self, "--config", config, "half", "--connect", f"half={vnc.address}")
        self.assertEqual((other.status, len(other.service()["targets"])), (0, 1))

    def test_services_are_checked_side_by_side(self):
        """Reported in order, and no slower than the slowest of them."""
        config = write_config(self, **{f"s{number}": self.client_service(
            f"127.0.0.1:{self.unanswered_port()}", accept=5100 + number, connect_timeout="3s") for number in range(4)})
        began = time.monotonic()
        status, out, errors = run_check(self, "--config", config)
        self.assertLess(time.monotonic() - began, 9, "four times 3 s")
        self.assertEqual((status, errors), (1, ""))
        self.assertEqual([line for line in out.splitlines() if re.match(r"s\d: (127|it)", line)],
                         [line for line in out.splitlines() if re.match(r"s\d", line)])
        self.assertEqual(re.findall(r"(?m)^(s\d): it does not work", out), ["s0", "s1", "s2", "s3"])
        self.assertEqual(re.findall(r"(?m)^(s\d): 127", out), ["s0", "s1", "s2", "s3"])

    # -- server mode

    def test_server_mode_looks_at_its_own_certificate_and_at_the_device(self):
        device = self.device(lambda sock: sock.sendall(b"RFB 003.008\n"))
        for days, status, mark in (((-1, 365), 0, "ok"), ((-1, 20.5), 0, "warning"), ((-30, -2), 1, "failed"),
                                   ((2, 30), 1, "failed")):
            identity = self.authority.issue("localhost", days=days)
            config = write_config(self, relay=self.server_service(device.address, identity))
            checked = Checked(self, "--config", config)
            self.assertEqual(checked.status, status, checked.text)
            own, = checked.service()["steps"]
            self.assertEqual((own["step"], own["status"]), ("certificate", mark))
            self.assertEqual(checked.marks(), [("resolve", "ok"), ("connect", "ok"), ("greeting", "ok")])
            self.assertEqual(checked.service()["mode"], "server")
        self.assertIn("the clock here", checked.text)
        config.write_text(config.read_text().replace(device.address, f"127.0.0.1:{self.switched_off()}"))
        self.assertEqual(Checked(self, "--config", config).marks()[-1], ("connect", "failed"))
        identity.key.write_text("no key")
        status, out, errors = run_check(self, "--config", config)
        self.assertEqual((status, out), (2, ""))
        self.assertIn("key", errors)

    # -- output

    def test_json_is_valid_whatever_the_far_side_says(self):
        choice = random.Random("greetings")
        greetings = [bytes(range(256)), b"\xff\xfe\x00", '"\\\u2028\U0001f600\n'.encode(), b"\x1b]0;title\x07\r\n",
                     b"\xf0\x9f"] + [choice.randbytes(choice.randrange(1, 300)) for _ in range(6)]
        todo = [greeting for greeting in greetings for _ in range(2)]
        device = self.device(lambda sock: sock.sendall(todo.pop(0)))
        for greeting in greetings:
            checked = Checked(self, f"127.0.0.1:{device.port}", "--no-tls")
            self.assertEqual(checked.status, 0)
            self.assertTrue(checked.text.replace("\n", "").isprintable(), repr(checked.text))
            shown = checked.step("greeting")["greeting"].encode().decode("unicode_escape").encode("latin-1")
            self.assertEqual(shown, greeting[:len(shown)])
            self.assertGreater(len(shown), 0)

    def test_colours_are_for_terminals_only(self):
        words = [*tunnel_command(), "check", f"127.0.0.1:{self.switched_off()}"]
        for env, coloured in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False),
                              ({"TERM": "dumb"}, False)):
            _, shown = run_on_terminal(words, {"NO_COLOR": None, **env})
            self.assertIn(b"refuses the connection", shown)
            self.assertEqual(b"\x1b[" in shown, coloured, shown)
        _, out, _ = run_check(self, words[-1], env={"TERM": "xterm"})
        self.assertNotIn("\x1b", out)

    def test_misuse_is_said_with_status_2(self):
        config = self.client(1)
        for words, reason in (((), "say what to check"), (("relay.example",), "has no port"),
                              (("--config", config, "vcn"), 'is it "vnc"?'),
                              (("--config", config, "--no-tls"), "--no-tls goes with HOST:PORT"),
                              (("--config", "nothing.toml"), "there is no such file"),
                              (("localhost:1", "--ca", "nothing.pem"), "nothing.pem"),
                              (("localhost:1", "--no-tls", "--ca", self.authority.ca), "ca"),
                              (("localhost:1", "--colour"), "--colour")):
            status, out, errors = run_check(self, *words)
            self.assertEqual((status, out), (2, ""), errors)
            self.assertIn(reason, errors)


main()
