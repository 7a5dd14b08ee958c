"""Plain sockets: clients, devices in threads, half-close, reset, and streams that are verified by hash."""
import hashlib
import queue
import random
import socket
import struct
import threading
import time

PATIENCE = 60  # seconds until a wait fails: far longer than expected, since the machine may be busy
MIB = 1 << 20

threading.stack_size(512 * 1024)

Reset = ConnectionResetError


class Closed(Exception):
    """The stream ended too early."""


def connect(port, host="127.0.0.1", **options):
    """A plain client's socket; `source` is the local address to connect from, such as any in 127.0.0.0/8."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(PATIENCE)
    if "receive_buffer" in options:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options["receive_buffer"])
    try:
        if "source" in options:
            sock.bind((options["source"], 0))
        sock.connect((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def listen(host="127.0.0.1", port=0, backlog=128):
    """A listening socket on loopback."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(backlog)
    return sock


def refuses_connections(port, host="127.0.0.1"):
    """True if nothing listens there."""
    try:
        connect(port, host).close()
        return False
    except Reset:  # it was in the queue when the listener closed
        return False
    except ConnectionRefusedError:
        return True


def free_port():
    """A free port below the ephemeral range, for programs that can't bind port 0."""
    for _ in range(1000):
        port = random.SystemRandom().randrange(15000, 32000)
        try:
            for host in ("127.0.0.1", "::1"):
                listen(host, port).close()
            return port
        except OSError:
            continue
    raise RuntimeError("no free port between 15000 and 32000")


def half_close(sock):
    """Shuts down the sending direction; the other stays open."""
    sock.shutdown(socket.SHUT_WR)


def reset(sock):
    """Ends the connection with RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def receive_exactly(sock, size):
    """`size` bytes; raises Closed if the stream ends before."""
    data = bytearray()
    while len(data) < size:
        part = sock.recv(min(size - len(data), MIB))
        if not part:
            raise Closed(f"the stream ended after {len(data)} of {size} bytes")
        data += part
    return bytes(data)


def receive_all(sock):
    """Everything until the clean end of the stream; raises Reset on a reset."""
    data = bytearray()
    while part := sock.recv(MIB):
        data += part
    return bytes(data)


def stream(seed, size):
    """`size` bytes in blocks that differ between streams and between positions."""
    block = random.Random(seed).randbytes(MIB)
    for index in range(0, size, MIB):
        yield (index.to_bytes(8, "big") + block[8:])[: size - index]


def hash_of_stream(seed, size):
    """The SHA-256 of stream(seed, size)."""
    digest = hashlib.sha256()
    for part in stream(seed, size):
        digest.update(part)
    return digest.hexdigest()


def send_stream(sock, seed, size):
    """Sends stream(seed, size), then half-closes."""
    for part in stream(seed, size):
        sock.sendall(part)
    half_close(sock)


def receive_hash(sock):
    """(bytes, SHA-256) of everything until the clean end of the stream."""
    digest, size = hashlib.sha256(), 0
    while part := sock.recv(MIB):
        digest.update(part)
        size += len(part)
    return size, digest.hexdigest()


def exchange_streams(sock, seed, size):
    """Sends stream(seed, size) and receives at the same time; returns (bytes, SHA-256) of what arrived."""
    sender = threading.Thread(target=send_stream, args=(sock, seed, size))
    sender.start()
    received = receive_hash(sock)
    sender.join()
    return received


def echo(sock):
    """A device that echoes until its client half-closes; returns the number of bytes."""
    size = 0
    while part := sock.recv(MIB):
        sock.sendall(part)
        size += len(part)
    half_close(sock)
    return size


def echo_until_cut(sock):
    """A device that echoes; returns "end" after a clean end of the stream and "reset" after a reset."""
    try:
        echo(sock)
        return "end"
    except (Reset, BrokenPipeError):
        return "reset"


def answering(word):
    """A device that answers `word` to everything it receives."""
    def answer(sock):
        while sock.recv(100):
            sock.sendall(word)
    return answer


def late_answer(seconds):
    """A device that answers `seconds` after the end of the question."""
    def answer(sock):
        question = receive_all(sock)
        time.sleep(seconds)
        sock.sendall(b"answer to " + question)
        half_close(sock)
    return answer


def how_it_ends(sock):
    """A device that greets its client; returns b"" after a clean end and "reset" after a reset."""
    sock.sendall(b"hello")
    try:
        return sock.recv(1)
    except Reset:
        return "reset"


def in_threads(function, arguments):
    """Calls function(argument) for all arguments at once; returns when every call has."""
    threads = [threading.Thread(target=function, args=(argument,)) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Device:
    """A TCP server in threads: runs `handler(sock)` for each connection; result() gives what it returned or raised."""

    def __init__(self, handler, host="127.0.0.1", port=0, backlog=1024, patience=PATIENCE):
        self.handler, self.patience = handler, patience
        self.listener = listen(host, port, backlog)
        self.port = self.listener.getsockname()[1]
        self.address = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self.count = 0
        self.live = set()
        self.results = queue.Queue()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.count += 1
            sock.settimeout(self.patience)
            self.live.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            result = self.handler(sock)
        except Exception as error:  # raised again by result()
            result = error
        self.results.put(result)
        self.live.discard(sock)
        sock.close()

    def result(self, timeout=PATIENCE):
        """The result of the next connection to finish; raises the handler's exception if there was one."""
        result = self.results.get(timeout=timeout)
        if isinstance(result, Exception):
            raise result
        return result

    def close(self):
        """Stops listening and closes the remaining connections."""
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        for sock in list(self.live):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
