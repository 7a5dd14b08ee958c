# Data from a peer can't forge a log line or control the terminal: it is escaped wherever it is shown.
import json
import re

from harness import Scenario, main

NASTY = b"\x1b[2J\x1b]0;owned\x07SSH-2.0-evil\r\nerror relay: forged line\r\n\x00\x7f\x9b31m\xff\xe2\x80\xae"
LINE = re.compile(r"(?:\S+ )?(error|warn|info|debug|trace) +\S.*")


class PeerDataIsEscaped(Scenario):
    def say_nasty_things(self, **log):
        """A client of server mode and a relay of client mode send garbage; returns the log."""

        def babble(sock):
            sock.sendall(NASTY)
            sock.recv(65536)

        relay = self.device(babble)
        tunnel = self.tunnel(tables={"log": dict(level="trace", **log)},
                             relay=self.server_service(relay.address),
                             viewer=self.client_service(f"localhost:{relay.port}"))
        stranger = self.connect(tunnel.port("relay"))
        stranger.sendall(NASTY)
        try:
            stranger.recv(65536)
        except ConnectionResetError:
            pass
        self.assert_client_is_reset(tunnel.port("viewer"))
        for service in ("relay", "viewer"):
            tunnel.wait_log(f"{service}.*(?:fail|TLS|#1)")
        tunnel.stop()
        return tunnel.lines

    def test_text(self):
        for line in self.say_nasty_things(format="text"):
            text = line.decode("utf-8")
            self.assertRegex(text, LINE)
            self.assertTrue(text.isprintable(), repr(text))
            self.assertNotRegex(text, r"^(\S+ )?error +relay: forged")

    def test_json(self):
        for line in self.say_nasty_things(format="json"):
            self.assertIsInstance(json.loads(line), dict)
            self.assertTrue(line.decode("utf-8").isprintable(), repr(line))


main()
