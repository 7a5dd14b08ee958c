# Each allocation of a handshake and of a reload fails in turn: at most that connection or that reload is lost.
# ctest: one_record_path without_sanitizers preloads soak=600
import itertools
import mmap
import os
import re
import signal
import struct

from harness import SOAK, Scenario, connect, main
from harness.net import Closed, half_close, receive_all, receive_exactly

STEPS = 1 if SOAK else 7  # the short form takes every seventh, starting at a different one each time


class Allocations:
    """Controls the allocations of a program started with `environment`."""

    def __init__(self, file):
        file.write_bytes(bytes(24))
        with open(file, "r+b") as opened:
            self._shared = mmap.mmap(opened.fileno(), 24)
        self.environment = {"LD_PRELOAD": os.environ["TUNNEL_FAILING_MALLOC"], "TUNNEL_TEST_ALLOCATIONS": str(file)}

    def fail(self, countdown):
        """Makes the `countdown`th allocation from now fail; with 0 all succeed."""
        self._shared[:8] = struct.pack("q", countdown)

    def left(self):
        """How many remain until the one that fails."""
        return struct.unpack("q", self._shared[:8])[0]

    def count(self):
        return struct.unpack("q", self._shared[8:16])[0]


class EveryAllocationFailsOnce(Scenario):
    def served(self, port):
        with connect(port) as sock:
            self.assert_echoes(sock, b"hello")
            half_close(sock)
            self.assertEqual(receive_all(sock), b"")

    def tried(self, port):
        """True if the client was served, False if its connection ended with an error."""
        try:
            with connect(port) as sock:
                sock.sendall(b"hello")
                answer = receive_exactly(sock, 5)
                half_close(sock)
                return answer + receive_all(sock) == b"hello"
        except (ConnectionResetError, BrokenPipeError, Closed):
            return False

    def through_handshakes(self, side, **keys):
        allocations = Allocations(self.folder / "allocations")
        identity = self.authority.issue("127.0.0.1")  # avoids a lookup, which test_a_lookup covers
        quiet = {"log": {"format": "json", "level": "info"}}
        far = self.tunnel(name="far", tables=quiet, env=allocations.environment if side == "far" else None,
                          relay=self.server_service(self.device().address, identity, **keys))
        near = self.tunnel(name="near", tables=quiet, env=allocations.environment if side == "near" else None,
                           viewer=self.client_service(f"127.0.0.1:{far.port()}", **keys))
        tunnel, port = {"near": near, "far": far}[side], near.port()
        for _ in range(5):
            self.served(port)
        before = allocations.count()
        self.served(port)
        once = allocations.count() - before
        files = tunnel.open_files()
        served = failed = 0
        for countdown in itertools.count(1 + os.getpid() % STEPS, STEPS):
            allocations.fail(countdown)
            good = self.tried(port)
            left = allocations.left()
            allocations.fail(0)
            self.assertTrue(tunnel.running(), tunnel.report())
            if not good:
                self.assertEqual(left, 0, f"of {countdown}: nothing failed, and yet the connection did")
            served, failed = served + good, failed + (not good)
            self.served(port)
            if left and countdown > 2 * once:
                break
        tunnel.wait_for(lambda: tunnel.open_files() <= files, f"no descriptor is lost: {files} before")
        print(f"{side}: {once} allocations for a connection; one of them failed in {served + failed} connections, "
              f"{failed} of which were lost")
        self.assertGreater(once, 20)

    def test_a_handshake_of_server_mode(self):
        self.through_handshakes("far", resume=False)

    def test_a_handshake_of_client_mode(self):
        self.through_handshakes("near", resume=False)

    def test_a_resumed_handshake(self):
        self.through_handshakes("far")

    def test_a_lookup(self):
        """After getaddrinfo() runs out of memory, its next call may fail too; then it works again."""
        allocations = Allocations(self.folder / "allocations")
        tunnel = self.tunnel(env=allocations.environment, plain=self.plain_service(f"localhost:{self.device().port}"))
        lost, port = 0, tunnel.port()
        for countdown in range(1, 200):
            allocations.fail(countdown)
            lost += not self.tried(port)
            allocations.fail(0)
            self.assertTrue(any(self.tried(port) for _ in range(10)))
        print(f"lost where a lookup had no memory: {lost} of 199")

    def test_a_reload(self):
        allocations = Allocations(self.folder / "allocations")
        identity = self.authority.issue("localhost")

        def services(number):
            return {"relay": self.server_service(device.address, identity),
                    "viewer": self.client_service("localhost:9"),
                    "plain": self.plain_service(device.address, allow=["127.0.0.1"], idle_timeout=f"{number + 1}h")}

        device = self.device()
        tables = {"log": {"format": "json", "level": "info"}}
        tunnel = self.tunnel(tables=tables, env=allocations.environment, **services(0))
        port, counted, done, kept = tunnel.port("plain"), 0, 0, 0
        old = self.connect(port)
        self.assert_echoes(old, b"before")

        def reload(number):
            """Returns whether the reload succeeded."""
            tunnel.rewrite(**services(number))
            tunnel.lines.clear()
            tunnel.send_signal(signal.SIGHUP)

            def ended():
                return tunnel.events("reloaded") or [event for event in tunnel.events("reload") + tunnel.events("keeper")
                                                     if re.search("everything goes on as before|changed nothing", event["message"])]
            return tunnel.wait_for(ended, "the reload has an end")[0]["event"] == "reloaded"

        for number in range(3):
            before = allocations.count()
            self.assertTrue(reload(number))
            counted = allocations.count() - before
        for number, countdown in enumerate(itertools.count(1 + os.getpid() % STEPS, STEPS)):
            allocations.fail(countdown)
            good = reload(number)
            left = allocations.left()
            allocations.fail(0)
            self.assertTrue(good or left == 0, f"{left} of {countdown}: nothing failed, and yet the reload did")
            done, kept = done + good, kept + (not good)
            self.served(port)
            self.assert_echoes(old, b"still there")
            if left:
                break
        self.assertTrue(reload(0))
        print(f"{counted} allocations for a reload; one of them failed in {done + kept} reloads, {kept} of which "
              "changed nothing")


main()
