"""Processes of a scenario: started, watched and stopped; their output is kept for the failure report."""
import json
import os
import re
import shlex
import signal
import subprocess
import threading
import time

from . import peers, toml
from .net import PATIENCE

SANITIZER = re.compile(r"ERROR: AddressSanitizer|runtime error:|WARNING: ThreadSanitizer|LeakSanitizer")


def tunnel_command():
    """The command line of the tunnel under test."""
    words = shlex.split(os.environ.get("TUNNEL_BINARY", ""))
    if not words:
        raise RuntimeError("set TUNNEL_BINARY to the tunnel to test")
    return words


def _sanitized():
    if os.environ.get("TUNNEL_SANITIZED"):
        return os.environ["TUNNEL_SANITIZED"] != "0"
    try:
        with open(tunnel_command()[-1], "rb") as file:
            return b"__asan_init" in (binary := file.read()) or b"__tsan_init" in binary
    except (OSError, RuntimeError):
        return False


WINDOWS = os.environ.get("TUNNEL_BINARY", "").endswith(".exe")
SANITIZED = _sanitized()  # under a sanitizer memory bounds are looser and streams shorter
SOAK = bool(os.environ.get("TUNNEL_SOAK"))  # the soak preset runs the long form of a scenario


def eventually(condition, what, seconds=PATIENCE):
    """Waits until `condition()` is true and returns its value; fails after `seconds`, naming `what`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.02)
    return answer


class Program:
    """A process whose stdout and stderr are read in threads."""

    def __init__(self, name, words, cwd, env=None, stdin=subprocess.DEVNULL):
        self.name = name
        self.killed = False  # on purpose
        self.words = [str(word) for word in words]
        self.lines, self.out = [], []  # stderr and stdout, line by line, as bytes
        self.process = subprocess.Popen(self.words, cwd=cwd, env=env or peers.environment(), stdin=stdin,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.pid = self._worker = self.process.pid
        self.readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                        for pair in ((self.process.stderr, self.lines), (self.process.stdout, self.out))]
        for reader in self.readers:
            reader.start()

    def _read(self, pipe, lines):
        for line in pipe:
            lines.append(line.rstrip(b"\n"))
        pipe.close()

    @property
    def log(self):
        """Its stderr so far."""
        return b"\n".join(self.lines).decode("utf-8", "backslashreplace")

    @property
    def output(self):
        """Its stdout so far."""
        return b"\n".join(self.out).decode("utf-8", "backslashreplace")

    def running(self):
        return self.process.poll() is None

    def wait_log(self, pattern, seconds=PATIENCE):
        """Waits until stderr or stdout matches `pattern`; returns the match."""
        def search():
            found = re.search(pattern, self.log + "\n" + self.output, re.MULTILINE)
            if not found and not self.running() and not any(reader.is_alive() for reader in self.readers):
                raise AssertionError(f"{self.name} ended with {self.process.returncode} before it said {pattern!r}")
            return found
        return eventually(search, f"{self.name} says {pattern!r}", seconds)

    def wait(self, seconds=PATIENCE):
        """Waits for it to exit; returns the exit status."""
        status = self.process.wait(seconds)
        for reader in self.readers:
            reader.join(seconds)
        return status

    def send_signal(self, number):
        worker = self.worker
        self.process.send_signal(number)
        # what stands still stands still as a whole
        if number in (signal.SIGSTOP, signal.SIGCONT) and worker != self.pid:
            os.kill(worker, number)

    def kill(self):
        """Ends all its processes at once, and none can do anything about it."""
        self.killed = True
        worker = self.worker
        self.process.send_signal(signal.SIGSTOP)
        if worker != self.pid:
            os.kill(worker, signal.SIGKILL)
        self.process.kill()
        return self.process.wait()

    def stop(self, number=signal.SIGTERM, seconds=PATIENCE):
        """Sends a signal, kills it after `seconds`; returns the exit status."""
        if self.running():
            self.send_signal(number)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.wait()
            raise AssertionError(f"{self.name} did not end within {seconds} s of signal {number}")

    def report(self):
        """Its output, for the failure report."""
        status = "running" if self.running() else f"ended with {self.process.returncode}"
        return f"--- {self.name} (pid {self.pid}, {status}): {' '.join(self.words)}\n{self.log}\n{self.output}"

    @property
    def worker(self):
        """The process that does the work: of a tunnel with a keeper, the keeper's child. After the end, the last one."""
        try:
            with open(f"/proc/{self.pid}/task/{self.pid}/children") as file:
                children = file.read().split()
            self._worker = self.pid
            for child in children:
                with open(f"/proc/{child}/cmdline", "rb") as file:
                    if file.read().startswith(b"tunnel: worker"):
                        self._worker = int(child)
        except OSError:
            pass
        return self._worker

    def resident(self):
        """Resident memory in bytes."""
        with open(f"/proc/{self.worker}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) * 1024

    def cpu(self):
        """CPU seconds used so far."""
        with open(f"/proc/{self.worker}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.worker}/fd"))


class Tunnel(Program):
    """The program under test with its own config; logs JSON unless the scenario asks for text."""

    def __init__(self, name, folder, services, options=(), env=None, tables=None, before=()):
        self.folder, self.services = folder, services
        self.config = folder / f"{name}.toml"
        self.tables = {"log": {"format": "json", "level": "debug"}, **(tables or {})}
        self.json = self.tables["log"].get("format") == "json"
        toml.write(self.config, self.tables, services)
        # scenarios count descriptors, which a non-dumpable process shows to root alone
        inspectable = {} if WINDOWS or os.geteuid() == 0 else {"TUNNEL_TEST_INSPECTABLE": "1"}
        super().__init__(name, [*before, *tunnel_command(), "--config", self.config.name, *options], folder,
                         {**os.environ, **inspectable, **(env or {})})

    def rewrite(self, tables=None, **services):
        """Replaces the config file with these services, and with the tables it started with unless others are given."""
        toml.write(self.config, tables or self.tables, services)

    def reload(self, event="reloaded", tables=None, **services):
        """Rewrites the config file, sends SIGHUP and waits for the next `event`."""
        self.rewrite(tables, **services)
        before = len(self.events(event))
        self.send_signal(signal.SIGHUP)
        self.wait_for(lambda: len(self.events(event)) > before, event)

    def events(self, event=None, **fields):
        """The log records so far, as dicts, with this event and these fields."""
        wanted = dict(fields, **({"event": event} if event else {}))
        # the log may have tens of thousands of lines: parse only those of this event
        mark = b'"event":"%s"' % event.encode() if event else b"{"
        records = [json.loads(line) for line in list(self.lines) if line.startswith(b"{") and mark in line]
        return [record for record in records if all(record.get(key) == value for key, value in wanted.items())]

    def wait_event(self, event, seconds=PATIENCE, **fields):
        """Waits for such a record; returns the first."""
        self.wait_for(lambda: self.events(event, **fields), f"the event {event} {fields or ''}", seconds)
        return self.events(event, **fields)[0]

    def wait_for(self, condition, what, seconds=PATIENCE):
        """Like eventually(), but fails as soon as the tunnel exits."""
        def check():
            running = self.running() or any(reader.is_alive() for reader in self.readers)
            answer = condition()
            if not answer and not running:
                raise AssertionError(f"{self.name} ended with {self.process.returncode} before {what}")
            return answer
        return eventually(check, f"{self.name}: {what}", seconds)

    def listening(self):
        """Waits until every service listens."""
        for service in self.services:
            if self.json:
                self.wait_event("listening", service=service)
            else:
                self.wait_log(rf"{re.escape(service)}: listening on ")
        return self

    def addresses(self, service):
        """The addresses a service listens on, as "host:port"."""
        if self.json:
            return self.wait_event("listening", service=service)["listen"]
        found = self.wait_log(rf"{re.escape(service)}: listening on (\S+:\d+(?: and \S+:\d+)*)")
        return found.group(1).split(" and ")

    def port(self, service=None):
        """The port of a service (by default the first)."""
        return int(self.addresses(service or next(iter(self.services)))[0].rsplit(":", 1)[1])

    def check_clean(self):
        """Fails if a sanitizer has reported anything."""
        found = SANITIZER.search(self.log)
        if found:
            raise AssertionError(f"{self.name}: {found.group(0)}\n{self.log}")
