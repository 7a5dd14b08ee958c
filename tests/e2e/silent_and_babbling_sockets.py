# A thousand silent sockets and two hundred that send garbage at the TLS port: good clients always get through, the rest
# are closed at the handshake deadline, and the log stays short.
# ctest: one_record_path
# ctest: timeout=240
import os
import selectors
import signal
import socket
import threading
import time

from harness import Scenario, connect, main, tls_connect
from harness.net import receive_exactly

SILENT, BABBLING, GOOD = 1000, 200, 100
FLOODER, BABBLER, CLIENT = "127.0.0.9", "127.0.0.10", "127.0.0.2"
DEADLINE = 8  # seconds
BABBLE = [b"GET / HTTP/1.1\r\n\r\n", b"SSH-2.0-x\r\n", os.urandom(300), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + bytes(20)]


class Babblers(threading.Thread):
    """BABBLING sockets at a time that send something other than a handshake; each connects again once it is closed."""

    def __init__(self, port):
        super().__init__()
        self.port, self.over, self.count = port, threading.Event(), 0

    def run(self):
        with selectors.DefaultSelector() as selector:
            def begin():
                sock = socket.socket()
                sock.bind((BABBLER, 0))
                sock.setblocking(False)
                sock.connect_ex(("127.0.0.1", self.port))
                selector.register(sock, selectors.EVENT_WRITE)

            for _ in range(BABBLING):
                begin()
            while not self.over.is_set():
                for key, _ in selector.select(0.1):
                    sock = key.fileobj
                    try:
                        if key.events == selectors.EVENT_WRITE:
                            sock.send(BABBLE[self.count % len(BABBLE)])
                            self.count += 1
                            selector.modify(sock, selectors.EVENT_READ)
                            continue
                        if sock.recv(100):
                            continue
                    except OSError:
                        pass
                    selector.unregister(sock)
                    sock.close()
                    begin()
            for key in list(selector.get_map().values()):
                key.fileobj.close()


class SilentAndBabbling(Scenario):
    def setUp(self):
        self.allow_open_files(SILENT + BABBLING + 4 * GOOD + 200)

    def p99(self, port):
        """The 99th percentile of the seconds until a good client has its answer; every one must get it."""
        times = []
        for _ in range(GOOD):
            began = time.monotonic()
            with tls_connect(port, self.authority.ca, source=CLIENT) as client:
                client.sendall(b"good")
                self.assertEqual(receive_exactly(client, 4), b"good")
            times.append(time.monotonic() - began)
        return sorted(times)[-2]

    def test_a_good_client_gets_through(self):
        device = self.device()
        tunnel = self.tunnel(relay=self.server_service(device.address, handshake_timeout=f"{DEADLINE}s"))
        port = tunnel.port()
        baseline = self.p99(port)
        tunnel.wait_for(lambda: len(tunnel.events("close")) == GOOD, "the good clients are gone")
        open_files = tunnel.open_files()

        babblers = Babblers(port)
        babblers.start()
        self.addCleanup(babblers.over.set)
        # most from one source, beyond its limit; the others from many
        for number in range(SILENT):
            source = FLOODER if number < 700 else f"127.0.1.{1 + number % 30}"
            self.addCleanup(connect(port, source=source).close)
        tunnel.wait_for(lambda: tunnel.open_files() > open_files + 500, "they are there")
        under_attack = self.p99(port)
        babblers.over.set()
        babblers.join()
        print(f"p99 of a good client: {baseline * 1000:.1f} ms alone, {under_attack * 1000:.1f} ms beside "
              f"{SILENT} silent and {BABBLING} babbling sockets ({babblers.count} babbles)")
        self.assertLess(under_attack, max(10 * baseline, 0.5))
        self.assertEqual(device.count, 2 * GOOD, "nobody else reaches the device")

        tunnel.wait_for(lambda: tunnel.open_files() <= open_files, "all are gone at the deadline",
                        seconds=60 + DEADLINE)
        self.assert_the_log_is_short(tunnel)

    def assert_the_log_is_short(self, tunnel):
        """Thirty lines per source; the rest is counted."""
        self.assertRegex(tunnel.events("flood")[0]["message"], "^flood: 127.0.0.9 has 513 unfinished TLS handshakes; ")
        tunnel.send_signal(signal.SIGTERM)
        self.assertEqual(tunnel.wait(), 0)
        failed = tunnel.events("failed")
        for source in (FLOODER, BABBLER):
            told = [event for event in failed if event.get("peer", "").startswith(source + ":")]
            self.assertLessEqual(len(told), 60, "thirty, and thirty more where it was quiet for a minute")
        counted = [event for event in failed if "more TLS handshakes failed in the last minute" in event["message"]]
        evicted = sum(event.get("count", 0) for event in tunnel.events("flood"))
        self.assertGreaterEqual(evicted, 700 - 512, "the flooder's oldest had to go")
        self.assertGreater(evicted + sum(event["count"] for event in counted), 700 - 60)
        self.assertIn(" sources, most of 127.0.0.", counted[0]["message"])

    def test_who_fails_a_thousand_times_waits(self):
        tunnel = self.tunnel(relay=self.server_service(self.device().address))
        port, tried = tunnel.port(), 0
        while tried % 50 or not tunnel.events("refused"):
            tried += 1
            sock = socket.socket()
            sock.bind((FLOODER, 0))
            try:
                sock.connect(("127.0.0.1", port))
                sock.sendall(b"no handshake")
            except OSError:
                pass
            sock.close()
        self.assertGreaterEqual(tried, 20, "a failure costs little")
        self.assertRegex(tunnel.events("refused")[0]["message"],
                         "^refused 127.0.0.9 for now: TLS handshakes of 127.0.0.9 have failed too often")
        self.p99(port)  # other sources are served


main()
