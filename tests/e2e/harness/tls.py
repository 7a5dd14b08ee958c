"""TLS peers for odd cases: Python's ssl over memory buffers, for control over every byte and every kind of end."""
import socket
import ssl
import struct

from .net import MIB, Closed, Device, connect, reset

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Truncated(Exception):
    """The TLS stream ended without close_notify."""


class TlsPeer:
    """One end of a TLS connection over `sock`, with half-close, truncation and reset as separate methods."""

    def __init__(self, sock, context, server_side, name=None):
        self.sock = sock
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_side, name)
        self._run(self.tls.do_handshake)

    def _flush(self):
        if self.outgoing.pending:
            self.sock.sendall(self.outgoing.read())

    def _run(self, step, *arguments):
        while True:
            try:
                answer = step(*arguments)
                self._flush()
                return answer
            except ssl.SSLWantReadError:
                self._flush()
                data = self.sock.recv(MIB)
                if data:
                    self.incoming.write(data)
                else:
                    self.incoming.write_eof()
            except ssl.SSLError:
                try:
                    self._flush()
                except OSError:
                    pass
                raise

    def sendall(self, data):
        for start in range(0, len(data), MIB):
            self._run(self.tls.write, data[start:start + MIB])

    def recv(self, size=MIB):
        """Bytes, or b"" after close_notify; raises Truncated on FIN without close_notify and Reset on RST."""
        try:
            return self._run(self.tls.read, size)
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLEOFError:
            raise Truncated("end of file without close_notify") from None

    def shutdown(self, how):
        """Half-close with the signature of a plain socket: close_notify, then FIN."""
        assert how == socket.SHUT_WR
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:  # data still waits to be read, but close_notify has been sent
            if "APPLICATION_DATA_AFTER_CLOSE_NOTIFY" not in str(error):
                raise
        self._flush()
        self.sock.shutdown(socket.SHUT_WR)

    def truncate(self):
        """Sends FIN without close_notify."""
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        reset(self.sock)

    def version(self):
        return self.tls.version()

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def tls_connect(port, ca=None, name="localhost", host="127.0.0.1", version=None, **options):
    """A TLS client that verifies the server against `ca`, or not at all if it is None."""
    sock = connect(port, host, **options)
    try:
        return tls_over(sock, ca, name, version)
    except BaseException:
        sock.close()
        raise


def tls_over(sock, ca=None, name="localhost", version=None):
    """The same over an existing connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca:
        context.load_verify_locations(ca)
    else:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _only(context, version)
    return TlsPeer(sock, context, False, name)


def _only(context, version):
    if version:
        context.minimum_version = context.maximum_version = VERSIONS[version]


class TlsDevice(Device):
    """A relay in Python: does the handshake as `identity`, then runs `handler(TlsPeer)`."""

    def __init__(self, handler, identity, version=None, **where):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity.cert, identity.key)
        _only(context, version)
        super().__init__(lambda sock: handler(TlsPeer(sock, context, True)), **where)


def parse_client_hello(sock):
    """Reads a ClientHello: {"server_name": str or None, "extensions": {number: bytes}}."""
    body = b""
    while len(body) < 4 or len(body) < 4 + int.from_bytes(body[1:4], "big"):
        kind, _, size = struct.unpack("!BHH", _exactly(sock, 5))
        assert kind == 22, f"record of type {kind} where a handshake was expected"
        body += _exactly(sock, size)
    assert body[0] == 1, "not a ClientHello"
    at = 4 + 2 + 32
    at += 1 + body[at]
    at += 2 + int.from_bytes(body[at:at + 2], "big")
    at += 1 + body[at] + 2
    extensions = {}
    while at < len(body):
        number, size = struct.unpack("!HH", body[at:at + 4])
        extensions[number] = body[at + 4:at + 4 + size]
        at += 4 + size
    name = extensions[0][5:].decode("ascii") if 0 in extensions else None
    return {"server_name": name, "extensions": extensions}


def _exactly(sock, size):
    data = b""
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise Closed("end of stream in the ClientHello")
        data += part
    return data
