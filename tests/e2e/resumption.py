# A second connection resumes the session of the first, also with OpenSSL and stunnel; after a restart none does.
# ctest: portable
from harness import Scenario, main
from harness.net import PATIENCE, half_close, receive_all
from harness.third_party import OPENSSL_VERSIONS, start_s_client, start_s_server, start_stunnel

VERSIONS = ("1.2", "1.3")


class Resumption(Scenario):
    def client_mode(self, port, **keys):
        return self.tunnel(vnc=self.client_service(f"localhost:{port}", **keys))

    def server_mode(self, **keys):
        return self.tunnel(relay=self.server_service(self.device().address, **keys))

    def connections(self, tunnel, count, line=b"tunnel\n"):
        """Makes `count` connections one after another; returns whether each resumed a session."""
        for _ in range(count):
            sock = self.connect(tunnel.port())
            sock.sendall(line)
            sock.recv(len(line))
            half_close(sock)
            receive_all(sock)
            sock.close()
        tunnel.wait_for(lambda: len(tunnel.events("close")) >= count, f"{count} connections are over")
        return [event.get("resumed", False) for event in tunnel.events("open")]

    def s_client(self, tunnel, *options):
        """Sends a line with s_client, waits for its echo and quits; returns the output."""
        client = start_s_client(self, tunnel.port(), self.authority.ca, *options, send=b"an echo\n")
        said = b""
        while b"\nan echo\n" not in said:
            line = client.stdout.readline()
            self.assertTrue(line, said)
            said += line
        client.stdin.write(b"Q\n")
        client.stdin.close()
        client.wait(PATIENCE)
        return said.decode("latin-1")

    def test_client_mode_to_s_server(self):
        for version in VERSIONS:
            with self.subTest(version):
                port = start_s_server(self, self.authority.issue("localhost"), OPENSSL_VERSIONS[version])
                self.assertEqual(self.connections(self.client_mode(port), 4), [False, True, True, True])
                self.assertEqual(self.connections(self.client_mode(port), 1), [False], "another process")
                self.assertEqual(self.connections(self.client_mode(port, resume=False), 3), [False] * 3)

    def test_client_mode_to_a_server_without_tickets(self):
        port = start_s_server(self, self.authority.issue("localhost"), "-tls1_3", "-num_tickets", "0")
        self.assertEqual(self.connections(self.client_mode(port), 3), [False] * 3)

    def test_client_mode_to_stunnel(self):
        for version in VERSIONS:
            with self.subTest(version):
                port = start_stunnel(self, version, self.device().address, identity=self.authority.issue("localhost"))
                self.assertEqual(self.connections(self.client_mode(port), 3), [False, True, True])

    def test_s_client_to_server_mode(self):
        for version in VERSIONS:
            with self.subTest(version):
                option, tunnel = OPENSSL_VERSIONS[version], self.server_mode()
                self.assertIn("New, TLSv", self.s_client(tunnel, option, "-sess_out", "session.pem"))
                self.assertIn("Reused, TLSv", self.s_client(tunnel, option, "-sess_in", "session.pem"))
                self.assertIn("New, TLSv", self.s_client(self.server_mode(), option, "-sess_in", "session.pem"))

    def test_a_server_that_resumes_nothing(self):
        for version in VERSIONS:
            with self.subTest(version):
                option, tunnel = OPENSSL_VERSIONS[version], self.server_mode(resume=False)
                said = self.s_client(tunnel, option, "-sess_out", "none.pem")
                self.assertNotIn("TLS session ticket:", said)

    def test_between_two_tunnels(self):
        for version in VERSIONS:
            with self.subTest(version):
                far = self.server_mode(max_version=version)
                near = self.client_mode(far.port())
                self.assertEqual(self.connections(near, 4), [False, True, True, True])
                self.assertEqual(near.events("open")[0]["tls"], f"TLS {version}")


main()
