"""Members in networks of their own, and HAProxy in front of them as the L4 balancer that asks each for /ready."""
import socket
import subprocess
import time

from . import namespace, peers
from .net import free_port
from .programs import eventually

CONFIG = """\
global
    stats socket {socket} level admin
    nbthread 1
    maxconn 4000
defaults
    mode tcp
    timeout connect 5s
    timeout client 2m
    timeout server 2m
    # nothing may be hidden: a connection that a member refuses is a failure, not one more attempt
    retries {retries}
    {redispatch}
listen members
    bind 127.0.0.1:{port}
    balance roundrobin
    option httpchk GET /ready
"""


class Machine:
    """A network of its own at the end of a cable: `here` and `there` are the addresses of its ends."""

    def __init__(self, scenario, number):
        self.name = f"member{number}"
        self.here, self.there = f"198.51.100.{number * 4 + 1}", f"198.51.100.{number * 4 + 2}"
        self.holder = scenario.start(self.name, ["unshare", "--net", "sh", "-c", "echo up; exec sleep 3000"])
        self.holder.wait_log("up")
        ours, theirs = f"here{number}", f"there{number}"
        for words in (("link", "add", "name", ours, "type", "veth", "peer", "name", theirs, "netns", self.holder.pid),
                      ("address", "add", f"{self.here}/30", "dev", ours), ("link", "set", ours, "up")):
            namespace.run("ip", *words)
        scenario.addCleanup(lambda: subprocess.run([peers.find("ip"), "link", "delete", ours], check=False,
                                                   env=peers.environment()))
        for words in (("link", "set", "lo", "up"), ("address", "add", f"{self.there}/30", "dev", theirs),
                      ("link", "set", theirs, "up")):
            namespace.run(*self.enter, "ip", *words)

    @property
    def enter(self):
        """The prefix for a command that runs there."""
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]


class Balancer:
    """HAProxy. `hides_refusals`: it tries another member where one refuses, as balancers usually do."""

    def __init__(self, scenario, machines, port, status_port, hides_refusals=False):
        self.socket = scenario.folder / "haproxy.sock"
        self.port = free_port()
        config = scenario.folder / "haproxy.cfg"
        config.write_text(CONFIG.format(
            socket=self.socket, port=self.port, retries=3 if hides_refusals else 0,
            redispatch="option redispatch 1" if hides_refusals else "no option redispatch") + "".join(
                f"    server {machine.name} {machine.there}:{port} check port {status_port} inter 250ms fall 1 rise 2\n"
                for machine in machines))
        scenario.start("haproxy", [peers.find("haproxy"), "-db", "-f", config])
        eventually(self.socket.exists, "HAProxy has its socket")
        for machine in machines:
            self.wait_up(machine)

    def say(self, command):
        """A command of HAProxy's own at its socket; returns the answer."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(peers.PATIENCE)
            sock.connect(str(self.socket))
            sock.sendall(f"{command}\n".encode())
            answer = b""
            while part := sock.recv(65536):
                answer += part
        return answer.decode()

    def remove(self, machine):
        """As Kubernetes removes a member that is to end: no new connections, and the open ones stay."""
        answer = self.say(f"set server members/{machine.name} state drain").strip()
        assert not answer, answer

    def readmit(self, machine):
        """Once its health check succeeds."""
        answer = self.say(f"set server members/{machine.name} state ready").strip()
        assert not answer, answer
        self.wait_up(machine)

    def wait_up(self, machine):
        eventually(lambda: self._row(machine)["status"].startswith("UP"), f"{machine.name} is up")

    def wait_down(self, machine):
        """Returns how long that took."""
        begin = time.monotonic()
        eventually(lambda: self._row(machine)["status"].startswith("DOWN"), f"{machine.name} is down")
        return time.monotonic() - begin

    def served(self, machine):
        """How many connections it has been given."""
        return int(self._row(machine)["stot"])

    def _row(self, machine):
        head, *lines = self.say("show stat").strip().splitlines()
        names = head.lstrip("# ").split(",")
        return next(row for row in (dict(zip(names, line.split(","))) for line in lines)
                    if row["svname"] == machine.name)
