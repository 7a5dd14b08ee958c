# GnuTLS updates its keys in the middle of a transfer and requests ours; in both roles every byte arrives.
# ctest: timeout=300
# ctest: one_record_path
from harness import Scenario, free_port, main, peers
from harness.chatter import accept, change_keys_in_bulk, start_chatter
from harness.digits import LINE, digits
from harness.net import receive_exactly

SIZE = LINE << 14
COMMANDS = [b"^rekey^\n", b"^rekey1^\n", b"^rekey^\n"] * 4
TLS_1_3 = "NORMAL:-VERS-ALL:+VERS-TLS1.3"


class KeyUpdateGnutls(Scenario):
    def test_gnutls_cli_to_server_mode(self):
        device = self.listener()
        tunnel = self.tunnel(relay=self.server_service("127.0.0.1:%d" % device.getsockname()[1]))
        words = [peers.find("gnutls-cli"), "--inline-commands", "--x509cafile", self.authority.ca,
                 "--priority", TLS_1_3, "--port", tunnel.port(), "localhost"]
        client = start_chatter(self, "gnutls-cli", words, b"- Rekey was completed\n", b"- Rekey was completed\n")
        sock = accept(self, device)
        change_keys_in_bulk(self, client, sock, digits("down", SIZE), digits("up", SIZE), COMMANDS)
        self.assertEqual(tunnel.events("close"), [])

    def test_client_mode_to_gnutls_serv(self):
        identity, port = self.authority.issue("localhost"), free_port()
        server = self.start("gnutls-serv", [peers.find("gnutls-serv"), "--echo", "--port", port, "--x509certfile",
                                            identity.cert, "--x509keyfile", identity.key,
                                            "--priority", TLS_1_3])
        server.wait_log("Echo Server listening|ready")
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{port}"))
        sock = self.connect(tunnel.port())
        lines = digits("echo", LINE << 8)
        for _ in range(8):  # it accepts no more KeyUpdates per second
            sock.sendall(lines)
            self.assertEqual(receive_exactly(sock, len(lines)), lines)
            # it updates its key and requests ours
            sock.sendall(b"**REHANDSHAKE**\n")
            answer = b"Successfully executed command\n"
            self.assertEqual(receive_exactly(sock, len(answer)), answer)
        self.assertEqual(tunnel.events("close"), [])


main()
