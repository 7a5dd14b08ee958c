# `tunnel client` and `tunnel server` run one service without a file, with the same defaults and checks.
# ctest: portable
import re

from harness import Scenario, free_port, main
from harness.programs import tunnel_command


class WithoutAFile(Scenario):
    def direct(self, *words):
        """Starts a tunnel with these arguments and waits until it listens."""
        program = self.start("tunnel", [*tunnel_command(), *words])
        program.wait_log(r"listening on ")
        return program

    def port(self, program):
        return int(re.search(r"listening on \S+?:(\d+)[ ,]", program.log).group(1))

    def refusal(self, *words):
        done = self.run_tunnel(*words)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        return done.stderr

    def test_both_ends(self):
        identity = self.authority.issue("localhost")
        server = self.direct("server", "127.0.0.1:0", self.device().address, "--cert", identity.cert, "--key",
                             identity.key, "--set", "idle_timeout=1h", "--allow", "127.0.0.0/8")
        client = self.direct("client", "0", f"localhost:{self.port(server)}", "--ca", self.authority.ca)
        self.assertIn("over verified TLS", client.log)
        self.assertRegex(client.log, r"listening on 127\.0\.0\.1:\d+ and \[::1\]:\d+")
        self.assert_echoes_stream(self.port(client))
        client.wait_log(r"client#1: closed by")
        server.wait_log(r"server#1: closed by")

    def test_a_port_and_the_clients_of_a_server(self):
        mine, identity = self.authority.issue("laptop", usage="clientAuth"), self.authority.issue("localhost")
        port = free_port()
        self.direct("server", str(port), self.device().address, "--cert", identity.cert, "--key", identity.key,
                    "--client-ca", self.authority.ca)
        client = self.direct("client", "0", f"localhost:{port}", "--ca", self.authority.ca, "--cert", mine.cert,
                             "--key", mine.key)
        self.assert_echoes_stream(self.port(client))

    def test_a_plain_relay(self):
        relay = self.direct("client", "127.0.0.1:0", self.device().address, "--no-tls", "--log-level", "debug")
        self.assertIn("without TLS", relay.log)
        self.assert_echoes_stream(self.port(relay))

    def test_verified_by_default(self):
        relay = self.tls_device(lambda peer: peer.sendall(b"secret"), self.authority.issue("localhost"))
        client = self.direct("client", "0", f"localhost:{relay.port}")
        self.assert_client_is_reset(self.port(client))
        client.wait_log(r"error client#1: ")

    def test_what_is_wrong_is_said_in_the_words_of_the_command_line(self):
        identity = self.authority.issue("localhost")
        for words, lines in (
                (("client", "5999"), ["CONNECT is required"]),
                (("client", "5999", "relay.example"),
                 ['CONNECT: "relay.example" has no port', "tunnel client 5999 relay.example:443"]),
                (("client", "99999", "a:1"), ["ACCEPT: port 99999 is not a number from 0 to 65535",
                                              "tunnel client 5999 a:1"]),
                (("client", ":5999", "a:1"), ["ACCEPT: ", "tunnel client 5999 a:1"]),
                (("client", "5999", "a:1", "--ca", "no.pem"), ["--ca: there is no file no.pem",
                                                               "paths are relative to this folder"]),
                (("client", "5999", "a:1", "--pin", "abc"), ["--pin: "]),
                (("client", "5999", "a:1", "--verify", "never"), ["--verify: ", "never"]),
                (("client", "5999", "a:1", "--no-tls", "--ca", self.authority.ca), ["--ca: ca does nothing with tls"]),
                (("server", "1", "a:1"), ["tunnel server: cert is missing", "--cert relay.pem",
                                          "tunnel server: key is missing", "--key relay.key"]),
                (("server", "1", "a:1", "--cert", identity.cert, "--key", self.authority.ca), [self.authority.ca]),
                (("server", "1", "a:1", "--ca", "x"), ["--ca"]),
                (("client", "5999", "a:1", "--set", "idle_timeout"), ["--set: KEY=VALUE is wanted"]),
                (("client", "5999", "a:1", "--set", "idle_timeout=8"), ["--set idle_timeout: "]),
                (("client", "5999", "a:1", "--set", "idle_timeut=8h"), ["--set idle_timeut: ", "idle_timeout"]),
                (("client", "5999", "a:1", "--set", "accept=1"), ["accept is given twice"]),
                (("client", "5999", "a:1", "--set", "warm=1\nca = 2"), ["--set warm: "]),
                (("client", "5999", "a:1", "--open-for", ""), ["--open-for: "]),
                (("client", "5999", "a:1", "--verify", ""), ["--verify: "]),
                (("client", "5999", "a:1", "--cert", ""), ["--cert: "]),
                (("client", "5999", "a:1", "--server-name", ""), ["--server-name: "]),
                (("client", "5999", "a:1", "--log-level", ""), ["--log-level: "]),
                (("client", "5999", "a:1", "--log-level", "loud"), ["--log-level: ", "loud", "--log-level "])):
            with self.subTest(words):
                said = self.refusal(*words)
                for line in lines:
                    self.assertIn(str(line), said)
                self.assertNotIn('service "', said)
        done = self.run_tunnel("client", "5999", "a:1", "--set", "warm=2", "--set", "min_version=1.3",
                               "--set", 'deny=["192.0.2.0/24"]', "--set", "idle_timeout=8h", "--test")
        self.assertEqual((done.returncode, done.stdout), (0, "tunnel client: no mistakes, 1 service\n"), done.stderr)


main()
