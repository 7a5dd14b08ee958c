# A line that loses 5 to 20 % of the packets one way and fewer the other: slower, but handshakes succeed and every byte
# arrives in both directions.
# ctest: timeout=300
from harness import Scenario, main, namespace
from harness.net import echo, exchange_streams, hash_of_stream, in_threads

OWN_NETWORK = namespace.enter()
CLIENTS = 3
# The system doubles the retransmission timeout with each loss, so a client may have to wait.
PATIENCE = 250


def patient_echo(sock):
    sock.settimeout(PATIENCE)
    return echo(sock)


class PacketLoss(Scenario):
    def check(self, percent, size):
        near, far = self.through_both(self.device(patient_echo).address, near=dict(handshake_timeout="60s"),
                                      far=dict(handshake_timeout="60s"))
        loss = None
        if OWN_NETWORK:
            namespace.run("ip", "link", "set", "lo", "mtu", "1500")
            loss = namespace.Loss(percent, far.port(), back=percent // 4)
        results = {}

        def carry(seed):
            sock = self.connect(near.port())
            sock.settimeout(PATIENCE)
            results[seed] = exchange_streams(sock, seed, size)

        try:
            in_threads(carry, range(CLIENTS))
        finally:
            if loss:
                lost = loss.packets()
                loss.end()
        self.assertEqual(results, {seed: (size, hash_of_stream(seed, size)) for seed in range(CLIENTS)})
        if loss:
            self.assertGreater(lost, 0, "the line was bad")

    def test_some(self):
        self.check(5, 1_000_000)

    def test_much(self):
        self.check(20, 100_000)


main()
