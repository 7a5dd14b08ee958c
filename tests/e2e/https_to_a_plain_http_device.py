# curl uses https, fully verified, with a device that only speaks plain HTTP.
import hashlib

from harness import Scenario, main, peers
from harness.web import QuietHandler, start_web

PAGE = hashlib.sha256(b"page").digest() * 100_000


class HttpDevice(QuietHandler):
    """A device with one page; answers a POST with the hash of its body."""

    protocol_version = "HTTP/1.1"

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(PAGE)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(hashlib.sha256(body).hexdigest().encode())


class HttpsToAPlainHttpDevice(Scenario):
    def setUp(self):
        identity = self.authority.issue("localhost", kind="rsa")
        self.relay = self.tunnel(web=self.server_service(f"127.0.0.1:{start_web(self, HttpDevice)}", identity))

    def curl(self, *options):
        done = peers.run("curl", "--silent", "--show-error", "--fail", "--http1.1", "--noproxy", "*", "--cacert",
                         self.authority.ca, *options, f"https://localhost:{self.relay.port()}/", text=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_page(self):
        for options in (["--tls-max", "1.2"], ["--tlsv1.3"]):
            with self.subTest(options):
                self.assertTrue(self.curl(*options) == PAGE, "the page arrives whole")

    def test_an_upload(self):
        upload = self.folder / "upload"
        upload.write_bytes(PAGE[::-1])
        answer = self.curl("--data-binary", f"@{upload}", "--header", "Expect:")
        self.assertEqual(answer.decode(), hashlib.sha256(PAGE[::-1]).hexdigest())


main()
