# A web browser (headless Chromium) shows the page of a plain device behind server mode, the 502 page of `explain`, and
# the status page.
# Run it by hand: Chromium (Debian: chromium-headless-shell) is too large to fetch for every test run, and curl covers
# the same in https_to_a_plain_http_device and explain. PICTURES=DIR keeps the screenshots.
import os
import pathlib
import shutil
import subprocess

from harness import Scenario, main, peers
from harness.net import PATIENCE
from harness.pki import pin_of
from harness.web import QuietHandler, start_web

PAGE = b"<!doctype html><title>device</title><h1>a device that only knows plain HTTP</h1>"
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


class HttpDevice(QuietHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)


class Browser(Scenario):
    def page(self, name, url, *options):
        """Opens `url` and returns its document; saves a screenshot if `name` isn't empty."""
        browser = next((path for path in map(shutil.which, NAMES) if path), None)
        self.assertTrue(browser, f"none of {', '.join(NAMES)} is on this machine")
        pictures = pathlib.Path(os.environ.get("PICTURES", self.folder)).resolve()
        words = [browser, "--headless", "--no-sandbox", "--no-proxy-server", "--disable-gpu", "--window-size=800,400",
                 f"--user-data-dir={self.folder}/profile", *options]
        env = dict(peers.environment(), HOME=str(self.folder))

        def run(*what):
            return subprocess.run([*words, *what, url], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, timeout=PATIENCE)

        if name:
            run(f"--screenshot={pictures}/{name}.png")
            self.assertGreater((pictures / f"{name}.png").stat().st_size, 1000)
        return run("--dump-dom").stdout

    def test_a_plain_device_through_server_mode(self):
        identity = self.authority.issue("localhost")
        relay = self.tunnel(web=self.server_service(f"127.0.0.1:{start_web(self, HttpDevice)}", identity))
        url = f"https://localhost:{relay.port()}/"
        self.assertNotIn("a device that only knows plain HTTP", self.page("", url), "its authority is unknown")
        relay.wait_log("127.0.0.1 refused the handshake: ")
        # trust this key only
        pin = pin_of(identity).removeprefix("sha256:")
        self.assertIn("<h1>a device that only knows plain HTTP</h1>",
                      self.page("device", url, f"--ignore-certificate-errors-spki-list={pin}"))
        self.assertTrue(relay.events("open"))

    def test_the_502_page(self):
        closed = f"127.0.0.1:{self.switched_off()}"
        tunnel = self.tunnel(web=self.client_service(closed, explain="http"))
        page = self.page("502", f"http://127.0.0.1:{tunnel.port()}/")
        self.assertIn("<h1>502: the tunnel could not open</h1>", page)
        self.assertIn(f"<p>{closed} refuses the connection</p>", page)
        self.assertIn("<p><strong>next:</strong> is the port right, and the service running? a relay made on demand has "
                      "another port each time</p>", page)

    def test_the_status_page(self):
        identity = self.authority.issue("localhost", days=(-10, 6))
        tunnel = self.tunnel(tables={"log": {"format": "json"}, "status": {"listen": "127.0.0.1:0"}},
                             vnc=self.plain_service(accept=0),
                             relay=self.server_service(self.device().address, identity),
                             off=self.plain_service(f"127.0.0.1:{self.switched_off()}", accept=0))
        client = self.connect(tunnel.port("vnc"))
        self.assert_echoes(client, b"x" * 123456)
        self.assert_client_is_reset(tunnel.port("off"))
        tunnel.wait_event("failed", service="off")
        address = tunnel.wait_event("status")["listen"][0]
        options = ("--virtual-time-budget=7000", "--window-size=1300,1400")
        page = self.page("status", f"http://{address}/", *options)
        for part in (">vnc<", ">123.5 kB<", ">vnc#1<", " left<", "refuses the connection", ">off#1<", "<svg"):
            self.assertIn(part, page)
        dark = ("--blink-settings=preferredColorScheme=0", "--window-size=500,2000")
        self.page("status-narrow-dark", f"http://{address}/", *options, *dark)
        # DNS rebinding: a foreign name that resolves to this machine gets nothing
        port = address.rsplit(":", 1)[1]
        page = self.page("", f"http://evil.example:{port}/", "--host-resolver-rules=MAP evil.example 127.0.0.1", *options)
        self.assertIn("no other name is this machine's", page)
        self.assertNotIn("vnc", page)


main()
