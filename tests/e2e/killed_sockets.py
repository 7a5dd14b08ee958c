# A connection destroyed by the system (ss -K) ends with a reset at both ends, and no other is affected.
from harness import Scenario, main, namespace
from harness.net import echo_until_cut

OWN_NETWORK = namespace.enter()


class KilledSockets(Scenario):
    def test_one_connection_is_taken_away(self):
        device = self.device(echo_until_cut)
        near, far = self.through_both(device.address)
        # one after the other, so that both tunnels number them alike
        victim = self.connect(near.port())
        self.assert_echoes(victim, b"before")
        other = self.connect(near.port())
        self.assert_echoes(other, b"before")
        if not OWN_NETWORK:
            return self.assert_echoes(other, b"a machine whose connections are not ours to take away")
        # the connection between the two tunnels
        source = near.wait_event("open", connection=1)["upstream_address"]
        self.assertEqual(source, f"127.0.0.1:{far.port()}")
        first = far.wait_event("open", connection=1)["peer"]
        # at one end only: the other end must notice
        namespace.run("ss", "-K", "-t", "state", "established", "src", first, "dst", source)
        self.assert_reset(victim)
        closed = near.wait_event("close", connection=1)
        self.assertNotEqual(closed["outcome"], "closed by the client")
        self.assertEqual(device.result(), "reset")
        self.assertTrue(device.results.empty(), "no other connection of the device has ended")
        for _ in range(10):
            self.assert_echoes(other, b"still here")
        self.assert_echoes_stream(near.port(), 300_000)
        self.assertEqual(len(near.events("close", level="warn")), len(near.events("close", connection=1, level="warn")))


main()
