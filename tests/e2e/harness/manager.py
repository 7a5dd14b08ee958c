"""A service manager in Python: receives sd_notify(3) datagrams and passes sockets as sd_listen_fds(3) expects."""
import pathlib
import socket
import sys
import threading
import time

from .programs import eventually

PASS_SOCKETS = pathlib.Path(__file__).with_name("pass_sockets.py")


class Manager:
    """Listens at `address`: a path, or "@name" for an abstract socket."""

    def __init__(self, address):
        self.address = str(address)
        self.messages = []  # (seconds of the monotonic clock, {key: value})
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + self.address[1:] if self.address.startswith("@") else self.address)
        self.thread = threading.Thread(target=self._hear, daemon=True)
        self.thread.start()

    def _hear(self):
        while data := self.socket.recv(65536):
            lines = data.decode().splitlines()
            self.messages.append((time.monotonic(), dict(line.split("=", 1) for line in lines)))

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def environment(self, **more):
        return {"NOTIFY_SOCKET": self.address, **more}

    def having(self, key):
        """The values of that key so far, in the order received."""
        return [message[key] for _, message in list(self.messages) if key in message]

    def wait(self, key, count=1):
        """Waits for the `count`th value of that key; returns its message."""
        eventually(lambda: len(self.having(key)) >= count, lambda: f"{count} times {key} in {self.messages}")
        return [message for _, message in self.messages if key in message][count - 1]


def passing(*sockets):
    """The prefix for a command that gets these sockets, each "name=kind:address" (see pass_sockets.py)."""
    return [sys.executable, "-B", PASS_SOCKETS, *sockets, "--"]
