# 256 MiB wait for a reader that doesn't read: the tunnels hold back the sender and grow by only a few MiB.
# ctest: timeout=300
import threading
import time

from harness import SANITIZED, Scenario, eventually, hash_of_stream, main, stream
from harness.net import half_close, receive_hash

SIZE = (64 if SANITIZED else 256) << 20
BOUND = (64 if SANITIZED else 8) << 20  # sanitizers hold freed memory for a while


class Sender:
    """Sends a stream in a thread and counts the bytes sent."""

    def __init__(self, sock):
        self.sock, self.sent = sock, 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        self.sock.settimeout(None)
        for part in stream("waiting", SIZE):
            self.sock.sendall(part)
            self.sent += len(part)
        half_close(self.sock)

    def stalled(self):
        """True if nothing was sent for a second."""
        before = self.sent
        time.sleep(1)
        return self.sent == before and before < SIZE


class SlowReaderBoundsMemory(Scenario):
    def check(self, tunnels, before, sender, reader):
        eventually(sender.stalled, "the sender is held back")
        self.assertLess(sender.sent, SIZE // 2, "most of it still waits at the sender")
        for tunnel, resident in zip(tunnels, before):
            grown = tunnel.resident() - resident
            self.assertLess(grown, BOUND, f"{tunnel.name} grew by {grown >> 10} KiB")
        self.assertEqual(receive_hash(reader), (SIZE, hash_of_stream("waiting", SIZE)))
        for tunnel, resident in zip(tunnels, before):
            self.assertLess(tunnel.resident() - resident, BOUND, f"{tunnel.name} after all was read")

    def test_the_client_does_not_read(self):
        arrived = []
        done = threading.Event()

        def send(sock):
            arrived.append(Sender(sock))
            done.wait()

        self.addCleanup(done.set)
        near, far = self.through_both(self.device(send).address)
        before = [near.resident(), far.resident()]
        client = self.connect(near.port(), receive_buffer=65536)
        self.check((near, far), before, eventually(lambda: arrived, "the device is reached")[0], client)

    def test_the_device_does_not_read(self):
        arrived = []
        done = threading.Event()

        def hold(sock):
            arrived.append(sock)
            done.wait()

        self.addCleanup(done.set)
        near, far = self.through_both(self.device(hold).address)
        before = [near.resident(), far.resident()]
        sender = Sender(self.connect(near.port()))
        self.check((near, far), before, sender, eventually(lambda: arrived, "the device is reached")[0])


main()
