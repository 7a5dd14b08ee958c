# The page for a browser: plots of what has happened, the far side's certificate, and the time at which a service
# closes, all of it in the document that the server sends.
import re
import urllib.request

from harness import Scenario, eventually, free_port, main


class StatusPage(Scenario):
    def page(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
            self.assertIn("default-src 'none'", answer.headers["content-security-policy"])
            return answer.read().decode()

    def card(self, port, name):
        """The part of the page that is about one service."""
        found = re.search(rf'<section class="card"><div class="head"><h2>{name}</h2>.*?</section>', self.page(port), re.S)
        self.assertTrue(found, name)
        return found[0]

    def label(self, port, name, title):
        """What a plot says to those who can't see it."""
        return re.search(rf'aria-label="({title}[^"]*)"', self.card(port, name))[1]

    def start(self):
        far = free_port()
        tunnel = self.tunnel(
            tables={"log": {"format": "json"}, "status": {"listen": "127.0.0.1:0"}},
            far=self.server_service(self.device().address, self.authority.issue("localhost"),
                                    accept=f"127.0.0.1:{far}"),
            near=self.client_service(f"localhost:{far}", open_for="30m"),
            off=self.plain_service(f"127.0.0.1:{self.switched_off()}"))
        return tunnel, int(tunnel.wait_event("status")["listen"][0].rsplit(":", 1)[1])

    def test_plots_of_what_has_happened(self):
        tunnel, port = self.start()
        self.assertEqual(self.card(port, "near").count("<svg"), 5)
        self.assertEqual(self.card(port, "off").count("<svg"), 4, "it has no handshakes")
        client = self.connect(tunnel.port("near"))
        self.assert_echoes(client, b"x" * 50_000)
        for number in range(1, 4):
            self.assert_client_is_reset(tunnel.port("off"))
            tunnel.wait_event("failed", service="off", connection=number)
        eventually(lambda: "at most 1 " in self.label(port, "near", "open connections"), "a sample has been taken")
        self.assertIn("open connections: 1 now", self.label(port, "near", "open connections"))
        self.assertRegex(self.label(port, "near", "bytes per second"), r"at most \d+\.\d kB/s up and \d+\.\d kB/s down")
        for name in ("near", "far"):
            for title in ("Handshake time", "Connect time"):
                self.assertRegex(self.label(port, name, title), r"in ten minutes: 1, mean [\d.]+ ms")
        self.assertEqual(self.label(port, "off", "failures"), "failures in ten minutes: refused 3")
        self.assertEqual(self.label(port, "near", "failures"), "failures in ten minutes: none")

    def test_certificates_and_the_closing_time(self):
        tunnel, port = self.start()
        self.assertNotIn("far side's certificate", self.card(port, "near"))
        with self.connect(tunnel.port("near")) as client:
            self.assert_echoes(client, b"x")
        eventually(lambda: "far side's certificate" in self.card(port, "near"), "it has been seen")
        card = self.card(port, "near")
        self.assertRegex(card, r'CN=localhost <span class="soft">issued by CN=[^<]+</span>, .*valid until \d{4}-\d\d-\d\d ')
        self.assertRegex(card, r"closes in (30m00|29m\d\d)s, at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
        self.assertNotIn("closes in", self.card(port, "far"))

    def test_a_reload_that_moves_the_status_keeps_the_plots(self):
        tunnel, port = self.start()
        client = self.connect(tunnel.port("near"))
        self.assert_echoes(client, b"x" * 1000)
        eventually(lambda: "at most 1 " in self.label(port, "near", "open connections"), "a sample has been taken")
        moved = free_port()
        tunnel.reload(tables={"log": {"format": "json"}, "status": {"listen": f"127.0.0.1:{moved}"}}, **tunnel.services)
        self.assertIn("at most 1 ", self.label(moved, "near", "open connections"))


main()
