# idle_timeout ends a connection without traffic, but not one with traffic in either direction.
# ctest: portable
import time

from harness import Reset, Scenario, main, tls_connect
from harness.net import receive_exactly
from harness.tls import Truncated


class IdleTimeout(Scenario):
    def test_silence_ends_and_talk_does_not(self):
        device = self.device()
        near, _ = self.through_both(device.address, near=dict(idle_timeout="4s"))
        silent, talking = self.connect(near.port()), self.connect(near.port())
        self.assert_echoes(silent, b"last words")
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            self.assert_echoes(talking, b"tick")
            time.sleep(0.2)
        self.assert_reset(silent)
        self.assertIn("idle", near.wait_event("close", connection=1)["message"])
        self.assert_echoes(talking, b"still here")

    def test_in_server_mode(self):
        tunnel = self.tunnel(relay=self.server_service(self.device().address, idle_timeout="2s"))
        with tls_connect(tunnel.port(), self.authority.ca) as client:
            client.sendall(b"last words")
            self.assertEqual(receive_exactly(client, 10), b"last words")
            with self.assertRaises((Reset, Truncated)):
                client.recv()
        self.assertIn("idle", tunnel.wait_event("close", connection=1)["message"])


main()
