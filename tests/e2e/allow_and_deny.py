# Clients refused by allow or deny are reset before any byte, in every mode; the log names the first, counts the rest.
# ctest: one_record_path
import contextlib
import signal

from harness import Scenario, connect, main, tls_connect
from harness.net import receive_exactly

ELSEWHERE = "127.0.0.9"  # a local address that is on no list


class AllowAndDeny(Scenario):
    def relay(self, accept="127.0.0.1:0", **keys):
        self.target = self.device()
        return self.server_service(self.target.address, accept=accept, **keys)

    def served(self, tunnel, **where):
        with tls_connect(tunnel.port(), self.authority.ca, **where) as client:
            client.sendall(b"good")
            self.assertEqual(receive_exactly(client, 4), b"good")

    def test_allow_is_all_who_may_come_in(self):
        tunnel = self.tunnel(relay=self.relay(allow=["192.0.2.0/24", "127.0.0.1"]))
        self.served(tunnel)
        for _ in range(20):
            self.assert_client_is_reset(tunnel.port(), source=ELSEWHERE)
        self.assert_client_is_reset(tunnel.port(), b"GET / HTTP/1.1\r\n\r\n", source=ELSEWHERE)
        self.served(tunnel)
        refusal = tunnel.wait_event("refused")
        self.assertEqual(refusal["level"], "warn")
        self.assertEqual(refusal["message"], "refused 127.0.0.9: the allow list does not have it; "
                                             'add "127.0.0.9" to let it in')
        self.assertTrue(refusal["peer"].startswith("127.0.0.9:"))
        self.assertEqual(self.target.count, 2)
        self.assertEqual(tunnel.events("failed"), [], "no handshake was begun")
        tunnel.send_signal(signal.SIGTERM)
        self.assertEqual(tunnel.wait(), 0)
        self.assertEqual([event["message"] for event in tunnel.events("refused")][1:],
                         ["20 more connections were refused in the last minute, of 127.0.0.9"])

    def test_deny_wins(self):
        tunnel = self.tunnel(relay=self.relay(allow="127.0.0.0/8", deny=["127.0.0.8/30"]))
        for source in (ELSEWHERE, "127.0.0.11"):
            self.assert_client_is_reset(tunnel.port(), source=source)
            refusal = tunnel.wait_event("refused", outcome=f"refused {source}: the deny list has 127.0.0.8/30")
            self.assertEqual(refusal["level"], "warn")
        self.served(tunnel, source="127.0.0.12")
        self.served(tunnel, source="127.0.0.7")

    def test_families_are_told_apart(self):
        tunnel = self.tunnel(relay=self.relay(accept=["127.0.0.1:0", "[::1]:0"], deny="::/0"))
        ports = [int(address.rsplit(":", 1)[1]) for address in tunnel.addresses("relay")]
        self.served(tunnel)
        self.assert_client_is_reset(ports[1], host="::1")
        self.assertIn("refused ::1: the deny list has ::/0", tunnel.wait_event("refused")["message"])

    def test_in_client_mode_and_through_a_plain_relay(self):
        identity = self.authority.issue("localhost")
        far = self.tls_device(lambda peer: peer.sendall(b"hello"), identity)
        plain = self.device(lambda sock: sock.sendall(b"hello"))
        tunnel = self.tunnel(
            viewer=self.client_service(f"localhost:{far.port}", accept="127.0.0.1:0", allow="127.0.0.1"),
            relay=self.plain_service(plain.address, deny=ELSEWHERE))
        for service, target in (("viewer", far), ("relay", plain)):
            port = tunnel.port(service)
            self.assert_client_is_reset(port, source=ELSEWHERE)
            self.assertEqual(receive_exactly(self.connect(port), 5), b"hello")
            self.assertEqual(target.count, 1, "only who may come in makes the tunnel dial")
            tunnel.wait_event("refused", service=service)

    def test_a_reload_changes_who_may_come_in(self):
        keys = self.relay(allow="127.0.0.1")
        tunnel = self.tunnel(relay=keys)
        self.assert_client_is_reset(tunnel.port(), source=ELSEWHERE)
        with tls_connect(tunnel.port(), self.authority.ca) as earlier:
            tunnel.reload(relay={**keys, "allow": ELSEWHERE})
            self.served(tunnel, source=ELSEWHERE)
            self.assert_client_is_reset(tunnel.port())
            earlier.sendall(b"still here")
            self.assertEqual(receive_exactly(earlier, 10), b"still here")

    def test_who_is_refused_takes_no_place(self):
        tunnel = self.tunnel(relay=self.relay(allow="127.0.0.1", max_connections=1))
        for _ in range(5):
            with contextlib.suppress(ConnectionResetError):  # perhaps already in connect()
                sock = connect(tunnel.port(), source=ELSEWHERE)
                self.addCleanup(sock.close)
        self.served(tunnel)


main()
