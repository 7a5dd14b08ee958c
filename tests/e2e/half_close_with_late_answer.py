# A side that has half-closed still receives an answer that comes seconds later, on every kind of path.
# ctest: portable
import time

from harness import Scenario, connect, half_close, main, receive_all, tls_connect
from harness.net import late_answer

LATE = 2  # seconds: longer than close_timeout below, which must not cut off a pending answer


def question_after_goodbye(sock):
    """A device that sends, half-closes, and still receives what comes late."""
    sock.sendall(b"farewell")
    half_close(sock)
    return receive_all(sock)


class HalfCloseWithLateAnswer(Scenario):
    def paths(self, handler):
        """(name, connect, device) for client mode to a TLS relay, server mode from a TLS client, and both together."""
        identity = self.authority.issue("localhost")
        keys = dict(close_timeout="1s")
        relay = self.tls_device(handler, identity)
        near = self.tunnel(vnc=self.client_service(f"localhost:{relay.port}", **keys))
        yield "client mode", lambda: connect(near.port()), relay
        device = self.device(handler)
        far = self.tunnel(relay=self.server_service(device.address, identity, **keys))
        for version in ("1.2", "1.3"):
            yield f"server mode {version}", lambda: tls_connect(far.port(), self.authority.ca, version=version), device
        for version in ("1.2", "1.3"):
            both, _ = self.through_both(device.address, near=dict(keys, max_version=version), far=keys)
            yield f"both {version}", lambda: connect(both.port()), device

    def test_the_client_ends_first(self):
        for name, client, _ in self.paths(late_answer(LATE)):
            with self.subTest(name), client() as sock:
                sock.sendall(b"question")
                half_close(sock)
                self.assert_ends(sock, after=b"answer to question")

    def test_the_device_ends_first(self):
        for name, client, device in self.paths(question_after_goodbye):
            with self.subTest(name), client() as sock:
                self.assert_ends(sock, after=b"farewell")
                time.sleep(LATE)
                sock.sendall(b"and one thing more")
                half_close(sock)
                self.assertEqual(device.result(), b"and one thing more")


main()
