# When the wall clock is changed, only what depends on the time of day follows it.
# ctest: one_record_path without_sanitizers preloads
import datetime
import os

from harness import Scenario, main, peers


class WallClockJumps(Scenario):
    def started(self, **services):
        """Starts a tunnel with an adjustable wall clock; the monotonic clock never jumps, as on a real machine."""
        self.clock = self.folder / "clock"
        self.set_clock("+0")
        return self.tunnel(env={"LD_PRELOAD": peers.find("libfaketime"), "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}, **services)

    def set_clock(self, ahead):
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(ahead + "\n")
        os.replace(fresh, self.clock)

    def in_an_hour(self):
        return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)

    def test_forward(self):
        tunnel = self.started(until=self.plain_service(until=self.in_an_hour()),
                              open_for=self.plain_service(open_for="2h"),
                              idle=self.plain_service(idle_timeout="1h"))
        clients = {name: self.connect(tunnel.port(name)) for name in ("until", "open_for", "idle")}
        for client in clients.values():
            self.assert_echoes(client, b"before")
        self.set_clock("+3h")
        self.assert_reset(clients["until"])
        self.assertRegex(tunnel.wait_event("closed", service="until")["message"], r"closed at its time \(until = ")
        for name in ("open_for", "idle"):
            self.assert_echoes(clients[name], b"no hour has passed")
            self.assert_echoes(self.connect(tunnel.port(name)), b"nor for new ones")
        self.assertEqual(len(tunnel.events("closed")), 1)
        # the log uses the time of day
        ahead = datetime.datetime.fromisoformat(tunnel.wait_event("closed")["time"].replace("Z", "+00:00"))
        self.assertGreater(ahead, self.in_an_hour() + datetime.timedelta(hours=1))

    def test_back(self):
        tunnel = self.started(until=self.plain_service(until=self.in_an_hour()),
                              open_for=self.plain_service(open_for="2s"))
        client, short = self.connect(tunnel.port("until")), self.connect(tunnel.port("open_for"))
        self.set_clock("-30d")
        self.assert_echoes(client, b"after")
        # durations are unaffected
        self.assert_reset(short)
        self.assert_echoes(client, b"after")
        self.assert_echoes(self.connect(tunnel.port("until")), b"a new one")

    def test_a_certificate_goes_by_the_time_of_day(self):
        identity = self.authority.issue("localhost", days=(-10, 365))
        far = self.tunnel(name="far", relay=self.server_service(self.device().address, identity))
        near = self.started(viewer=self.client_service(f"localhost:{far.port()}", resume=False))
        earlier = self.connect(near.port())
        self.assert_echoes(earlier, b"before")
        for ahead, words in (("+500d", r"expired on 20\d\d-.*check the clock here too"),
                             ("-20d", "set the clock here, or wait")):
            with self.subTest(ahead):
                self.set_clock(ahead)
                self.assert_client_is_reset(near.port())
                near.wait_log(words)
                self.assert_echoes(earlier, b"who is in stays in")
        self.set_clock("+0")
        self.assert_echoes(self.connect(near.port()), b"as before")


main()
