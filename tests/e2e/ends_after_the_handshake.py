# A relay that takes the handshake and then ends without a byte: no success, and the waiting client is told why.
import ssl
import struct

from harness import Scenario, main, peers
from harness.net import receive_all, receive_exactly
from harness.ssh import ssh_client
from harness.tls import TlsPeer

NEXT = "is the device behind it on, and its service listening?"


def cleanly(peer):
    peer.shutdown(1)
    receive_rest(peer)


def receive_rest(peer):
    try:
        while peer.recv():
            pass
    except Exception:  # noqa: BLE001  however the tunnel ends it
        pass


ENDS = {cleanly: "ended", TlsPeer.truncate: "ended", TlsPeer.reset: "reset"}


class EndsAfterTheHandshake(Scenario):
    def client_of(self, handler, **keys):
        relay = self.tls_device(handler, self.authority.issue("localhost"))
        return self.tunnel(near=self.client_service(f"localhost:{relay.port}", **keys)), f"localhost:{relay.port}"

    def told_by_vnc(self, port):
        """What a viewer is told."""
        viewer = self.connect(port)
        viewer.sendall(receive_exactly(viewer, 12))
        self.assertEqual(receive_exactly(viewer, 1), b"\0", "the server refuses")
        size, = struct.unpack(">I", receive_exactly(viewer, 4))
        return receive_exactly(viewer, size).decode().replace("\n", " ")

    def assert_failed(self, tunnel, words):
        closed = tunnel.wait_event("close")
        self.assertEqual((closed["level"], closed["outcome"]), ("warn", words))
        self.assertEqual(closed["down"], 0)
        return closed

    def test_a_viewer_is_told(self):
        for end, how in ENDS.items():
            with self.subTest(end):
                tunnel, target = self.client_of(end, explain="vnc")
                words = f"{target} {how} the connection without a byte"
                self.assertEqual(self.told_by_vnc(tunnel.port()), f"tunnel: {words}; {NEXT}")
                self.assertEqual(self.assert_failed(tunnel, words)["next"], NEXT)

    def test_a_browser_is_told_what_it_asked_for(self):
        def answer_nothing(peer):
            peer.recv()
            cleanly(peer)

        tunnel, target = self.client_of(answer_nothing, explain="http")
        for options, body in {(): f"{target} ended the connection without a byte", ("--head",): ""}.items():
            done = peers.run("curl", "--silent", "--show-error", "--include", "--noproxy", "*", *options,
                             f"http://127.0.0.1:{tunnel.port()}/", text=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            head, got = done.stdout.decode().split("\r\n\r\n", 1)
            self.assertTrue(head.startswith("HTTP/1.1 502 "), head)
            self.assertIn(body, got)
            self.assertEqual(bool(got), bool(body))

    def test_a_browser_is_told_without_tls_too(self):
        device = self.device(lambda sock: sock.recv(4096))
        tunnel = self.tunnel(plain=self.plain_service(device.address, accept=0, explain="http"))
        client = self.connect(tunnel.port())
        client.sendall(b"GET / HTTP/1.1\r\nHost: pi\r\n\r\n")
        self.assertIn(f"{device.address} ended the connection without a byte".encode(), receive_all(client))

    def test_what_is_no_request_gets_no_page(self):
        def take(peer):
            peer.recv()
            cleanly(peer)

        tunnel, _ = self.client_of(take, explain="http")
        self.assert_client_is_reset(tunnel.port(), send=bytes.fromhex("160301000501000001000303"))

    def test_ssh_is_told(self):
        tunnel, target = self.client_of(cleanly, explain="ssh")
        _, _, errors = ssh_client(self.folder, "ssh", tunnel.port(), "127.0.0.1", "true")
        self.assertIn(f"tunnel: {target} ended the connection without a byte; {NEXT}", errors)

    def test_a_certificate_is_wanted(self):
        """TLS 1.3 refuses only after the client's handshake is over."""
        identity = self.authority.issue("localhost")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity.cert, identity.key)
        context.load_verify_locations(self.authority.ca)
        context.verify_mode = ssl.CERT_REQUIRED
        relay = self.device(lambda sock: TlsPeer(sock, context, True).recv())
        tunnel = self.tunnel(near=self.client_service(f"localhost:{relay.port}", explain="vnc"))
        self.assertIn("wants a client certificate", self.told_by_vnc(tunnel.port()))
        closed = tunnel.wait_event("close")
        self.assertEqual(closed["level"], "warn")
        self.assertIn("certificate required", closed["outcome"])

    def test_without_a_protocol_to_explain_in(self):
        for end, how in ENDS.items():
            with self.subTest(end):
                tunnel, target = self.client_of(end)
                client = self.connect(tunnel.port())
                receive_all_or_reset(client)
                client.close()
                self.assert_failed(tunnel, f"{target} {how} the connection without a byte")

    def test_what_is_no_failure(self):
        """A client that ends first, and a receiver that sends nothing back."""
        tunnel, _ = self.client_of(receive_rest_and_end, explain="vnc")
        self.connect(tunnel.port()).close()
        closed = tunnel.wait_event("close")
        self.assertEqual((closed["level"], closed["outcome"]), ("info", "closed by the client"))

        def take(peer):
            peer.shutdown(1)
            self.assertEqual(peer.recv(), b"a line for the log")
            receive_rest(peer)

        tunnel, _ = self.client_of(take)
        client = self.connect(tunnel.port())
        self.assertEqual(client.recv(1), b"")
        client.sendall(b"a line for the log")
        client.close()
        self.assertEqual(tunnel.wait_event("close")["level"], "info")


def receive_rest_and_end(peer):
    receive_rest(peer)
    peer.shutdown(1)


def receive_all_or_reset(sock):
    try:
        receive_all(sock)
    except Exception:  # noqa: BLE001  the end is not what is asked here
        pass


main()
