"""The base of a scenario: removes its folder, stops its programs and devices, prints their logs after a failure."""
import itertools
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

from . import not_run, peers
from .net import PATIENCE, Device, connect, echo, exchange_streams, hash_of_stream, listen, receive_exactly
from .pki import Authority
from .programs import SANITIZER, WINDOWS, Program, Tunnel, tunnel_command
from .tls import TlsDevice


class Scenario(unittest.TestCase):
    """Base class of all scenarios. Stops everything it has started, newest first, and checks how it ended."""

    maxDiff = 2000
    longMessage = True

    def run(self, result=None):
        self.programs = []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tunnel-")).resolve()
        self._names = itertools.count(1)
        self._authority = None
        before = len(result.failures) + len(result.errors)
        try:
            super().run(result)
            if len(result.failures) + len(result.errors) > before:
                for program in self.programs:
                    print(program.report(), file=sys.stderr)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def not_tried(self, why):
        """Notes that this machine can't show a part of the scenario."""
        not_run.note(self._testMethodName, why)

    def has(self, program, package):
        """Whether a program of the system is here; where TUNNEL_REQUIRE_PEERS is set, as in CI, a missing one fails."""
        if shutil.which(program):
            return True
        self.assertFalse(peers.REQUIRED, f"{program} is missing: install {package}")
        self.not_tried(f"{program} is missing (Debian's package {package})")
        return False

    # -- programs

    def start(self, name, words, **options):
        """Starts a third-party program, which is stopped at the end of the scenario."""
        program = Program(name, words, self.folder, **options)
        self.programs.append(program)
        self.addCleanup(lambda: program.stop() if program.running() else program.wait())
        return program

    def start_tunnel(self, *options, name=None, env=None, tables=None, before=(), **services):
        """Starts a tunnel with these services, without waiting until it listens."""
        tunnel = Tunnel(name or f"tunnel-{next(self._names)}", self.folder, services, options, env, tables,
                        before)
        self.programs.append(tunnel)
        self.addCleanup(self._end, tunnel)
        return tunnel

    def tunnel(self, *options, **services):
        """Starts a tunnel and waits until all its services listen."""
        return self.start_tunnel(*options, **services).listening()

    def run_tunnel(self, *words, env=None, before=(), **options):
        """Runs a tunnel command in the scenario's folder until it exits; returns a CompletedProcess with text."""
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        options = {"cwd": self.folder, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8",
                   "timeout": PATIENCE, **options}
        done = subprocess.run([*before, *tunnel_command(), *map(str, words)], env={**os.environ, **(env or {})},
                              **options)
        output = done.stdout + (done.stderr or "")
        self.assertIsNone(SANITIZER.search(output), output)
        return done

    def _end(self, tunnel):
        """One SIGTERM must suffice if no connection is open; further ones cut what the scenario left open."""
        signals = 0
        while tunnel.running() and signals < 60:
            tunnel.send_signal(signal.SIGTERM)
            signals += 1
            eventually_ended(tunnel, 1)
        if tunnel.running():
            tunnel.kill()
            tunnel.wait()
            self.fail(f"{tunnel.name} did not end in spite of {signals} SIGTERMs")
        status = tunnel.wait()
        if not WINDOWS and not tunnel.killed:  # under Wine SIGTERM kills the process
            self.assertGreaterEqual(status, 0, f"{tunnel.name} was ended by a signal that nobody sent: it has crashed")
            if signals == 1:
                self.assertEqual(status, 0, f"{tunnel.name}: exit status after SIGTERM")
        tunnel.check_clean()

    def allow_open_files(self, needed):
        """Raises the limit for this process and the programs it starts from now on."""
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.assertTrue(hard == resource.RLIM_INFINITY or hard >= needed,
                        f"the hard limit of open files is {hard}; this test needs {needed}: raise it with ulimit -Hn")
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))

    # -- devices and certificates

    def device(self, handler=echo, **where):
        """A plain device in threads."""
        return self._closing(Device(handler, **where))

    def tls_device(self, handler, identity, **options):
        """A TLS relay in Python."""
        return self._closing(TlsDevice(handler, identity, **options))

    def _closing(self, device):
        self.addCleanup(device.close)
        return device

    def connect(self, port, host="127.0.0.1", **options):
        """A plain client."""
        sock = connect(port, host, **options)
        self.addCleanup(sock.close)
        return sock

    def connect_unix(self, path):
        """A plain client of a UNIX socket."""
        sock = socket.socket(socket.AF_UNIX)
        self.addCleanup(sock.close)
        sock.settimeout(PATIENCE)
        sock.connect(str(path))
        return sock

    def listener(self, **options):
        """A listening socket that accepts no connection on its own."""
        sock = listen(**options)
        self.addCleanup(sock.close)
        return sock

    def unanswered_port(self):
        """The port of a host that doesn't answer: Linux drops SYNs once the queue is full."""
        port = self.listener(backlog=0).getsockname()[1]
        for _ in range(2):
            waiting = socket.socket()
            self.addCleanup(waiting.close)
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        return port

    def switched_off(self):
        """The port of a device that is off: bound, so that no other program gets it, but not listening."""
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        self.addCleanup(sock.close)
        return sock.getsockname()[1]

    @property
    def authority(self):
        """The CA that this scenario trusts."""
        if not self._authority:
            self._authority = Authority(self.folder)
        return self._authority

    # -- services

    def server_service(self, connect, identity=None, **keys):
        """The keys of a service in server mode to a plain device."""
        identity = identity or self.authority.issue("localhost")
        return {"accept": "127.0.0.1:0", "connect": connect, "cert": identity.cert, "key": identity.key, **keys}

    def client_service(self, connect, **keys):
        """The keys of a service in client mode to a TLS relay with a certificate of the scenario's CA."""
        return {"client": True, "accept": 0, "connect": connect, "ca": self.authority.ca, **keys}

    def plain_service(self, connect=None, **keys):
        """The keys of a service without TLS, to an echo device unless another target is given."""
        return {"tls": False, "accept": "127.0.0.1:0", "connect": connect or self.device().address, **keys}

    # -- both modes together

    def through_both(self, upstream, near=None, far=None, tables=None):
        """A client-mode tunnel to a server-mode tunnel to `upstream`: (near, far); clients connect to near.port()."""
        far = self.tunnel(name="far", tables=tables, relay=self.server_service(upstream, **(far or {})))
        near = self.tunnel(name="near", tables=tables,
                           viewer=self.client_service(f"localhost:{far.port()}", **(near or {})))
        return near, far

    # -- common assertions

    def assert_echoes(self, sock, data):
        """Sends `data` and receives it again."""
        sock.sendall(data)
        self.assertEqual(receive_exactly(sock, len(data)), data)

    def assert_all_echo(self, clients, words):
        """All clients send at once, each its own word, and each receives it again."""
        for client, word in zip(clients, words):
            client.sendall(word)
        for client, word in zip(clients, words):
            self.assertEqual(receive_exactly(client, len(word)), word)

    def answers(self, port):
        """Whether an echo service listens there; what it sends back must be right."""
        try:
            with connect(port) as sock:
                self.assert_echoes(sock, b"there")
                return True
        except ConnectionRefusedError:
            return False

    def assert_echoes_stream(self, port, size=1 << 20, seed="echo"):
        """Sends a stream through `port` to an echo device; it comes back complete, with a clean end."""
        with connect(port) as sock:
            self.assertEqual(exchange_streams(sock, seed, size), (size, hash_of_stream(seed, size)))

    def assert_reset(self, sock, after=b""):
        """Receives `after` and then a reset, without a clean end or another byte."""
        received = bytearray()
        with self.assertRaises(ConnectionResetError, msg=f"a clean end came after {bytes(received)!r}"):
            while part := sock.recv(65536):
                received += part
        self.assertEqual(bytes(received), after)

    def assert_client_is_reset(self, port, send=b"", **where):
        """A client of `port` that sends `send` gets a reset and no byte, perhaps while it still connects."""
        try:
            sock = self.connect(port, **where)
            sock.sendall(send)
        except (ConnectionResetError, BrokenPipeError):
            return
        self.assert_reset(sock, after=b"")

    def assert_ends(self, sock, after=b""):
        """Receives `after` and then the clean end."""
        received = bytearray()
        while part := sock.recv(65536):
            received += part
        self.assertEqual(bytes(received), after)
        return sock


def eventually_ended(program, seconds):
    """Waits for a program to exit, but no longer than `seconds`."""
    try:
        program.process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass


NOTHING_RAN = 77  # CTest counts it as skipped


def main():
    """Runs the scenarios of the calling file. Running none is a failure, and so is skipping one for another reason than
    a missing peer."""
    program = unittest.main(module="__main__", verbosity=2, exit=False)
    result = program.result
    missing = [(test, reason) for test, reason in result.skipped if "is not here (Debian" in reason]
    for test, reason in missing:
        not_run.note(test.id().rpartition(".")[2], reason)
    if result.testsRun == 0 or len(missing) < len(result.skipped) or not result.wasSuccessful():
        sys.exit(1)
    if len(missing) == result.testsRun:
        sys.exit(NOTHING_RAN)
