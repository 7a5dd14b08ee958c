# verify = "none" accepts any certificate and logs a warning at every start.
from harness import Scenario, main, self_signed


class VerifyNone(Scenario):
    def test_it_works_and_warns(self):
        relay = self.tls_device(lambda peer: peer.sendall(peer.recv()), self_signed(self.folder, "whoever.example"))
        for start in ("first", "second"):
            with self.subTest(start):
                tunnel = self.tunnel(vnc=dict(client=True, accept=0, connect=f"localhost:{relay.port}", verify="none"))
                self.assert_echoes(self.connect(tunnel.port()), b"to whom it may concern")
                tunnel.wait_event("open")
                warnings = [event["message"] for event in tunnel.events(level="warn", service="vnc")]
                self.assertRegex("\n".join(warnings), r"verif|who")
                self.assertNotIn("over verified TLS", tunnel.log)

    def test_a_verified_service_does_not_warn(self):
        tunnel = self.tunnel(vnc=self.client_service("localhost:1"))
        self.assertEqual(tunnel.events(level="warn"), [])
        self.assertIn("over verified TLS", tunnel.wait_event("listening")["message"])


main()
