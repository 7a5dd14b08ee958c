# OpenSSL updates its keys in the middle of a transfer and requests ours; in both roles every byte arrives.
# ctest: timeout=300 portable
# ctest: one_record_path
import re

from harness import Scenario, eventually, free_port, main, peers
from harness.chatter import Upload, accept, change_keys_in_bulk, start_chatter
from harness.digits import LINE, digits
from harness.net import receive_exactly

SIZE = LINE << 16
COMMANDS = [b"K\n", b"k\n", b"K\n", b"K\n", b"k\n"] * 4
ASKED = COMMANDS.count(b"K\n")


class KeyUpdateOpenssl(Scenario):
    def updates(self, name, direction):
        """How many KeyUpdates are in OpenSSL's trace: ">>>" for sent, "<<<" for received."""
        trace = (self.folder / name).read_text()
        return len(re.findall(rf"^{direction} .*KeyUpdate$", trace, re.MULTILINE))

    def openssl(self, name, *words):
        return start_chatter(self, name, [peers.find("openssl"), *words, "-msg", "-msgfile", f"{name}.trace"],
                             rb"SSL_do_handshake -> 1|KEYUPDATE")

    def check(self, tunnel, name, peer, sock):
        change_keys_in_bulk(self, peer, sock, digits("down", SIZE), digits("up", SIZE), COMMANDS)
        self.assertEqual(self.updates(f"{name}.trace", ">>>"), len(COMMANDS))
        answers = self.updates(f"{name}.trace", "<<<")
        self.assertGreaterEqual(answers, 1)
        self.assertLessEqual(answers, ASKED)
        self.assertEqual(tunnel.events("close"), [])

    def client_mode(self, *options):
        identity, port = self.authority.issue("localhost"), free_port()
        server = self.openssl("s_server", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", identity.cert,
                              "-key", identity.key, "-tls1_3", *options)
        server.wait_log("ACCEPT")
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{port}"))
        return tunnel, server, self.connect(tunnel.port())

    def test_client_mode_to_s_server(self):
        tunnel, server, sock = self.client_mode()
        self.check(tunnel, "s_server", server, sock)

    def test_s_client_to_server_mode(self):
        device = self.listener()
        tunnel = self.tunnel(relay=self.server_service("127.0.0.1:%d" % device.getsockname()[1]))
        client = self.openssl("s_client", "s_client", "-connect", f"127.0.0.1:{tunnel.port()}", "-tls1_3",
                              "-CAfile", self.authority.ca, "-verify_return_error", "-brief")
        self.check(tunnel, "s_client", client, accept(self, device))

    def test_before_any_data_or_ticket(self):
        for command in (b"K\n", b"k\n"):
            with self.subTest(command):
                tunnel, server, sock = self.client_mode("-num_tickets", "0")
                tunnel.wait_event("open")
                upload = Upload(sock, b"")
                server.command(command)
                server.say(b"%063d\n" % 1)
                self.assertEqual(receive_exactly(sock, LINE), b"%063d\n" % 1)
                sent = upload.stop()
                eventually(lambda: server.digits() == sent, "all that went up has come")


main()
