# A tunnel killed with SIGKILL resets its connections at both ends, never closing them cleanly, and can restart at once.
import signal

from harness import Scenario, main
from harness.net import MIB, echo_until_cut, exchange_streams, hash_of_stream, receive_exactly


class KilledAndRestarted(Scenario):
    def test_either_end(self):
        identity, device = self.authority.issue("localhost"), self.device(echo_until_cut)
        for victim in ("near", "far"):
            far = self.tunnel(name="far", relay=self.server_service(device.address, identity))
            near = self.tunnel(name="near", viewer=self.client_service(f"localhost:{far.port()}", accept="127.0.0.1:0"))
            port = {"near": near, "far": far}[victim].port()
            sock = self.connect(near.port())
            sock.sendall(b"begin")
            self.assertEqual(receive_exactly(sock, 5), b"begin")
            self.kill({"near": near, "far": far}[victim])
            self.assert_reset(sock)
            self.assertEqual(device.result(), "reset")
            # its port is free again even though connections were open
            again = self.restart(victim, port, far.port(), device, identity)
            with self.connect(near.port() if victim == "far" else again.port()) as sock:
                self.assertEqual(exchange_streams(sock, victim, 2 * MIB), (2 * MIB, hash_of_stream(victim, 2 * MIB)))
            self.assertEqual(device.result(), "end")

    def restart(self, victim, port, far_port, device, identity):
        if victim == "far":
            return self.tunnel(name="again", relay=self.server_service(device.address, identity,
                                                                       accept=f"127.0.0.1:{port}"))
        return self.tunnel(name="again", viewer=self.client_service(f"localhost:{far_port}",
                                                                    accept=f"127.0.0.1:{port}"))

    def kill(self, tunnel):
        """Kills it, and removes the cleanup that would stop it again."""
        self.assertEqual(tunnel.kill(), -signal.SIGKILL)
        self._cleanups = [cleanup for cleanup in self._cleanups if cleanup[1] != (tunnel,)]


main()
