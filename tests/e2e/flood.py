# Thousands of silent sockets from tens of thousands of sources, IPv4 and IPv6, in a network of the scenario's own: good
# clients get through as if nothing were on, and the log says from where the flood comes.
# ctest: cost=25 one_record_path
# ctest: timeout=240
import signal
import socket
import time

from harness import SANITIZED, Scenario, main, tls_connect
from harness import namespace
from harness.floods import CLIENT, HERE, Silence, route_sources
from harness.net import receive_exactly

SILENT, GOOD = 2_000 if SANITIZED else 18_000, 60


class FloodOfSilence(Scenario):
    def setUp(self):
        self.allow_open_files(SILENT + 500)

    def times(self, family, port):
        """The seconds until each good client has its answer; every one must get it."""
        out = []
        for _ in range(GOOD):
            began = time.monotonic()
            with tls_connect(port, self.authority.ca, source=CLIENT[family], host=HERE[family]) as client:
                client.sendall(b"good")
                self.assertEqual(receive_exactly(client, 4), b"good")
            out.append(time.monotonic() - began)
            time.sleep(0.02)
        return sorted(out)

    def assert_good_clients_get_through(self, family, limited):
        device = self.device()
        # slow programs get fewer descriptors, and so a smaller flood
        few = ["sh", "-c", 'ulimit -n 2000; exec "$@"', "sh"] if SANITIZED else []
        tunnel = self.tunnel(before=few, relay=self.server_service(device.address, accept=f"[{HERE[family]}]:0"
                                                       if family == socket.AF_INET6 else "127.0.0.1:0"))
        port = tunnel.port()
        alone = self.times(family, port)
        flood = Silence(family, port, SILENT)
        flood.start()
        self.addCleanup(flood.over.set)
        tunnel.wait_event("flood")
        tunnel.wait_for(lambda: flood.begun.value > SILENT, "every socket has been there")
        time.sleep(1)  # the first burst may have filled the backlog
        beside = self.times(family, port)
        self.assertEqual(device.count, 2 * GOOD, "nobody else reaches the device")
        memory = tunnel.resident() >> 20
        flood.stop()
        print(f"{'IPv4' if family == socket.AF_INET else 'IPv6'}: median {alone[GOOD // 2] * 1000:.1f} ms and p99 "
              f"{alone[-1] * 1000:.1f} ms alone; {beside[GOOD // 2] * 1000:.1f} ms and {beside[-1] * 1000:.1f} ms beside "
              f"{flood.begun.value} silent sockets, {SILENT} at a time; {memory} MiB", flush=True)
        # the flood shares the processors with the clients, so the slowest of them may meet its bursts
        if not SANITIZED:
            self.assertLess(beside[GOOD * 9 // 10], max(10 * alone[GOOD * 9 // 10], 0.2))
        self.assertLess(beside[-1], 5, "nobody waits until the silent ones are overdue")
        self.assertRegex(tunnel.events("flood")[0]["message"], "^flood: " if SANITIZED else limited)
        tunnel.send_signal(signal.SIGTERM)
        self.assertEqual(tunnel.wait(), 0)
        self.assertLess(len(tunnel.log.splitlines()), 5 * GOOD + 300, "the log stays short")
        self.assertRegex(tunnel.events("flood")[1]["message"],
                         "^flood: [0-9]+ unfinished TLS handshakes were reset in the last minute, ")

    def test_from_ipv4(self):
        self.assert_good_clients_get_through(socket.AF_INET, r"^flood: .* TLS handshakes")

    def test_from_one_ipv6_site(self):
        self.assert_good_clients_get_through(socket.AF_INET6, r"^flood: 2001:db8:77:.*/(48|56) has \d+ unfinished")


if namespace.enter():
    route_sources()
    main()
