# With warm = N the connection to the relay is open before a client comes, and what the device has sent on it is kept.
# ctest: cost=37 one_record_path portable
import socket
import threading
import time

from harness import Scenario, main
from harness.net import receive_exactly
from harness.programs import eventually

DELAY = 0.1  # seconds, each way


def late(source, sink):
    """Copies data and the end of the stream from source to sink, each DELAY later, without limiting throughput."""
    pending, ended = [], threading.Event()

    def send():
        while True:
            while not pending:
                if ended.is_set() and not pending:
                    try:
                        sink.shutdown(socket.SHUT_WR)
                    except OSError:
                        pass
                    return
                time.sleep(0.001)
            due, part = pending.pop(0)
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                sink.sendall(part)
            except OSError:
                return

    sender = threading.Thread(target=send)
    sender.start()
    try:
        while part := source.recv(65536):
            pending.append((time.monotonic() + DELAY, part))
    except OSError:
        pass
    ended.set()
    sender.join()


class WarmConnections(Scenario):
    def slow_way(self, port):
        """A proxy to `port` that adds DELAY each way."""
        def carry(sock):
            with socket.create_connection(("127.0.0.1", port)) as far:
                back = threading.Thread(target=late, args=(far, sock))
                back.start()
                late(sock, far)
                back.join()
        return self.device(carry)

    def pair(self, device, warm, through=None):
        far = self.tunnel(name=f"far{warm}", relay=self.server_service(device.address))
        port = (through or (lambda p: p))(far.port())
        near = self.tunnel(name=f"near{warm}", viewer=self.client_service(f"localhost:{port}", accept="127.0.0.1:0",
                                                                          warm=warm))
        return near, far

    def test_a_slow_line_costs_the_client_one_round_trip(self):
        times = {}
        for warm in (0, 2):
            device = self.device()
            near, far = self.pair(device, warm, lambda port: self.slow_way(port).port)
            if warm:
                far.wait_for(lambda: len(far.events("open")) >= warm, "connections that nobody has asked for yet")
                time.sleep(3 * DELAY)  # until near knows of them
            begun = time.monotonic()
            self.assert_echoes(self.connect(near.port()), b"first byte")
            times[warm] = time.monotonic() - begun
            opened = near.wait_event("open")
            self.assertEqual("kept ready" in opened["message"], warm > 0, opened["message"])
        print(f"time to first byte over {DELAY * 1000:.0f} ms each way: {times[0] * 1000:.0f} ms, "
              f"with warm = 2 {times[2] * 1000:.0f} ms")
        # the handshake alone takes a round trip
        self.assertLess(times[2], times[0] - DELAY)

    def test_what_the_device_says_first_is_kept(self):
        def greet(sock):
            sock.sendall(b"RFB 003.008\n")
            sock.sendall(receive_exactly(sock, 12))
        device = self.device(greet)
        near, far = self.pair(device, 1)
        far.wait_for(lambda: far.events("open"), "a connection that nobody has asked for yet")
        eventually(lambda: device.count > 0, "the device is reached")
        time.sleep(0.3)
        for _ in range(3):
            viewer = self.connect(near.port())
            self.assertEqual(receive_exactly(viewer, 12), b"RFB 003.008\n")
            viewer.sendall(b"RFB 003.008\n")
            self.assert_ends(viewer, after=b"RFB 003.008\n")

    def test_connections_that_the_far_side_has_closed_are_not_used(self):
        device = self.device()
        relay = self.server_service(device.address)
        far = self.tunnel(name="far", relay=relay)
        port = far.port()
        near = self.tunnel(name="near", viewer=self.client_service(f"localhost:{port}", accept="127.0.0.1:0", warm=2))
        far.wait_for(lambda: len(far.events("open")) >= 2, "two connections")
        far.send_signal(15)
        far.send_signal(15)
        far.wait()
        again = self.tunnel(name="again", relay=dict(relay, accept=f"127.0.0.1:{port}"))
        for _ in range(3):
            self.assert_echoes(self.connect(near.port()), b"as if nothing had happened")
        again.wait_for(lambda: len(again.events("open")) >= 4, "new ones are kept ready")

    def test_a_relay_that_is_not_there_is_said_once_and_tried_again(self):
        port = self.switched_off()
        near = self.tunnel(name="near", viewer=self.client_service(f"localhost:{port}", accept="127.0.0.1:0", warm=1))
        near.wait_event("warm")
        time.sleep(2.5)
        self.assertEqual(len(near.events("warm")), 1)
        self.assertIn("no connection can be kept ready", near.events("warm")[0]["message"])

    def test_a_server_that_greets_is_named_at_the_start(self):
        device = self.device()
        for explain, name in {"vnc": "VNC", "ssh": "SSH", "http": None}.items():
            with self.subTest(explain):
                tunnel = self.tunnel(near=self.client_service(device.address, warm=1, explain=explain))
                tunnel.port()
                tunnel.stop()
                said = [event["message"] for event in tunnel.events("notice")]
                self.assertEqual(len(said), 0 if name is None else 1)
                if name:
                    self.assertIn(f"warm = 1: a {name} server greets each connection", said[0])


main()
