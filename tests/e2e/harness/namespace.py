"""Private network and mount namespaces, entered by the whole process before it does anything else."""
import fcntl
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys

from . import peers

_INSIDE = "TUNNEL_TEST_NAMESPACE"


def enter():
    """Restarts this scenario in its own namespaces, with only 127.0.0.1 and ::1. If the system forbids that, says so on
    standard error and returns False."""
    if os.environ.get(_INSIDE):
        _loopback_up()
        return True
    words = _unshare()
    if not words:
        print("no namespaces here: what needs a network of its own is left out, the rest is shown", file=sys.stderr)
        return False
    os.environ[_INSIDE] = "1"
    os.execvp(words[0], [*words, sys.executable, "-B", *sys.argv])


def _unshare():
    if not sys.platform.startswith("linux") or not shutil.which("unshare"):
        return None
    for options in ([], ["--map-root-user"]):
        words = ["unshare", *options, "--net", "--mount"]
        if (os.geteuid() == 0 or options) and subprocess.run([*words, "true"], stdin=subprocess.DEVNULL,
                                                             stdout=subprocess.DEVNULL,
                                                             stderr=subprocess.DEVNULL).returncode == 0:
            return words
    return None


def _loopback_up():
    get_flags, set_flags, up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        request = fcntl.ioctl(sock, get_flags, struct.pack("16sH14x", b"lo", 0))
        flags = struct.unpack("16sH14x", request)[1]
        fcntl.ioctl(sock, set_flags, struct.pack("16sH14x", b"lo", flags | up))


def run(*words):
    """Runs a program of the system or of the peers, which must succeed; returns its output."""
    program = peers.find(words[0]) if words[0] in peers.PEERS else words[0]
    done = subprocess.run([program, *map(str, words[1:])], env=peers.environment(), stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {done.stdout}")
    return done.stdout


def own_etc(**files):
    """Mounts a temporary /etc with these files (_ stands for a dot) and the ones that programs need."""
    kept = {}
    for name in ("hosts", "passwd", "group", "host.conf", "ld.so.cache", "services"):
        path = pathlib.Path("/etc", name)
        if path.is_file():
            kept[name] = path.read_bytes()
    run("mount", "-t", "tmpfs", "own-etc", "/etc")
    for name, content in kept.items():
        pathlib.Path("/etc", name).write_bytes(content)
    for name, text in files.items():
        pathlib.Path("/etc", name.replace("_", ".")).write_text(text)


def chance(percent):
    """A condition for nft that holds for `percent` of the packets; its random numbers end at 99."""
    return "" if percent == 100 else f"numgen random mod 100 < {percent}"


class OtherNetwork:
    """Another machine at the far end of a cable: HERE is this machine's address, THERE the other's."""
    HERE, NEW, THERE, ELSEWHERE = "198.51.100.1", "198.51.100.2", "198.51.100.9", "203.0.113.1"

    def __init__(self, scenario):
        self.process = scenario.start("other network", ["unshare", "--net", "sh", "-c", "echo up; exec sleep 3000"])
        self.process.wait_log("up")
        for words in (("link", "add", "name", "here0", "type", "veth", "peer", "name", "there0", "netns",
                       self.process.pid),
                      ("address", "add", f"{self.HERE}/24", "dev", "here0"), ("link", "set", "here0", "up")):
            run("ip", *words)
        scenario.addCleanup(lambda: subprocess.run(["ip", "link", "delete", "here0"], check=False))
        for words in (("link", "set", "lo", "up"), ("address", "add", f"{self.THERE}/24", "dev", "there0"),
                      ("link", "set", "there0", "up")):
            run(*self.enter, "ip", *words)

    @property
    def enter(self):
        """The prefix for a command that runs there."""
        return ["nsenter", f"--net=/proc/{self.process.pid}/ns/net"]


class Loss:
    """Drops packets to these TCP ports on arrival with nftables, and packets back from them (`back` percent, by default
    as many). `enter` is the prefix for a command in another network."""

    def __init__(self, percent, *ports, back=None, enter=()):
        self.enter = enter
        ports = "{ " + ", ".join(map(str, ports)) + " }"
        lost = [(percent, "dport"), (percent if back is None else back, "sport")]
        self._nft("add table inet loss; add chain inet loss way { type filter hook input priority 0; }; " + "; ".join(
            f"add rule inet loss way tcp {port} {ports} {chance(share)} counter drop" for share, port in lost))

    def packets(self):
        """How many have been lost so far."""
        words = self._nft("list", "table", "inet", "loss").split()
        return sum(int(words[at + 1]) for at, word in enumerate(words) if word == "packets")

    def end(self):
        self._nft("delete", "table", "inet", "loss")

    def _nft(self, *words):
        return run(*self.enter, peers.find("nft"), *words)
