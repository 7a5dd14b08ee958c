# A relay that is silent, refuses, is unreachable or unknown: the client is reset and the reason is logged.
from harness import Scenario, main
from harness.net import receive_all


class UnreachableRelay(Scenario):
    def check(self, upstream, reason, **keys):
        tunnel = self.tunnel(vnc=self.client_service(upstream, **keys))
        self.assert_client_is_reset(tunnel.port())
        failed = tunnel.wait_event("failed", service="vnc", connection=1)
        self.assertRegex(failed["message"], reason)
        self.assertIn(upstream.rsplit(":", 1)[0], failed["message"])
        self.assert_client_is_reset(tunnel.port())  # the tunnel still accepts the next client

    def test_a_silent_server_ends_at_handshake_timeout(self):
        silent = self.device(receive_all)
        self.check(f"localhost:{silent.port}", r"handshake within 1\.0 s", handshake_timeout="1s")

    def test_a_server_that_hangs_up_at_once(self):
        rude = self.device(lambda sock: None)
        self.check(f"localhost:{rude.port}", r"closed|ended|reset|hung up")

    def test_a_port_where_nobody_listens(self):
        self.check(f"localhost:{self.switched_off()}", r"refuses")

    def test_a_host_that_does_not_answer_ends_at_connect_timeout(self):
        port = self.unanswered_port()
        self.check(f"127.0.0.1:{port}", r"not answer within 1\.0 s", connect_timeout="1s")

    def test_a_name_that_does_not_exist(self):
        self.check("no-such-relay.invalid:443", r"no-such-relay\.invalid")


main()
