# A thousand clients are connected at once through both tunnels, and each receives its own bytes.
# ctest: timeout=300

from harness import SANITIZED, Scenario, connect, echo, main

CLIENTS = 300 if SANITIZED else 1000


class ThousandConnections(Scenario):
    def setUp(self):
        self.allow_open_files(4 * CLIENTS + 100)

    def test_each_gets_its_own(self):
        device = self.device(echo)
        near, far = self.through_both(device.address)
        clients = [connect(near.port()) for _ in range(CLIENTS)]
        for client in clients:
            self.addCleanup(client.close)

        for turn in range(3):
            words = [f"turn {turn}, client {number}, ".encode() * 50 for number in range(CLIENTS)]
            self.assert_all_echo(clients, words)

        self.assertEqual(len(device.live), CLIENTS, "all at once, not one after another")
        for tunnel in (near, far):
            tunnel.wait_for(lambda: len(tunnel.events("open")) == CLIENTS, "every connection is open")
            self.assertEqual(tunnel.events("close"), [])
        for client in clients:
            client.close()
        for tunnel in (near, far):
            tunnel.wait_for(lambda: len(tunnel.events("close")) == CLIENTS, "every connection is closed")


main()
