# A waiting client (viewer, browser, SSH client) is told in its own protocol why the tunnel couldn't open.
# ctest: one_record_path
import random
import struct
import time

from harness import Scenario, eventually, listen, main, peers, self_signed
from harness.net import receive_all, receive_exactly, reset
from harness.ssh import ssh_client
from harness.vnc import Desktop, start_viewer


def vnc_port():
    """A free port in the range of VNC's displays."""
    for port in random.SystemRandom().sample(range(5900, 6000), 100):
        try:
            listen("127.0.0.1", port).close()
            return port
        except OSError:
            continue
    raise RuntimeError("no port from 5900 to 5999 is free")


def in_lines(text, width=72):
    """Wraps text as the tunnel does for viewers."""
    lines = [[]]
    for word in text.split(" "):
        if lines[-1] and len(" ".join([*lines[-1], word])) > width:
            lines.append([])
        lines[-1].append(word)
    return "\n".join(" ".join(line) for line in lines)


def refuses(reason):
    """A VNC server in Python that refuses every viewer with this reason."""
    def serve(sock):
        sock.sendall(b"RFB 003.008\n")
        receive_exactly(sock, 12)
        sock.sendall(b"\0" + struct.pack(">I", len(reason)) + reason.encode())
        receive_all(sock)
    return serve


class Explain(Scenario):
    def far_side(self):
        """(the address of a far side that speaks SSH where TLS is expected, the message for it)."""
        port = self.device(lambda sock: (sock.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), receive_all(sock))).port
        words = (f'localhost:{port} answered "SSH-2.0-OpenSSH_9.2" where TLS was expected: this port speaks SSH in the '
                 "clear; turn the relay's TLS option on, or set tls = false for this service")
        return f"localhost:{port}", words

    def start_client(self, connect, **keys):
        return self.tunnel(near=self.client_service(connect, **keys))

    # -- VNC

    def test_a_viewer_shows_the_reason_in_its_window(self):
        connect, words = self.far_side()
        port = vnc_port()
        tunnel = self.tunnel(near=self.client_service(connect, accept=f"127.0.0.1:{port}"))
        desktop = Desktop(self, 800, 300)

        def window(port):
            viewer = start_viewer(self, port, desktop.display, "-Log", "*:stderr:30")
            viewer.wait_log("Authentication failure: ")
            shown = eventually(lambda: window_on(desktop.screen), "the viewer shows a window")
            viewer.stop()
            eventually(lambda: not any(desktop.screen.pixels()), "the window is gone")
            return shown

        shown = window(port)
        self.assertEqual(tunnel.wait_event("failed")["message"], words)
        # the viewer shows the same pixels for the same reason and different ones for another
        self.assertTrue(shown == window(self.device(refuses(in_lines(f"tunnel: {words}"))).port),
                        "the window shows the reason")
        self.assertFalse(shown == window(self.device(refuses(in_lines(f"tunnel: {words}!"))).port))

    def test_viewers_of_each_version(self):
        connect, words = self.far_side()
        tunnel = self.start_client(connect, explain="vnc")
        reason = in_lines(f"tunnel: {words}").encode()
        for version, none in {b"RFB 003.008\n": b"\0", b"RFB 003.007\n": b"\0", b"RFB 003.003\n": bytes(4)}.items():
            with self.subTest(version):
                viewer = self.connect(tunnel.port())
                self.assertEqual(receive_exactly(viewer, 12), b"RFB 003.008\n")
                viewer.sendall(version)
                self.assert_ends(viewer, after=none + struct.pack(">I", len(reason)) + reason)

    def test_what_is_no_viewer_is_reset(self):
        connect, _ = self.far_side()
        tunnel = self.start_client(connect, explain="vnc")
        stranger = self.connect(tunnel.port())
        stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        self.assert_reset(stranger, after=b"RFB 003.008\n")
        gone = self.connect(tunnel.port())
        receive_exactly(gone, 12)
        reset(gone)
        viewer = self.connect(tunnel.port())
        self.assertEqual(receive_exactly(viewer, 12), b"RFB 003.008\n")

    def test_every_cause_is_told(self):
        """A closed port, an untrusted certificate, and a far side that hangs up."""
        closing = self.device(lambda sock: sock.recv(65536))
        untrusted = self.tls_device(receive_all, self_signed(self.folder, "localhost"))
        for target, reason in {f"localhost:{self.switched_off()}": "refuses the connection",
                               f"localhost:{untrusted.port}": "certificate",
                               f"localhost:{closing.port}": "closed the connection without a byte"}.items():
            with self.subTest(reason):
                tunnel = self.start_client(target, explain="vnc")
                viewer = self.connect(tunnel.port())
                receive_exactly(viewer, 12)
                viewer.sendall(b"RFB 003.008\n")
                told = receive_all(viewer)[5:].decode().replace("\n", " ")
                self.assertEqual(told, "tunnel: " + tunnel.wait_event("failed")["message"])
                self.assertIn(reason, told)

    def test_off(self):
        connect, _ = self.far_side()
        port = vnc_port()
        self.tunnel(near=self.client_service(connect, accept=f"127.0.0.1:{port}", explain="off"))
        self.assert_client_is_reset(port)
        self.assert_client_is_reset(self.start_client(connect).port())  # not a VNC port

    # -- HTTP

    def curl(self, port, *options):
        """(head, body) of the response."""
        done = peers.run("curl", "--silent", "--show-error", "--include", "--noproxy", "*", *options,
                         f"http://127.0.0.1:{port}/", text=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        head, body = done.stdout.decode().split("\r\n\r\n", 1)
        return head, body

    def test_curl_and_a_browser(self):
        connect, words = self.far_side()
        what, hint = words.split("; ", 1)
        port = self.start_client(connect, explain="http").port()
        text = f"502: the tunnel could not open\n{what}\nnext: {hint}\n"
        upload = self.folder / "upload"
        upload.write_bytes(bytes(4 << 20))
        for options in ([], ["--header", "Accept:"], ["--data-binary", f"@{upload}", "--header", "Expect:"]):
            with self.subTest(options):
                head, body = self.curl(port, *options)
                self.assertEqual(head.split("\r\n")[:2], ["HTTP/1.1 502 Bad Gateway",
                                                          "Content-Type: text/plain; charset=utf-8"])
                self.assertEqual(body, text)

        head, page = self.curl(port, "--header", "Accept: text/html,application/xhtml+xml,*/*;q=0.8")
        self.assertIn("Content-Type: text/html; charset=utf-8", head)
        escaped = what.replace('"', "&quot;")
        self.assertIn(f"<p>{escaped}</p>\n<p><strong>next:</strong> {hint}</p>", page)
        self.assertNotIn("://", page, "the page needs nothing from elsewhere")
        head, body = self.curl(port, "--head")
        self.assertIn(f"Content-Length: {len(text)}", head)
        self.assertEqual(body, "")

    def test_what_is_no_browser_is_reset(self):
        connect, _ = self.far_side()
        tunnel = self.start_client(connect, explain="http")
        self.assert_client_is_reset(tunnel.port(), send=bytes.fromhex("16030100050100000100"))
        # a request head without end is answered too
        endless = self.connect(tunnel.port())
        endless.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 16384)
        self.assertTrue(receive_all(endless).startswith(b"HTTP/1.1 502 Bad Gateway\r\n"))

    # -- SSH

    def test_ssh_prints_the_reason(self):
        connect, words = self.far_side()
        closed = f"127.0.0.1:{self.switched_off()}"
        tunnel = self.tunnel(tls=self.client_service(connect, explain="ssh"),
                             plain=self.plain_service(closed, accept=0, explain="ssh"))
        for service, reason in {"tls": words, "plain": f"{closed} refuses the connection; is the port right, and the "
                                                       "service running? a relay made on demand has another port "
                                                       "each time"}.items():
            port = tunnel.port(service)
            status, _, errors = ssh_client(self.folder, "ssh", port, "127.0.0.1", "true")
            self.assertEqual(status, 255)
            self.assertIn(f"Received disconnect from 127.0.0.1 port {port}:7: tunnel: {reason}\n", errors)
            self.assertEqual(tunnel.wait_event("failed", service=service)["message"], reason)


def window_on(screen):
    """The screen's pixels once something is on it and doesn't change, else None."""
    before = screen.pixels()
    time.sleep(0.4)
    return before if any(before) and before == screen.pixels() else None


main()
