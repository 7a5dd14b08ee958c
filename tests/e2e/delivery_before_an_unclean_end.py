# Every byte received before an unclean end reaches the reader, whether fast, slow or paused; then comes a reset.
# ctest: cost=50 timeout=300
# ctest: label=wine
import sys
import threading
import time

from harness import SANITIZED, Reset, Scenario, main, receive_exactly, tls_connect
from harness.net import MIB, reset, stream
from harness.programs import WINDOWS

SIZES = (1, 64 * 1024, 2_000_000) + (() if WINDOWS or SANITIZED else (64 * MIB,))
READERS = {"fast": {}, "slow": dict(pause=0.003), "still for a while": dict(still=1.5)}
CASES = [(kind, size) for kind in READERS for size in SIZES]


def payload(size):
    return b"".join(stream("unclean", size))


def read_to_the_end(sock, pause=0.0, still=0.0):
    """(the bytes received, how the stream ended)."""
    time.sleep(still)
    got = bytearray()
    try:
        while part := sock.recv(50_000):
            got += part
            time.sleep(pause)
        return bytes(got), "end of file"
    except Reset:
        return bytes(got), "reset"


def answer_and_hang_up(peer):
    """Sends as many bytes as requested, then FIN without close_notify."""
    peer.sendall(payload(int(peer.recv(100))))
    peer.sock.close()


class DeliveryBeforeAnUncleanEnd(Scenario):
    def assert_delivered(self, read, size, end="reset"):
        got, how = read
        self.assertEqual((len(got), how), (size, end))
        self.assertTrue(got == payload(size), "the right bytes")

    def closed(self, tunnel, number, direction, size):
        closed = tunnel.wait_event("close", connection=number)
        self.assertEqual((closed[direction], closed["level"]), (size, "warn"))

    def test_the_relay_hangs_up(self):
        relay = self.tls_device(answer_and_hang_up, self.authority.issue("localhost"))
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{relay.port}", accept="127.0.0.1:0"))
        for number, (kind, size) in enumerate(CASES, 1):
            with self.subTest(reader=kind, size=size):
                client = self.connect(tunnel.port())
                client.sendall(b"%d" % size)
                self.assert_delivered(read_to_the_end(client, **READERS[kind]), size)
                self.closed(tunnel, number, "down", size)

    def test_the_client_hangs_up(self):
        kinds = iter([kind for kind, _ in CASES])
        device = self.device(lambda sock: read_to_the_end(sock, **READERS[next(kinds)]))
        tunnel = self.tunnel(relay=self.server_service(device.address))
        for number, (kind, size) in enumerate(CASES, 1):
            with self.subTest(reader=kind, size=size):
                with tls_connect(tunnel.port(), self.authority.ca) as client:
                    client.sendall(payload(size))
                    client.truncate()
                    self.assert_delivered(device.result(), size)
                self.closed(tunnel, number, "up", size)

    def test_a_device_resets(self):
        """Through a plain relay and both tunnels; the device resets only after its system has sent everything."""
        def answer_and_reset(sock):
            sock.sendall(payload(int(sock.recv(100))))
            receive_exactly(sock, 4)
            reset(sock)

        device = self.device(answer_and_reset)
        plain = self.tunnel(plain=self.plain_service(device.address))
        near, _ = self.through_both(device.address)
        for port in (plain.port(), near.port()):
            for kind, size in CASES:
                if size > 2_000_000:
                    continue  # more than the queues on the way can hold
                with self.subTest(reader=kind, size=size, port=port):
                    client = self.connect(port)
                    client.sendall(b"%d" % size)
                    time.sleep(0.5)
                    client.sendall(b"seen")
                    self.assert_delivered(read_to_the_end(client, **READERS[kind]), size)

    def test_an_end_of_file_where_that_is_wished_for(self):
        relay = self.tls_device(answer_and_hang_up, self.authority.issue("localhost"))
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{relay.port}", accept="127.0.0.1:0",
                                                     unclean_end="close"))
        client = self.connect(tunnel.port())
        client.sendall(b"2000000")
        self.assert_delivered(read_to_the_end(client, pause=0.003), 2_000_000, "end of file")
        client.close()
        closed = tunnel.wait_event("close")
        self.assertEqual((closed["level"], closed["down"]), ("info", 2_000_000))
        self.assertIn("without close_notify", closed["outcome"])

    def test_a_reader_that_stands_still(self):
        """The tunnel gives up after close_timeout, and the log counts only the bytes delivered."""
        relay = self.tls_device(answer_and_hang_up, self.authority.issue("localhost"))
        tunnel = self.tunnel(vnc=self.client_service(f"localhost:{relay.port}", accept="127.0.0.1:0",
                                                     close_timeout="2s"))
        client = self.connect(tunnel.port(), receive_buffer=8192)
        client.sendall(b"1000000")
        closed = tunnel.wait_event("close")
        if WINDOWS:  # the system doesn't report how much is in flight
            return
        self.assertLess(closed["down"], 1_000_000)
        got, how = read_to_the_end(client)
        self.assertEqual((len(got), how), (closed["down"], "reset"))

    def test_a_sender_that_has_gone_while_the_reader_stands_still(self):
        """The tunnel notices that the client is gone even while it doesn't read from it."""
        if not sys.platform.startswith("linux") or WINDOWS:
            return  # other systems don't report it
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        device = self.device(lambda sock: go_on.wait() and read_to_the_end(sock))
        tunnel = self.tunnel(plain=self.plain_service(device.address, close_timeout="1s", keepalive="2s"))
        client = self.connect(tunnel.port())
        client.setblocking(False)
        stalled = 0
        while stalled < 5:
            try:
                client.send(payload(MIB))
                stalled = 0
            except BlockingIOError:
                stalled += 1
                time.sleep(0.1)
        reset(client)
        closed = tunnel.wait_event("close")
        self.assertIn("found no reader for 1.0 s", closed["outcome"])
        go_on.set()
        got, how = device.result()
        self.assertEqual((len(got), how), (closed["up"], "reset"))

    def test_an_answer_that_was_complete(self):
        """A server that hangs up after our close_notify, with its answer delivered, is no reason for a warning."""
        def answer(peer):
            while data := peer.recv():
                peer.sendall(b"+" + data)
            peer.sock.close()

        relay = self.tls_device(answer, self.authority.issue("localhost"))
        tunnel = self.tunnel(redis=self.client_service(f"localhost:{relay.port}", accept="127.0.0.1:0"))
        for number, half_closes in enumerate((True, False), 1):
            client = self.connect(tunnel.port())
            self.assert_answer(client, half_closes)
            closed = tunnel.wait_event("close", connection=number)
            self.assertEqual((closed["level"], closed["outcome"]), ("info", "closed by the client"))

    def assert_answer(self, client, half_closes):
        client.sendall(b"PING")
        self.assertEqual(receive_exactly(client, 5), b"+PING")
        if half_closes:
            client.shutdown(1)
            self.assertEqual(client.recv(1), b"")
        client.close()


main()
