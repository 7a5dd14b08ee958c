# A reset on one side becomes a reset on the other, never close_notify or a clean end.
# ctest: portable
from harness import Reset, Scenario, how_it_ends, main, receive_exactly, reset, tls_connect


def hang_up(sock):
    """Receives one word and resets."""
    receive_exactly(sock, 5)
    reset(sock)


def send_without_end(sock):
    """Waits for a word, then sends until sending fails."""
    receive_exactly(sock, 2)
    try:
        while True:
            sock.sendall(bytes(65536))
    except (Reset, BrokenPipeError):
        return "cut"


class ResetIsCarried(Scenario):
    def test_the_client_resets_towards_a_tls_relay(self):
        relay = self.tls_device(how_it_ends, self.authority.issue("localhost"))
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{relay.port}"))
        client = self.connect(tunnel.port())
        self.assertEqual(receive_exactly(client, 5), b"hello")
        reset(client)
        self.assertEqual(relay.result(), "reset")
        self.assertIn("client", tunnel.wait_event("close")["outcome"])

    def test_the_device_resets_towards_a_tls_client(self):
        device = self.device(hang_up)
        tunnel = self.tunnel(relay=self.server_service(device.address))
        with tls_connect(tunnel.port(), self.authority.ca) as client:
            client.sendall(b"hello")
            with self.assertRaises(Reset):
                client.recv()

    def test_a_tls_peer_that_resets(self):
        def reset_after_hello(peer):
            peer.sendall(b"hello")
            self.assertEqual(peer.recv(), b"thanks")
            peer.reset()

        relay = self.tls_device(reset_after_hello, self.authority.issue("localhost"))
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{relay.port}"))
        client = self.connect(tunnel.port())
        self.assertEqual(receive_exactly(client, 5), b"hello")
        client.sendall(b"thanks")
        self.assert_reset(client)

    def test_through_both_tunnels(self):
        device = self.device(how_it_ends)
        near, _ = self.through_both(device.address)
        client = self.connect(near.port())
        self.assertEqual(receive_exactly(client, 5), b"hello")
        reset(client)
        self.assertEqual(device.result(), "reset")

        near, _ = self.through_both(self.device(hang_up).address)
        client = self.connect(near.port())
        client.sendall(b"hello")
        self.assert_reset(client)

    def test_a_client_that_is_gone_stops_a_device_that_sends_without_end(self):
        for read_first in (1 << 20, 0):
            with self.subTest(read_first=read_first):
                device = self.device(send_without_end)
                near, far = self.through_both(device.address)
                client = self.connect(near.port())
                client.sendall(b"go")
                receive_exactly(client, read_first)
                client.close()
                self.assertEqual(device.result(), "cut")
                for tunnel in (near, far):
                    tunnel.wait_event("close")


main()
