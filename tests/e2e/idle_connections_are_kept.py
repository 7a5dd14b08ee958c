# Thousands of connections stay idle for minutes while this machine's addresses change: all still work afterwards, and
# they use no CPU meanwhile.
# ctest: one_record_path soak=2700
import time

from harness import SANITIZED, SOAK, Scenario, connect, main, namespace
from harness.echo_server import start_echo_server

OWN_NETWORK = namespace.enter()
CLIENTS = 9000 if SOAK else 100 if SANITIZED else 500
IDLE = 1800 if SOAK else 20  # seconds
EVERY = 60 if SOAK else 3  # seconds between changes


def change_addresses(number):
    """Does what a VPN or a container does: adds an address, removes another and changes the default route."""
    if number > 0:
        namespace.run("ip", "link", "delete", "vpn0")
    namespace.run("ip", "link", "add", "name", "vpn0", "type", "veth", "peer", "name", "vpn1")
    namespace.run("ip", "address", "add", f"198.51.100.{1 + number}/24", "dev", "vpn0")
    namespace.run("ip", "link", "set", "vpn0", "up")
    namespace.run("ip", "route", "replace", "default", "dev", "vpn0")


class IdleConnectionsAreKept(Scenario):
    def setUp(self):
        self.allow_open_files(2 * CLIENTS + 500)

    def test_none_is_lost(self):
        quiet = {"log": {"format": "json", "level": "info"}}
        limits = dict(max_connections=CLIENTS + 1)
        near, far = self.through_both(start_echo_server(self), near=limits, far=limits, tables=quiet)
        clients, port = [], near.port()
        for _ in range(CLIENTS):
            clients.append(connect(port))
            self.addCleanup(clients[-1].close)

        def all_echo(what):
            self.assert_all_echo(clients, [b"%s %5d" % (what, number) for number in range(CLIENTS)])

        all_echo(b"before")
        before = near.cpu() + far.cpu()
        for number in range(IDLE // EVERY):
            if OWN_NETWORK:
                change_addresses(number)
            time.sleep(EVERY)
        used = near.cpu() + far.cpu() - before
        self.assertLess(used, IDLE / 10, "CPU seconds of two tunnels with nothing to do")
        all_echo(b"after")
        print(f"{CLIENTS} connections idle for {IDLE} s: {used:.2f} s of CPU, "
              f"{near.resident() >> 10} and {far.resident() >> 10} KiB resident")
        for tunnel in (near, far):
            self.assertEqual([event for event in tunnel.events() if event["level"] in ("warn", "error")], [])


main()
