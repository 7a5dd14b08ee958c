# The tunnel waits for a peer that is stopped but not gone (SIGSTOP, then SIGCONT): nothing is lost or cut.
import hashlib
import signal
import threading
import time

from harness import Scenario, main
from harness.net import MIB, half_close, hash_of_stream, receive_hash, send_stream

STILL = 7  # seconds; with keepalive = "1s" a vanished peer is dropped after 4


class StoppedPeer(Scenario):
    def test_streams_wait_for_a_stopped_relay(self):
        """The relay's system still acknowledges, with a zero window."""
        near, far = self.through_both(self.device().address, near=dict(keepalive="1s"), far=dict(keepalive="1s"))
        size, sock = 24 * MIB, self.connect(near.port())
        sender = threading.Thread(target=send_stream, args=(sock, "still", size))
        receiver = threading.Thread(target=lambda: result.append(receive_hash(sock)))
        result = []
        sender.start()
        far.send_signal(signal.SIGSTOP)
        self.addCleanup(far.send_signal, signal.SIGCONT)
        receiver.start()
        idle = self.connect(near.port())
        time.sleep(STILL)
        self.assertEqual((near.events("close"), result), ([], []))
        far.send_signal(signal.SIGCONT)
        sender.join()
        receiver.join()
        self.assertEqual(result, [(size, hash_of_stream("still", size))])
        idle.sendall(b"as well")
        half_close(idle)
        self.assertEqual(receive_hash(idle), (7, hashlib.sha256(b"as well").hexdigest()))
        self.assertEqual(near.wait_event("close", connection=1)["level"], "info")

    def test_a_handshake_with_a_stopped_relay_ends_in_time(self):
        near, far = self.through_both(self.device().address, near=dict(handshake_timeout="1s"))
        self.assert_echoes_stream(near.port(), 1000)
        far.send_signal(signal.SIGSTOP)
        self.addCleanup(far.send_signal, signal.SIGCONT)
        self.assert_client_is_reset(near.port())
        self.assertIn("handshake within 1.0 s", near.wait_event("failed", connection=2)["message"])
        far.send_signal(signal.SIGCONT)
        self.assert_echoes_stream(near.port(), 300_000)


main()
