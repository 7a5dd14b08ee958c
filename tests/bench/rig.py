"""A program under test and its partner in the other role, between the load's client and its device."""
import contextlib
import json
import os
import signal
import socket
import subprocess
import time

from harness.net import free_port
from harness.programs import Program

from contestants import Job

START_PATIENCE = 20


class Failed(Exception):
    """The reason, in one line, why a figure couldn't be measured."""


def children(pid):
    """The process and all its descendants."""
    pids = [pid]
    with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{pid}/children") as file:
        for child in file.read().split():
            pids += children(int(child))
    return pids


def _connects(job):
    with socket.socket(socket.AF_INET6 if ":" in job.front_host else socket.AF_INET) as sock:
        return sock.connect_ex((job.front_host, job.front)) == 0


def _listens(job):
    """Checks without connecting."""
    with open("/proc/net/tcp") as table:
        return any(f":{job.front:04X} 00000000:0000 0A" in line for line in table)


class Running:
    """A started program."""

    def __init__(self, contestant, job, quiet=False):
        """`quiet`: nothing may connect before the load does."""
        words = contestant.words(job)
        self.start = time.monotonic()
        self.program = Program(contestant.title, words, job.folder)
        self.job, self.is_up = job, _listens if quiet else _connects

    def listening(self):
        deadline = time.monotonic() + START_PATIENCE
        while not self.is_up(self.job):
            if not self.program.running() or time.monotonic() > deadline:
                raise Failed(f"{self.program.name} does not listen: {self.said()}")
            time.sleep(0.0005)
        self.started_in = time.monotonic() - self.start

    def pids(self):
        return children(self.program.pid)

    def cpu_seconds(self):
        """User and system time so far, by the processes' own clocks (clock_getcpuclockid)."""
        return sum(time.clock_gettime(~pid << 3 | 2) for pid in self.pids())

    def said(self):
        lines = [line for line in (self.program.log + "\n" + self.program.output).splitlines() if line.strip()]
        return lines[-1][-200:] if lines else "it said nothing"

    def stop(self):
        """Stops it; kills it if it waits for connections to end."""
        below = self.pids()[1:]
        self.program.send_signal(signal.SIGTERM)
        try:
            self.program.wait(1)
        except subprocess.TimeoutExpired:
            for pid in below:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.program.process.kill()
            self.program.wait()


class Rig:
    """client -> [tested] -> [partner] -> device in the client role; tested and partner swapped in the server role."""

    def __init__(self, ground, contestant, role, workers=1, resume=True, large=True, key="ec", host="127.0.0.1"):
        """`key`: the kind of the certificate's; `host`: the address on which TLS is accepted."""
        self.ground, self.contestant, self.role = ground, contestant, role
        client = role == "client"
        self.front, middle, self.back = free_port(), free_port(), free_port()
        plain = contestant.without_tls
        common = {"folder": ground.folder, "identity": ground.identity(key), "ca": ground.ca, "large": large}
        near = {"front": self.front, "back": middle, "back_host": host}
        far = {"front": middle, "front_host": host, "back": self.back}
        tested = Job(client=client, workers=workers, **(near if client else far), **common)
        partner = Job(client=not client, plain=plain, resume=resume, **(far if client else near), **common)
        self.running = []
        try:
            # Starts the program next to the device first, so that none dials a port that is not open yet.
            other = contestant if plain and not ground.partner.relays_plain else ground.partner
            jobs = [(other, partner), (contestant, tested)]
            for who, job in jobs if client else reversed(jobs):
                self.running.append(Running(who, job, quiet=contestant.once))
                self.running[-1].listening()
        except BaseException:
            self.stop()
            raise
        self.tested = self.running[1 if client else 0]
        self.tested_port = tested.front
        time.sleep(0.05)  # lets the connections that probed the ports end
        for running in self.running:
            if not running.program.running():
                self.stop()
                raise Failed(f"{running.program.name} ended: {running.said()}")

    def load(self, command, seconds=120, **options):
        """Runs the load against it; returns its results."""
        words = [self.ground.load, command, "--front", self.front, "--back", self.back,
                 "--pids", ",".join(map(str, self.tested.pids())), "--seconds", seconds]
        for name, value in options.items():
            text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else value
            words += [f"--{name.replace('_', '-')}", text]
        done = subprocess.run(list(map(str, words)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        if done.returncode:
            reason = done.stderr.strip() or f"the load ended with {done.returncode}"
            dead = [running for running in self.running if not running.program.running()]
            said = f"; {dead[0].program.name} ended: {dead[0].said()}" if dead else ""
            raise Failed(reason + said)
        return json.loads(done.stdout)

    def stop(self):
        for running in reversed(self.running):
            running.stop()
