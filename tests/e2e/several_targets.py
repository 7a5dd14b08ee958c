# Several targets, in order, round-robin or random: a failed one is skipped, tried last, and used again once it works.
# ctest: portable
import collections
import time

from harness import Device, Scenario, main
from harness.net import hash_of_stream, receive_exactly, receive_hash, reset, send_stream
from harness.programs import eventually


def named(name):
    """A device that sends its name, then echoes."""
    def handler(sock):
        sock.sendall(name)
        while part := sock.recv(1 << 16):
            sock.sendall(part)
    return handler


class SeveralTargets(Scenario):
    def devices(self, names=b"abc"):
        return [self.device(named(bytes([name]))) for name in names]

    def plain(self, devices, **keys):
        return self.tunnel(plain=self.plain_service([device.address for device in devices], **keys))

    def who(self, tunnel):
        """The name of the device that the next client reaches; some bytes are echoed as well."""
        client = self.connect(tunnel.port())
        name = receive_exactly(client, 1)
        self.assert_echoes(client, b"some bytes for " + name)
        client.close()
        return name.decode()

    def test_in_order(self):
        tunnel = self.plain(self.devices())
        self.assertEqual([self.who(tunnel) for _ in range(6)], ["a"] * 6)

    def test_by_turns_over_all_workers(self):
        tunnel = self.plain(self.devices(), balance="round-robin")
        self.assertIn(" by turns", tunnel.wait_event("listening")["message"])
        came = [self.who(tunnel) for _ in range(12)]
        self.assertEqual(collections.Counter(came), {"a": 4, "b": 4, "c": 4})
        self.assertEqual(came[:3] * 4, came)

    def test_at_random(self):
        tunnel = self.plain(self.devices(), balance="random")
        came = collections.Counter(self.who(tunnel) for _ in range(120))
        self.assertEqual(sorted(came), ["a", "b", "c"])  # the chance that one is missing is below 3 * (2/3)^120
        self.assertGreaterEqual(min(came.values()), 10)

    def test_one_that_is_down_is_passed_over_and_comes_back(self):
        first, second = self.devices(b"ab")
        address, port = first.address, first.port
        first.close()
        tunnel = self.plain([first, second])
        self.assertEqual([self.who(tunnel) for _ in range(5)], ["b"] * 5)
        detours = tunnel.events("detour")
        self.assertEqual([(detour["connection"], detour["level"]) for detour in detours], [(1, "warn")],
                         "the later ones went to the good one at once")
        self.assertIn(f"{address} refuses the connection; so this one goes to {second.address}", detours[0]["message"])
        self._closing(Device(named(b"a"), port=port))
        eventually(lambda: self.who(tunnel) == "a", "the first target is used again")
        self.assertEqual([self.who(tunnel) for _ in range(3)], ["a"] * 3)

    def test_by_turns_with_one_down_the_others_share(self):
        devices = self.devices()
        devices[1].close()
        tunnel = self.plain(devices, balance="round-robin")
        came = collections.Counter(self.who(tunnel) for _ in range(20))
        self.assertEqual(sorted(came), ["a", "c"])
        self.assertGreaterEqual(min(came.values()), 8)

    def test_a_relay_that_proves_nothing_is_passed_over(self):
        good, other = self.authority.issue("localhost"), self.authority.issue("other.example")
        wrong = self.tls_device(named(b"x"), other)
        rude = self.device(lambda sock: None)
        right = self.tls_device(named(b"y"), good)
        tunnel = self.tunnel(vnc=self.client_service([f"localhost:{at.port}" for at in (rude, wrong, right)],
                                                     accept="127.0.0.1:0"))
        self.assertEqual([self.who(tunnel) for _ in range(3)], ["y"] * 3)
        detour = tunnel.wait_event("detour")
        self.assertRegex(detour["message"], f"localhost:{rude.port} (closed|reset).*localhost:{wrong.port}: .*other.example.*"
                                            f"so this one goes to localhost:{right.port}")
        self.assertEqual(len(tunnel.events("detour")), 1)
        right.close()
        self.assert_client_is_reset(tunnel.port())
        failed = tunnel.wait_event("failed", connection=4)["message"]
        for port in (rude.port, wrong.port, right.port):
            self.assertIn(f"localhost:{port}", failed)

    def test_a_reload_remembers_who_failed_and_takes_others(self):
        first, second = self.devices(b"ab")
        third = self.device(named(b"c"))
        first.close()
        tunnel = self.plain([first, second])
        self.who(tunnel)
        tunnel.reload(plain={**tunnel.services["plain"], "connect": [first.address, third.address, second.address]})
        self.assertEqual(self.who(tunnel), "c")
        self.assertEqual(len(tunnel.events("detour")), 1, "the first target was not tried again")


class TargetsUnderLoad(Scenario):
    def test_streams_while_one_target_comes_and_goes(self):
        steady = self.device(echo_all)
        flapping = Device(echo_all)
        port = flapping.port
        far = self.tunnel(name="far", relay=self.server_service([f"127.0.0.1:{port}", steady.address]))
        near = self.tunnel(name="near", viewer=self.client_service(f"localhost:{far.port()}"))
        up, size, ended = True, 200_000, time.monotonic() + 8
        count = 0
        while time.monotonic() < ended:
            # it goes away between connections, never during one
            if count % 5 == 4:
                if up:
                    flapping.close()
                else:
                    flapping = Device(echo_all, port=port)
                up = not up
            count += 1
            with self.connect(near.port()) as sock:
                send_stream(sock, count, size)
                self.assertEqual(receive_hash(sock), (size, hash_of_stream(count, size)))
        if up:
            flapping.close()
        self.assertGreater(count, 10)
        self.assertEqual((len(far.events("failed")), len(near.events("failed"))), (0, 0))
        self.assertGreater(len(far.events("detour")), 0)
        self.assertLess(len(far.events("detour")), count / 2)

    def test_a_target_that_resets_every_connection_costs_only_those(self):
        """The target accepts, then resets: the reset is passed on, and the next client is served."""
        rude = self.device(lambda sock: (sock.recv(1), reset(sock)) and None)
        tunnel = self.tunnel(plain=self.plain_service(rude.address))
        for _ in range(5):
            self.assert_reset(self.send(tunnel, b"x"))
        tunnel.wait_event("open", connection=5)

    def send(self, tunnel, data):
        sock = self.connect(tunnel.port())
        sock.sendall(data)
        return sock


def echo_all(sock):
    """Receives everything, then sends it back, so a client that writes before it reads isn't blocked."""
    data = bytearray()
    while part := sock.recv(1 << 16):
        data += part
    sock.sendall(data)
    sock.shutdown(1)


main()
