# After a sleep and after a network change, dead connections are dropped within seconds and live ones continue.
# ctest: cost=95 timeout=180
import signal
import sys
import time

from harness import Scenario, echo_server, main, namespace

OWN_NETWORK = namespace.enter()
HERE, NEW, THERE = (getattr(namespace.OtherNetwork, name) for name in ("HERE", "NEW", "THERE"))


class SleepAndNetworkChange(Scenario):
    """The relay is in its own network at the other end of a cable; keepalive is the default of one minute."""

    def setUp(self):
        if OWN_NETWORK:
            self.other = namespace.OtherNetwork(self)

    def pair(self):
        """A relay in the other network with two services, and a tunnel from here to it: (near, far)."""
        identity = self.authority.issue(THERE)
        device = self.start("device", [*self.other.enter, sys.executable, "-B", echo_server.__file__])
        port = device.wait_log(r"^port (\d+)$").group(1)
        doors = {name: self.server_service(f"127.0.0.1:{port}", identity, accept=f"{THERE}:0")
                 for name in ("one", "two")}
        far = self.tunnel(name="far", before=self.other.enter, **doors)
        near = self.tunnel(name="near", **{name: self.client_service(f"{THERE}:{far.port(name)}", accept="127.0.0.1:0",
                                                                     warm=1) for name in doors})
        return near, far

    def test_an_address_that_has_gone(self):
        if not OWN_NETWORK:
            return
        near, far = self.pair()
        lost = self.connect(near.port("one"))
        self.assert_echoes(lost, b"from the old address")
        self.assertTrue(far.wait_event("open", connection=1)["peer"].startswith(HERE))
        # new connections use another address; the old one is removed for good, the new one returns at once
        namespace.run("ip", "address", "add", f"{NEW}/32", "dev", "here0")
        namespace.run("ip", "route", "replace", f"{THERE}/32", "dev", "here0", "src", NEW)
        near.send_signal(signal.SIGHUP)  # the pooled connections used the old address
        near.wait_event("reloaded")
        kept = self.connect(near.port("two"))
        self.assert_echoes(kept, b"from the new address")
        began = time.monotonic()
        for words in (("delete", f"{HERE}/24"), ("delete", f"{NEW}/32"), ("add", f"{NEW}/32")):
            namespace.run("ip", "address", *words, "dev", "here0")
        namespace.run("ip", "route", "replace", f"{THERE}/32", "dev", "here0", "src", NEW)
        self.assert_reset(lost)
        self.assertLess(time.monotonic() - began, 60)  # the system alone would take 15 minutes
        self.assertIn(f"{HERE}, which it knew this machine by, has gone",
                      near.wait_event("close", service="one")["outcome"])
        self.assert_echoes(kept, b"still here")
        self.assertEqual(near.events("close", service="two"), [])
        self.assert_echoes_stream(near.port("one"), 300_000)

    def test_addresses_that_come_and_go_elsewhere(self):
        """As when containers start and stop: pooled connections are kept."""
        if not OWN_NETWORK:
            return
        near, far = self.pair()
        for door in ("one", "two"):
            far.wait_event("open", service=door)
        before = len(far.events("open"))
        namespace.run("ip", "link", "add", "name", "other0", "type", "veth", "peer", "name", "other1")
        self.addCleanup(namespace.run, "ip", "link", "delete", "other0")
        for _ in range(3):
            namespace.run("ip", "address", "add", f"{self.other.ELSEWHERE}/24", "dev", "other0")
            time.sleep(1)
            namespace.run("ip", "address", "delete", f"{self.other.ELSEWHERE}/24", "dev", "other0")
            time.sleep(2)
        time.sleep(24)  # an address that is absent for 20 seconds counts as gone
        self.assertEqual(len(far.events("open")), before)
        self.assertEqual((near.events("close"), far.events("close")), ([], []))

    def test_after_a_sleep(self):
        """A stopped process looks like one on a machine that slept: the clocks went on without it."""
        near, far = self.pair() if OWN_NETWORK else self.through_both(self.device().address)
        doors = ("one", "two") if OWN_NETWORK else (None, None)
        quiet, other, busy = (self.connect(near.port(doors[0])) for _ in range(3))
        live = self.connect(near.port(doors[1]))
        for sock in (quiet, other, busy, live):
            self.assert_echoes(sock, b"before")
        near.send_signal(signal.SIGSTOP)
        self.addCleanup(near.send_signal, signal.SIGCONT)
        if OWN_NETWORK:
            gone = namespace.Loss(100, far.port("one"))
        time.sleep(8)
        near.send_signal(signal.SIGCONT)
        busy.sendall(b"is anybody there?")
        self.assertRegex(near.wait_event("wake")["message"], r"back after \d")
        if OWN_NETWORK:
            for sock in (quiet, other, busy):
                self.assert_reset(sock)
            for closed in (near.wait_event("close", service="one", connection=number) for number in (1, 2, 3)):
                self.assertRegex(closed["outcome"], rf"^[\w.]+:{far.port('one')} (no longer answers|has not answered for)")
                self.assertLess(closed["duration"], 60)
            gone.end()
            self.assertEqual(near.events("close", service="two"), [])
            self.assert_echoes_stream(near.port("one"), 300_000)
        else:
            self.assertEqual(near.events("close"), [])
        self.assert_echoes(live, b"after")


main()
