# Both sides have ended but the client doesn't read its last bytes: close_timeout applies instead of idle_timeout, even
# though the tunnel hasn't read as far as the device's end.
# ctest: one_record_path
import sys
import time

from harness import Scenario, main, namespace
from harness.net import half_close, receive_exactly

OWN_NETWORK = namespace.enter()
SIZE = 110_000


def small_send_buffers():
    """Limits send buffers so that the system takes less than the device sends; returns whether that is possible."""
    try:
        with open("/proc/sys/net/ipv4/tcp_wmem", "w") as file:
            file.write("4096 16384 32768")
        return True
    except OSError as error:
        print(f"the size of send buffers cannot be set here ({error}): a slow reader alone", file=sys.stderr)
        return False


class BothEndedAndNobodyReads(Scenario):
    def through(self, close_timeout, size):
        def answer_and_end(sock):
            receive_exactly(sock, 7)
            sock.sendall(b"y" * size)
            half_close(sock)
            return sock.recv(1)

        device = self.device(answer_and_end)
        tunnel = self.tunnel(plain=self.plain_service(device.address, keepalive="1s", close_timeout=close_timeout))
        sock = self.connect(tunnel.port(), receive_buffer=4096)
        sock.sendall(b"request")
        half_close(sock)
        return tunnel, sock

    def test_a_reader_that_never_comes_back(self):
        if OWN_NETWORK and small_send_buffers():
            tunnel, _ = self.through("1s", SIZE)
            self.assertIn("last bytes found no reader for 1.0 s", tunnel.wait_event("close")["outcome"])

    def test_a_slow_reader_gets_it_all(self):
        _, sock = self.through("4s", 3_000_000)
        size = 0
        while part := sock.recv(100_000):
            size += len(part)
            time.sleep(0.01)
        self.assertEqual(size, 3_000_000)


main()
