# --connect - reads the relay from standard input, as HOST:PORT or as the JSON of its API: its name, whether it has TLS,
# and how long it exists.
import json
import signal
import subprocess
import time

from harness import Scenario, main
from harness.programs import Program, tunnel_command


class RelayMadeOnDemand(Scenario):
    def setUp(self):
        self.relay = self.tls_device(lambda peer: peer.sendall(peer.recv()), self.authority.issue("localhost"))
        self.config = self.folder / "vnc.toml"
        self.config.write_text('[service.vnc]\nclient = true\naccept = 0\nconnect = "yesterday.invalid:1"\n'
                               f'ca = "{self.authority.ca}"\n')
        self.plain = self.folder / "plain.toml"
        self.plain.write_text('[service.vnc]\nclient = true\naccept = 0\nconnect = "yesterday.invalid:1"\n')

    def offer(self, **fields):
        """An API's response for this relay, whose certificate is only for its name."""
        return json.dumps({"hostname": "localhost", "ipAddress": "127.0.0.1", "port": self.relay.port,
                           "endpoint": f"localhost:{self.relay.port}", "duration": 1800, "tlsRequired": True,
                           "expiredTime": int((time.time() + 1800) * 1000), **fields}, indent=2)

    def fed(self, text, *words, keep_open=False):
        """Starts a tunnel with `text` on its standard input."""
        program = Program("tunnel", [*tunnel_command(), *words], self.folder, stdin=subprocess.PIPE)
        self.programs.append(program)
        self.addCleanup(program.stop)
        try:
            program.process.stdin.write(text.encode())
            program.process.stdin.flush()
            if not keep_open:
                program.process.stdin.close()
        except BrokenPipeError:  # it has already refused the input
            pass
        return program

    def port(self, tunnel):
        return int(tunnel.wait_log(r"listening on 127\.0\.0\.1:(\d+)").group(1))

    def refusal(self, text, *words):
        tunnel = self.fed(text, *words)
        self.assertEqual(tunnel.wait(), 2, tunnel.log)
        return tunnel.log

    def test_a_line_is_enough_while_the_pipe_stays_open(self):
        tunnel = self.fed(f"localhost:{self.relay.port}\n", "--config", "vnc.toml", "--connect", "-", keep_open=True)
        self.assert_echoes(self.connect(self.port(tunnel)), b"by a line")

    def test_lines_that_follow_at_once(self):
        said = self.refusal("a.example:1\nb.example:2\n", "client", "0", "-")
        self.assertIn("2 relays came, where one is wanted: a.example:1 and b.example:2", said)
        # but for a command, which reads on there
        tunnel = self.fed(f"localhost:{self.relay.port}\nnot:2\n", "run", "-", "--ca", self.authority.ca, "--", "sh",
                          "-c", "cat; exit 3")
        self.assertEqual(tunnel.wait(), 3)
        self.assertEqual(tunnel.output.strip(), "not:2")

    def test_the_answer_of_the_api(self):
        for text, words in ((self.offer(), ["--config", "vnc.toml", "--connect", "vnc=-"]),
                            (f"[{self.offer()}]", ["client", "0", "-", "--ca", self.authority.ca])):
            with self.subTest(words):
                tunnel = self.fed(text, *words)
                self.assert_echoes(self.connect(self.port(tunnel)), b"by name")
                self.assertRegex(tunnel.log, rf"tunnels to localhost:{self.relay.port} over verified TLS, "
                                             r"until = \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, when the relay's time is up")

    def test_the_end_of_the_relay_is_warned_of_and_said(self):
        tunnel = self.fed(self.offer(expiredTime=int((time.time() + 4) * 1000)), "--config", "vnc.toml",
                          "--connect", "-")
        client = self.connect(self.port(tunnel))
        self.assert_echoes(client, b"for four seconds")
        self.assert_reset(client)
        self.assertEqual(tunnel.wait(), 0)
        self.assertRegex(tunnel.log, r"closed at its time \(until = \S+Z, when the relay's time is up\)")
        # with 70 seconds left, the warning comes after ten
        tunnel = self.fed(self.offer(expiredTime=int((time.time() + 70) * 1000)), "--config", "vnc.toml",
                          "--connect", "-")
        tunnel.wait_log(r"warn  vnc: closes in (1m00s|59 s) \(until = \S+Z, when the relay's time is up\)")

    def test_without_tls_it_is_a_plain_relay_and_a_warning(self):
        device = self.device()
        tunnel = self.fed(self.offer(port=device.port, hostname="127.0.0.1", tlsRequired=False), "--config",
                          "plain.toml", "--connect", "-")
        self.assert_echoes(self.connect(self.port(tunnel)), b"in the clear")
        tunnel.wait_log(r"warn  vnc: the relay was made with its TLS option off")

    def test_a_service_that_asks_for_tls_is_not_downgraded(self):
        said = self.refusal(self.offer(tlsRequired=False), "--config", "vnc.toml", "--connect", "-")
        self.assertIn("vnc.toml:5:1: service \"vnc\": the relay was made with its TLS option off, and this service "
                      "asks for TLS (ca)", said)

    def test_mistakes_are_said_with_status_2(self):
        for text, reason in (("", "--connect -: nothing came"),
                             ("relay.example\n", '"relay.example" has no port'),
                             ("{", "this is no JSON"),
                             ('{"message": "unauthorized"}', "it says: unauthorized"),
                             ("Error: the token has expired\n", "no relay came, but this: Error: the token has"),
                             ("[]", "make one"),
                             ("a.example:1\nb.example:2\n", "a.example:1 and b.example:2"),
                             (self.offer(expiredTime=1_700_000_000_000), "the relay's time was up at 2023-11-14T"),
                             ("a" * 70000, "longer than 65.5 kB")):
            with self.subTest(reason):
                self.assertIn(reason, self.refusal(text, "--config", "vnc.toml", "--connect", "-"))
        self.assertIn("two services want it", self.refusal(
            "localhost:1\n", "--config", "vnc.toml", "--connect", "a=-", "--connect", "b=-"))

    def test_a_reload_keeps_the_relay(self):
        tunnel = self.fed(self.offer(), "--config", "vnc.toml", "--connect", "-")
        port = self.port(tunnel)
        tunnel.send_signal(signal.SIGHUP)
        tunnel.wait_log(r"reloaded: 1 service")
        self.assert_echoes(self.connect(port), b"after a reload")

    def test_check_takes_it_too(self):
        relay = self.tls_device(lambda peer: peer.sendall(b"RFB 003.008\n"), self.authority.issue("localhost"))
        offer = self.offer(port=relay.port, endpoint=f"localhost:{relay.port}")
        done = self.run_tunnel("check", "--config", "vnc.toml", "--connect", "-", input=offer)
        self.assertIn(f"localhost:{relay.port}", done.stdout, done.stderr)
        self.assertEqual(done.returncode, 0, done.stdout)


main()
