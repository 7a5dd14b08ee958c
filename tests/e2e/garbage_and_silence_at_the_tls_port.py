# Babblers and silent peers at the TLS port are turned away one by one; a good client beside them notices nothing.
import os

from harness import Scenario, eventually, main, tls_connect
from harness.net import receive_exactly

BABBLE = {
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "vnc": b"RFB 003.008\n",
    "rdp": bytes.fromhex("030000130ee000000000000100080003000000"),
    "random": os.urandom(4096),
    "a huge record": b"\x16\x03\x01\xff\xff" + bytes(70000),
    "half a ClientHello and a goodbye": bytes.fromhex("1603010200010001fc0303"),
    "nothing and a goodbye": b"",
}


class GarbageAndSilence(Scenario):
    def test_only_the_good_client_is_served(self):
        device, identity = self.device(), self.authority.issue("localhost")
        tunnel = self.tunnel(relay=dict(accept="127.0.0.1:0", connect=device.address, handshake_timeout="3s",
                                        cert=identity.cert, key=identity.key))
        silent = [self.connect(tunnel.port()) for _ in range(5)]
        with tls_connect(tunnel.port(), self.authority.ca) as good:
            for name, babble in BABBLE.items():
                with self.subTest(name):
                    babbler = self.connect(tunnel.port())
                    if babble:
                        babbler.sendall(babble)
                    if "goodbye" in name:
                        babbler.shutdown(1)
                    self.assert_turned_away(babbler)
                    good.sendall(b"still here")
                    self.assertEqual(receive_exactly(good, 10), b"still here")
            for sock in silent:
                self.assert_turned_away(sock)
            good.sendall(b"and now?")
            self.assertEqual(receive_exactly(good, 8), b"and now?")

        self.assertEqual(device.count, 1, "the device hears of nobody who did not finish the handshake")
        refused = len(BABBLE) + len(silent)
        eventually(lambda: len(tunnel.events("failed")) >= refused, lambda: f"{refused} failures are logged")
        self.assertEqual(len(tunnel.events("open")), 1)

    def assert_turned_away(self, sock):
        """At most an alert, then the end of the connection, one way or the other."""
        received = bytearray()
        try:
            while part := sock.recv(65536):
                received += part
        except (ConnectionResetError, BrokenPipeError):
            pass
        self.assertLessEqual(len(received), 7, f"more than an alert: {bytes(received)!r}")


main()
