# A tunnel that is killed (SIGKILL) cuts its streams at both ends, never with a clean end, and starts again at once.
import signal
import threading

from harness import Reset, Scenario, main
from harness.net import MIB, half_close, hash_of_stream, receive_exactly, receive_hash, stream


class KilledAndRestarted(Scenario):
    def test_either_end(self):
        identity, device = self.authority.issue("localhost"), self.device(lambda sock: how_it_ended(sock))
        for victim in ("near", "far"):
            far = self.tunnel(name="far", relay=dict(accept="127.0.0.1:0", connect=device.address, cert=identity.cert,
                                                     key=identity.key))
            near = self.tunnel(name="near", viewer=dict(client=True, accept="127.0.0.1:0", ca=self.authority.ca,
                                                        connect=f"localhost:{far.port()}"))
            port = {"near": near, "far": far}[victim].port()
            sock = self.connect(near.port())
            sock.sendall(b"begin")
            self.assertEqual(receive_exactly(sock, 5), b"begin")
            self.kill({"near": near, "far": far}[victim])
            self.assert_reset(sock)
            self.assertEqual(device.result(), "reset")
            # what it had is free again, whatever was open
            again = self.restart(victim, port, far.port(), device, identity)
            with self.connect(near.port() if victim == "far" else again.port()) as sock:
                sender = threading.Thread(target=lambda sock=sock: [sock.sendall(part) for part in stream(victim, 2 * MIB)]
                                          and half_close(sock))
                sender.start()
                self.assertEqual(receive_hash(sock), (2 * MIB, hash_of_stream(victim, 2 * MIB)))
                sender.join()
            self.assertEqual(device.result(), "end")

    def restart(self, victim, port, far_port, device, identity):
        if victim == "far":
            return self.tunnel(name="again", relay=dict(accept=f"127.0.0.1:{port}", connect=device.address,
                                                        cert=identity.cert, key=identity.key))
        return self.tunnel(name="again", viewer=dict(client=True, accept=f"127.0.0.1:{port}", ca=self.authority.ca,
                                                     connect=f"localhost:{far_port}"))

    def kill(self, tunnel):
        """It is not to be ended again by the scenario."""
        tunnel.process.send_signal(signal.SIGKILL)
        self.assertEqual(tunnel.wait(), -signal.SIGKILL)
        self._cleanups = [cleanup for cleanup in self._cleanups if cleanup[1] != (tunnel,)]


def how_it_ended(sock):
    """A device that echoes; "end" or "reset"."""
    try:
        while part := sock.recv(1 << 16):
            sock.sendall(part)
        return "end"
    except (Reset, BrokenPipeError):
        return "reset"


main()
