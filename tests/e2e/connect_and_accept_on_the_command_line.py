# --connect and --accept override the file, for the only service or by name; the verified name follows --connect.
from harness import Scenario, free_port, main


class CommandLineOverrides(Scenario):
    def relay(self, *names):
        return self.tls_device(lambda peer: peer.sendall(peer.recv()), self.authority.issue(*names))

    def service(self, **keys):
        return self.client_service("yesterday.invalid:1", **keys)

    def test_the_only_service_needs_no_name(self):
        port, relay = free_port(), self.relay("localhost")
        tunnel = self.tunnel("--connect", f"localhost:{relay.port}", "--accept", str(port), vnc=self.service())
        self.assertEqual(tunnel.port(), port)
        self.assert_echoes(self.connect(port), b"hello")

    def test_services_by_name(self):
        one, two = self.relay("localhost"), self.relay("127.0.0.1")
        tunnel = self.tunnel("--connect", f"two=127.0.0.1:{two.port}", "--connect", f"one=localhost:{one.port}",
                             one=self.service(), two=self.service())
        for service in ("one", "two"):
            self.assert_echoes(self.connect(tunnel.port(service)), service.encode())
        self.assertEqual((one.count, two.count), (1, 1))

    def test_mistakes_are_usage_errors(self):
        for options in (["--connect", "three=localhost:1"], ["--connect", "localhost:1"],
                        ["--connect", "one=localhost"], ["--connect", "one=localhost:99999"],
                        ["--accept", "one=nowhere:x"]):
            with self.subTest(options):
                tunnel = self.start_tunnel(*options, one=self.service(), two=self.service())
                self.assertEqual(tunnel.wait(), 2)
                self.assertIn(options[0], tunnel.log)


main()
