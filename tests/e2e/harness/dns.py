"""A small name server: answers A and AAAA queries, late or with errors if asked to."""
import socket
import struct
import threading
import time


class NameServer:
    """Listens on UDP 127.0.0.1:53 in the scenario's own network; `names` is {name: [addresses]} and may change."""

    def __init__(self, names, delay=0.0):
        self.names, self.delay = names, delay
        self.queries = []
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 53))
        self.sock.settimeout(0.1)
        self.closed = False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        """Frees its port before it returns."""
        self.closed = True
        self.thread.join()
        self.sock.close()

    def _serve(self):
        while not self.closed:
            try:
                query, client = self.sock.recvfrom(512)
            except TimeoutError:
                continue
            threading.Thread(target=self._answer, args=(query, client), daemon=True).start()

    def _answer(self, query, client):
        name, kind, end = parse(query)
        self.queries.append((name, kind))
        if self.delay:
            time.sleep(self.delay)
        addresses = self.names.get(name)
        if addresses == "broken":
            flags, records = 0x8182, []  # SERVFAIL
        elif addresses is None:
            flags, records = 0x8183, []  # NXDOMAIN
        else:
            flags, records = 0x8180, [packed for packed in map(pack, addresses) if len(packed) == {1: 4, 28: 16}.get(kind)]
        answer = query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + query[12:end]
        for packed in records:
            answer += struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(packed)) + packed
        try:
            self.sock.sendto(answer, client)
        except OSError:  # closed in the meantime
            pass


def parse(query):
    """(name, type, offset of the end of the question)."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    return ".".join(labels).lower(), struct.unpack("!H", query[at + 1:at + 3])[0], at + 5


def pack(address):
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
