# open_for and until close a service at its time: its clients are reset, other services continue, and the program exits
# with status 0 after the last.
# ctest: one_record_path
import datetime
import signal
import time

from harness import SANITIZED, Scenario, main
from harness.net import refuses_connections


def soon(seconds):
    return datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=9))) + datetime.timedelta(seconds=seconds)


class ClosingTime(Scenario):
    def test_a_service_closes_and_the_others_go_on(self):
        tunnel = self.tunnel(short=self.plain_service(open_for="2s"), long=self.plain_service(open_for="8h"),
                             ever=self.plain_service())
        self.assertIn(", open_for = 2.0 s", tunnel.wait_event("listening", service="short")["message"])
        ports = {name: tunnel.port(name) for name in ("short", "long", "ever")}
        clients = {name: self.connect(port) for name, port in ports.items()}
        for client in clients.values():
            self.assert_echoes(client, b"open")
        self.assert_reset(clients["short"])
        self.assertEqual(tunnel.wait_event("closed")["message"],
                         "closed at its time (open_for = 2.0 s); 1 connection is reset")
        self.assertEqual(tunnel.wait_event("close", service="short")["outcome"],
                         "reset, since the service has closed (open_for = 2.0 s)")
        self.assertTrue(refuses_connections(ports["short"]))
        for name in ("long", "ever"):
            self.assert_echoes(clients[name], b"still open")
            self.assert_echoes(self.connect(ports[name]), b"new ones too")
        self.assertEqual(len(tunnel.events("closed")), 1)

    def test_after_the_last_one_the_program_ends(self):
        tunnel = self.tunnel(relay=self.server_service(self.device().address, until=soon(15 if SANITIZED else 5), handshake_timeout="60s"),
                             ssh=self.plain_service(open_for="1s"))
        silent = self.connect(tunnel.port("relay"))
        self.assert_reset(silent)
        self.assertEqual(tunnel.wait(), 0)
        self.assertIn("stopped: every service has closed at its time", tunnel.log)
        self.assertEqual({event["service"] for event in tunnel.events("closed")}, {"relay", "ssh"})
        self.assertIn("(until = ", tunnel.events("closed", service="relay")[0]["message"])

    def test_a_warning_comes_ahead(self):
        tunnel = self.tunnel(plain=self.plain_service(open_for="61s"))
        client = self.connect(tunnel.port())
        self.assert_echoes(client, b"open")
        self.assertRegex(tunnel.wait_event("closing")["message"],
                         r"^closes in (1m00s|59 s) \(open_for = 1m01s\); "
                         r"1 connection open, and what is left of them will be reset$")
        self.assert_echoes(client, b"still open")

    def test_a_drain_is_cut_short(self):
        tunnel = self.tunnel(plain=self.plain_service(open_for="2s"))
        client = self.connect(tunnel.port())
        self.assert_echoes(client, b"open")
        tunnel.send_signal(signal.SIGTERM)
        self.assert_reset(client)
        self.assertEqual(tunnel.wait(), 0)
        tunnel.wait_event("closed")

    def test_a_reload_neither_prolongs_nor_opens_again(self):
        short, other = self.plain_service(open_for="3s"), self.plain_service()
        tunnel = self.tunnel(short=short, other=other)
        began = time.monotonic()

        while time.monotonic() - began < 2:
            tunnel.reload(short=short, other=other)
            time.sleep(0.2)
        tunnel.wait_event("closed", service="short")
        self.assertLess(time.monotonic() - began, 30, "it was not prolonged each time")
        port = tunnel.port("short")
        tunnel.reload(short=short, other=other)
        self.assertTrue(refuses_connections(port))
        self.assertIn("stays closed, since its time is over", tunnel.events("closed")[-1]["message"])
        # a changed time reopens it
        tunnel.reload(short=dict(short, open_for="1h"), other=other)
        again = tunnel.wait_for(lambda: tunnel.events("listening", service="short")[1:], "it listens again")[-1]
        self.assert_echoes(self.connect(int(again["listen"][0].rsplit(":", 1)[1])), b"open again")
        # a closed service doesn't keep the program running once the others are gone
        tunnel.reload(short=dict(short, open_for="1s"))
        self.assertEqual(tunnel.wait(), 0)

    def test_what_has_passed_is_a_mistake(self):
        tunnel = self.start_tunnel(plain=self.plain_service(until=soon(-1)))
        self.assertEqual(tunnel.wait(), 2)
        self.assertIn("has passed", tunnel.log)


main()
