"""Floods, each in a process of its own: sockets that say nothing, and handshakes that are left after the ClientHello. Their
sources are routed by `route_sources`, in namespaces that the scenario has entered."""
import errno
import itertools
import multiprocessing
import pathlib
import select
import socket
import ssl
import time

from . import namespace
from .net import reset

HERE = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "2001:db8:99::2"}
CLIENT = {socket.AF_INET: "127.0.0.2", socket.AF_INET6: "2001:db8:99::1"}


def route_sources():
    """Makes 10.77.0.0/16, 2001:db8:77::/48 and 2001:db8:99::/64 this machine's own."""
    for words in (("route", "add", "local", "10.77.0.0/16", "dev", "lo"),
                  ("-6", "route", "add", "local", "2001:db8:77::/48", "dev", "lo"),
                  ("-6", "route", "add", "local", "2001:db8:99::/64", "dev", "lo")):
        namespace.run("ip", *words)
    pathlib.Path("/proc/sys/net/ipv6/ip_nonlocal_bind").write_text("1")


def sources(family):
    """2^16 of them, each met before any comes again: IPv4 addresses, or /64s of one site (so of 256 /56s)."""
    for n in itertools.cycle(range(1 << 16)):
        n = n * 40503 % (1 << 16)
        yield f"10.77.{n >> 8}.{n & 255}" if family == socket.AF_INET else f"2001:db8:77:{n:x}::1"


class _Flood(multiprocessing.Process):
    """Runs until it is stopped; `begun` counts its connections."""

    def __init__(self, family, port):
        super().__init__(daemon=True)
        self.family, self.address, self.over = family, (HERE[family], port), multiprocessing.Event()
        self.begun = multiprocessing.Value("i", 0)

    def stop(self):
        self.over.set()
        self.join()


class Silence(_Flood):
    """Keeps `count` sockets that connect and say nothing; each that is closed connects again from elsewhere."""

    def __init__(self, family, port, count):
        super().__init__(family, port)
        self.count = count

    def begin(self):
        sock = socket.socket(self.family)
        sock.setblocking(False)
        sock.bind((next(self.sources), 0))
        if sock.connect_ex(self.address) not in (0, errno.EINPROGRESS):
            return sock.close()
        self.sockets[sock.fileno()] = sock
        self.epoll.register(sock, select.EPOLLIN)
        self.begun.value += 1

    def run(self):
        self.sources, self.epoll, self.sockets = sources(self.family), select.epoll(), {}
        for _ in range(self.count):
            self.begin()
        due = time.monotonic()
        while not self.over.is_set():
            # at most 2,000 a second, so that a core is left, and spread as a network spreads them
            for descriptor, _ in self.epoll.poll(0.05, 4):
                self.sockets.pop(descriptor).close()
                self.begin()
            due = max(due + 0.002, time.monotonic() - 0.1)
            time.sleep(max(0, due - time.monotonic()))


class HalfHandshakes(_Flood):
    """Handshakes of one source that end by a reset once the server has answered the ClientHello: `rate` a second."""

    def __init__(self, port, rate, source="10.77.0.1"):
        super().__init__(socket.AF_INET, port)
        self.rate, self.source = rate, source

    def run(self):
        hello, due = client_hello(), time.monotonic()
        while not self.over.is_set():
            half_handshake(self.address, hello, self.source)
            self.begun.value += 1
            due = max(due + 1 / self.rate, time.monotonic() - 1)
            self.over.wait(max(0, due - time.monotonic()))


def client_hello(name="localhost"):
    """The record with a ClientHello of this machine's OpenSSL, as bytes."""
    context, out = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.MemoryBIO()
    try:
        context.wrap_bio(ssl.MemoryBIO(), out, False, name).do_handshake()
    except ssl.SSLWantReadError:
        return out.read()


def half_handshake(address, hello, source):
    """Says the ClientHello, waits for the answer, and resets; True unless the server closed before it answered."""
    with socket.socket() as sock:
        sock.settimeout(20)
        sock.bind((source, 0))
        try:
            sock.connect(address)
            sock.sendall(hello)
            # the certificate and its signature come in one flight, so the work has been done once a part is here
            answered = bool(sock.recv(1 << 16))
            reset(sock)
            return answered
        except OSError:
            return False
