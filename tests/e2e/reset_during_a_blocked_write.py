# A reset that arrives while a write to the same socket is blocked is passed on as a reset, never as a clean end.
import socket
import threading

from harness import Reset, Scenario, main, receive_exactly, reset

ANSWER = b"half of the answer"


class ResetDuringABlockedWrite(Scenario):
    def setUp(self):
        super().setUp()
        self.full = threading.Event()  # before a connection, whose device may be fast

    def half_an_answer(self, sock):
        """Sends half of an answer, reads nothing, and resets once the tunnel can't send any more."""
        sock.sendall(ANSWER)
        self.assertTrue(self.full.wait(30), "the upload blocks in the end")
        reset(sock)

    def upload_until_it_blocks(self, sock):
        """Uploads until the send blocks; returns what is received after the device's reset."""
        self.assertEqual(receive_exactly(sock, len(ANSWER)), ANSWER)
        sock.settimeout(1)
        try:
            while True:
                sock.send(b"x" * 65536)
        except (TimeoutError, socket.timeout, OSError):
            pass
        self.full.set()
        sock.settimeout(30)
        try:
            return sock.recv(1)
        except Reset:
            return "reset"

    def test_a_plain_relay(self):
        device = self.device(self.half_an_answer)
        tunnel = self.tunnel(plain=self.plain_service(device.address, accept=0))
        self.assertEqual(self.upload_until_it_blocks(self.connect(tunnel.port())), "reset")

    def test_through_both_tunnels(self):
        near, _ = self.through_both(self.device(self.half_an_answer).address)
        self.assertEqual(self.upload_until_it_blocks(self.connect(near.port())), "reset")


main()
