# A TLS stream that ends without close_notify becomes a reset on the plain side, never a clean end.
# ctest: portable
from harness import Reset, Scenario, main, receive_exactly, tls_connect


class TruncationIsAReset(Scenario):
    def test_the_relay_truncates(self):
        for version in ("1.2", "1.3"):
            with self.subTest(version):
                def say_half(peer):
                    peer.sendall(b"half of the pict")
                    self.assertEqual(peer.recv(), b"go on")
                    peer.truncate()
                    return peer.sock.recv(65536)

                relay = self.tls_device(say_half, self.authority.issue("localhost"), version=version)
                tunnel = self.tunnel(vnc=self.client_service(f"localhost:{relay.port}"))
                client = self.connect(tunnel.port())
                self.assertEqual(receive_exactly(client, 16), b"half of the pict")
                client.sendall(b"go on")
                self.assert_reset(client)
                self.assertRegex(tunnel.wait_event("close")["message"], "close_notify|truncated|cut")

    def test_the_client_truncates(self):
        def hear_half(sock):
            heard = receive_exactly(sock, 16)
            sock.sendall(b"heard")
            try:
                return heard, sock.recv(1)
            except Reset:
                return heard, "reset"

        for version in ("1.2", "1.3"):
            with self.subTest(version):
                device = self.device(hear_half)
                tunnel = self.tunnel(relay=self.server_service(device.address))
                with tls_connect(tunnel.port(), self.authority.ca, version=version) as client:
                    client.sendall(b"half of an order")
                    self.assertEqual(client.recv(), b"heard")
                    client.truncate()
                    self.assertEqual(device.result(), (b"half of an order", "reset"))


main()
