# SIGTERM lets open connections finish, a second one doesn't, and drain_timeout limits the wait.
import signal
import threading

from harness import Scenario, eventually, main, stream
from harness.net import half_close, receive_all, receive_exactly, refuses_connections

SIZE = 8 << 20


class Drain(Scenario):
    def half_way(self, **process):
        """A transfer through both tunnels that pauses halfway: (near, far, client, the event that resumes it)."""
        go_on = threading.Event()

        def send_in_two(sock):
            parts = list(stream("drain", SIZE))
            sock.sendall(parts[0])
            go_on.wait()
            for part in parts[1:]:
                sock.sendall(part)
            half_close(sock)
            sock.recv(1)

        self.addCleanup(go_on.set)
        near, far = self.through_both(self.device(send_in_two).address, tables={"process": process})
        client = self.connect(near.port())
        receive_exactly(client, 1 << 20)
        return near, far, client, go_on

    def test_a_live_transfer_finishes(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number.name):
                near, far, client, go_on = self.half_way(drain_timeout="10m")
                ports = near.port(), far.port()
                for tunnel in (near, far):
                    tunnel.send_signal(number)
                for port in ports:
                    eventually(lambda: refuses_connections(port), "a draining tunnel takes no new client")
                go_on.set()
                half_close(client)
                self.assertEqual(receive_all(client), b"".join(list(stream("drain", SIZE))[1:]))
                self.assertEqual((near.wait(), far.wait()), (0, 0))

    def test_a_second_signal_stops_at_once(self):
        near, _, client, _ = self.half_way(drain_timeout="10m")
        near.send_signal(signal.SIGTERM)
        eventually(lambda: refuses_connections(near.port()), "the first signal is heard")
        self.assertTrue(near.running())
        near.send_signal(signal.SIGTERM)
        near.wait()
        self.assert_reset(client)

    def test_drain_timeout_resets_what_is_left(self):
        near, _, client, _ = self.half_way(drain_timeout="1s")
        near.send_signal(signal.SIGTERM)
        self.assert_reset(client)
        near.wait()

    def test_an_idle_tunnel_ends_at_once(self):
        tunnel = self.tunnel(plain=self.plain_service("127.0.0.1:9"),
                             tables={"process": {"drain_timeout": "10m"}})
        self.assertEqual(tunnel.stop(), 0)


main()
