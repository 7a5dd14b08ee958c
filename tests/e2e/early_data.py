# A client with a ticket of an earlier server at the same name sends 0-RTT data: it is skipped, the handshake is a full one,
# and nothing of that data reaches the device.
# ctest: one_record_path portable
import subprocess

from harness import Scenario, eventually, free_port, main, peers
from harness.third_party import start_s_client

EARLY = b"GET /early HTTP/1.1\r\n"


class EarlyData(Scenario):
    def ticket(self, identity):
        """A session of an OpenSSL server that takes 0-RTT data."""
        session, port = self.folder / "session.pem", free_port()
        # it would end with its standard input
        server = subprocess.Popen([peers.find("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                                   identity.cert, "-key", identity.key, "-tls1_3", "-early_data", "-max_early_data",
                                   "20000"], env=peers.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        while b"ACCEPT" not in (line := server.stdout.readline()):
            self.assertTrue(line, "the server listens")
        client = start_s_client(self, port, self.authority.ca, "-tls1_3", "-ign_eof", "-sess_out", session, send=b"")
        eventually(lambda: session.exists() and b"END SSL SESSION" in session.read_bytes(), "the server sends a ticket")
        for program in (client, server):
            program.terminate()
            program.stdin.close()
            program.wait()
        server.stdout.close()
        return session

    def assert_skipped(self, size, *options):
        identity = self.authority.issue("localhost")
        session, early = self.ticket(identity), self.folder / "early"
        early.write_bytes(EARLY * (size // len(EARLY)))
        device = self.device()
        tunnel = self.tunnel(relay=self.server_service(device.address, identity))
        client = start_s_client(self, tunnel.port(), self.authority.ca, "-tls1_3", "-ign_eof", "-sess_in", session,
                                "-early_data", early, *options, send=b"an echo\n")
        said = b""
        while b"an echo" not in said and (line := client.stdout.readline()):
            said += line
        self.assertIn(b"an echo", said)
        self.assertNotIn(b"GET /early", said, "the device has not had it")
        client.stdin.close()
        client.terminate()
        said += client.stdout.read()
        client.wait()
        self.assertIn(b"Early data was rejected", said)
        self.assertEqual(tunnel.events("failed"), [])
        self.assertNotIn("resumed", tunnel.wait_event("open"))

    def test_a_little(self):
        self.assert_skipped(200)

    def test_as_much_as_a_ticket_allows(self):
        self.assert_skipped(19_000)

    def test_before_another_key_share_is_asked_for(self):
        self.assert_skipped(2_000, "-groups", "P-521:P-256")


if __name__ == "__main__":
    main()
