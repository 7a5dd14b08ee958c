# A device that is off: clients get a reset, never a clean end; if there are several targets, the next is tried.
from harness import Reset, Scenario, main, tls_connect
from harness.net import receive_exactly


class BackendThatRefuses(Scenario):
    def off(self):
        return f"127.0.0.1:{self.switched_off()}"

    def test_server_mode(self):
        tunnel = self.tunnel(relay=self.server_service(self.off()))
        with tls_connect(tunnel.port(), self.authority.ca) as client, self.assertRaises(Reset):
            client.sendall(b"hello?")
            client.recv()
        self.assertIn("refuse", tunnel.wait_event("failed", connection=1)["message"])

    def test_through_both_tunnels(self):
        near, _ = self.through_both(self.off())
        self.assert_client_is_reset(near.port())

    def test_the_next_in_the_list_is_tried(self):
        device = self.device()
        near, far = self.through_both([self.off(), self.off(), device.address])
        self.assert_echoes(self.connect(near.port()), b"third time lucky")
        self.assertEqual(far.wait_event("open")["upstream"], device.address)

    def test_a_list_of_relays_each_verified_by_its_own_name(self):
        relay = self.tls_device(lambda peer: peer.sendall(receive_exactly(peer, 5)), self.authority.issue("localhost"))
        tunnel = self.tunnel(vnc=self.client_service([self.off(), f"localhost:{relay.port}"]))
        self.assert_echoes(self.connect(tunnel.port()), b"hello")


main()
