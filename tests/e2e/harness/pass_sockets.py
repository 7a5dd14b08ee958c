"""Opens sockets and executes a program that inherits them: pass_sockets.py NAME=KIND:ADDRESS... -- COMMAND...

KIND is tcp (listening, HOST:PORT), unix (listening, a path), idle (TCP, bound only), udp, file (a path).
"""
import os
import socket
import sys


def make(kind, address):
    """Opens one; returns its descriptor."""
    if kind == "file":
        return os.open(address, os.O_RDONLY)
    if kind == "unix":
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        sock.bind(address)
        sock.listen()
        return sock.detach()
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
    host, port = address.rsplit(":", 1)
    sock.bind((host, int(port)))
    if kind == "tcp":
        sock.listen()
    return sock.detach()


words = sys.argv[1:]
wanted, command = words[: words.index("--")], words[words.index("--") + 1:]
made = []
for word in wanted:
    made.append((word.partition("=")[0], make(*word.partition("=")[2].split(":", 1))))
spare = [os.dup2(descriptor, 100 + i) for i, (_, descriptor) in enumerate(made)]
for i, descriptor in enumerate(spare):
    os.dup2(descriptor, 3 + i, inheritable=True)
    os.close(descriptor)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(made)),
                  LISTEN_FDNAMES=":".join(name for name, _ in made))
os.execvp(command[0], command)
