# An answer that ended cleanly reaches a slow reader completely, even if nothing receives what the reader still sends.
import socket
import time

from harness import PATIENCE, Scenario, main, receive_exactly

SIZE = 2_000_000


def answer_and_leave(sock):
    """Sends a long answer and closes, like a server that refuses the rest of an upload."""
    receive_exactly(sock, 7)
    sock.sendall(b"y" * SIZE)
    sock.close()


class LastBytesToASlowReader(Scenario):
    def read_slowly(self, port):
        sock = socket.socket()
        self.addCleanup(sock.close)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        sock.settimeout(PATIENCE)
        sock.connect(("127.0.0.1", port))
        sock.sendall(b"request")
        time.sleep(0.5)
        for _ in range(3):
            sock.sendall(b"more of the upload")
            time.sleep(0.2)
        # longer than the tunnel waits for a peer that has acknowledged everything
        time.sleep(2)
        received = 0
        while data := sock.recv(65536):
            received += len(data)
        return received

    def test_a_plain_relay(self):
        device = self.device(answer_and_leave)
        tunnel = self.tunnel(plain=self.plain_service(device.address, accept=0))
        self.assertEqual(self.read_slowly(tunnel.port()), SIZE)

    def test_through_both_tunnels(self):
        near, _ = self.through_both(self.device(answer_and_leave).address)
        self.assertEqual(self.read_slowly(near.port()), SIZE)


main()
