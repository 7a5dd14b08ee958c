# After a network change and after a sleep, every vanished peer is detected and no live one is dropped, even on a line
# that loses packets.
# ctest: cost=75 timeout=300 soak=1800
# ctest: one_record_path
import signal
import sys
import time

from harness import SANITIZED, SOAK, Scenario, connect, echo_server, main, namespace
from harness.programs import eventually

OWN_NETWORK = namespace.enter()
SIZES = (500, 2000, 9000) if SOAK else (100,) if SANITIZED else (300,)
LOSSES = (0, 5, 20) if SOAK else (20,)
SETTLED = 25  # seconds until every peer has been probed


class ManyPeersAfterAChange(Scenario):
    """The relay is at the other end of a cable; a tenth of the connections goes to a service that vanishes."""

    def setUp(self):
        self.allow_open_files(2 * max(SIZES) + 500)

    def pair(self, size):
        identity = self.authority.issue(self.other.THERE)
        device = self.start("device", [*self.other.enter, sys.executable, "-B", echo_server.__file__])
        port = device.wait_log(r"^port (\d+)$").group(1)
        quiet = {"log": {"format": "json", "level": "info"}}
        doors = {name: self.server_service(f"127.0.0.1:{port}", identity, accept=f"{self.other.THERE}:0",
                                           max_connections=size) for name in ("lives", "vanishes")}
        far = self.tunnel(before=self.other.enter, tables=quiet, **doors)
        near = self.tunnel(tables=quiet, **{
            name: self.client_service(f"{self.other.THERE}:{far.port(name)}", accept="127.0.0.1:0",
                                      max_connections=size, handshake_timeout="60s") for name in doors})
        return near, far

    def clients(self, near, name, count):
        out = []
        for _ in range(count):
            out.append(connect(near.port(name)))
            self.addCleanup(out[-1].close)
        return out

    def all_echo(self, clients, what):
        self.assert_all_echo(clients, [b"%s %5d" % (what, number) for number in range(len(clients))])

    def change(self):
        """Adds an address, removes it again and changes the default route ten times."""
        namespace.run("ip", "link", "add", "name", "new0", "type", "veth", "peer", "name", "new1")
        namespace.run("ip", "address", "add", "203.0.113.5/24", "dev", "new0")
        namespace.run("ip", "address", "delete", "203.0.113.5/24", "dev", "new0")
        for number in range(10):
            namespace.run("ip", "route", "replace", "default", "via", f"198.51.100.{100 + number}")
        namespace.run("ip", "link", "delete", "new0")

    def sleep(self, near):
        near.send_signal(signal.SIGSTOP)
        self.addCleanup(near.send_signal, signal.SIGCONT)
        time.sleep(8)
        near.send_signal(signal.SIGCONT)

    def check(self, size, percent):
        near, far = self.pair(size)
        live, vanished = self.clients(near, "lives", size * 9 // 10), self.clients(near, "vanishes", size // 10)
        self.all_echo(live + vanished, b"before")
        ports = [far.port(name) for name in ("lives", "vanishes")]
        loss = [namespace.Loss(percent, *ports, enter=enter) for enter in ((), self.other.enter) if percent]
        self.change()
        time.sleep(SETTLED)
        self.assertEqual(near.events("close"), [], "everybody is there")
        for part in loss:
            part.end()
        loss = [namespace.Loss(100, ports[1])]
        if percent:
            loss.append(namespace.Loss(percent, *ports, enter=self.other.enter))
        began = time.monotonic()
        self.sleep(near)
        eventually(lambda: len(near.events("close")) >= len(vanished), "the vanished ones are found", 150)
        print(f"{size} peers, {percent} % lost: {len(vanished)} vanished ones are found "
              f"after {time.monotonic() - began:.0f} s")
        time.sleep(5)
        for part in loss:
            part.end()
        closed = near.events("close")
        self.assertEqual({event["service"] for event in closed}, {"vanishes"})
        self.assertEqual(len(closed), len(vanished))
        self.assertRegex(closed[0]["outcome"], "has not answered for")
        self.all_echo(live, b"after")

    def test_all(self):
        if not OWN_NETWORK:
            return
        for size in SIZES:
            for percent in LOSSES:
                with self.subTest(size=size, percent=percent):
                    self.other = namespace.OtherNetwork(self)
                    self.check(size, percent)
                    self.doCleanups()  # frees the descriptors for the next one


main()
