"""Receivers of syslog: rsyslogd, systemd's journal, and bare sockets."""
import json
import os
import pathlib
import re
import socket
import threading

from . import peers
from .namespace import run
from .programs import eventually

TEMPLATE = """template(name="all" type="list" option.jsonf="on") {
  property(outname="host" name="hostname" format="jsonf")
  property(outname="app" name="app-name" format="jsonf")
  property(outname="process" name="procid" format="jsonf")
  property(outname="id" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="priority" name="pri" format="jsonf")
  property(outname="time" name="timereported" dateformat="rfc3339" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}
"""


class Rsyslog:
    """rsyslogd with one input, in a folder of its own; it can be stopped and started again."""

    def __init__(self, scenario, name, *lines):
        self.scenario, self.name = scenario, name
        self.out = scenario.folder / f"{name}.out"
        self.config = scenario.folder / f"{name}.conf"
        modules = peers.unpacked_root()
        folder = [f'global(moduleLoadPath="{next(modules.rglob("rsyslog"))}")'] if modules and next(
            modules.rglob("imuxsock.so"), None) else []
        self.config.write_text("\n".join([*folder, *lines, TEMPLATE,
                                          f'action(type="omfile" file="{self.out}" template="all")']) + "\n")
        self.program = None

    def start(self, ready):
        self.program = self.scenario.start(self.name, [peers.find("rsyslogd"), "-n", "-f", self.config, "-i",
                                                       self.scenario.folder / f"{self.name}.pid"])
        eventually(ready, f"{self.name} listens")
        return self

    def stop(self):
        self.program.stop()

    def messages(self, event=None):
        """What has come, of the tunnel."""
        lines = self.out.read_text().splitlines() if self.out.exists() else []
        found = [json.loads(line) for line in lines]
        return [one for one in found if one["app"] == "tunnel" and event in (None, one["id"])]


def rsyslog_at(scenario, path, name="rsyslog", parser="useSpecialParser=\"off\" parseHostname=\"on\""):
    """rsyslogd at a UNIX socket of its own: (start it again by start())."""
    daemon = Rsyslog(scenario, name, 'module(load="imuxsock" sysSock.use="off")',
                     f'input(type="imuxsock" socket="{path}" {parser})')
    daemon.ready = lambda: takes_datagrams(path)
    return daemon


def rsyslog_on(scenario, port, name="rsyslog"):
    """rsyslogd at a UDP port of localhost."""
    daemon = Rsyslog(scenario, name, 'module(load="imudp")',
                     *(f'input(type="imudp" address="{host}" port="{port}")' for host in ("127.0.0.1", "::1")))
    daemon.ready = lambda: re.search(rf"^ *\d+: 0100007F:{port:04X} ", pathlib.Path("/proc/net/udp").read_text(), re.M)
    return daemon


def takes_datagrams(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as probe:
        return probe.connect_ex(str(path)) == 0


def data_of(message):
    """The parameters of a message's structured data, as a list of pairs."""
    match = re.fullmatch(r"\[tunnel@32473((?: [!-~]+?=\"(?:[^\"\\\]]|\\[\"\\\]])*\")*)\]", message["data"])
    assert match, message["data"]
    pairs = re.findall(r" ([!-~]+?)=\"((?:[^\"\\\]]|\\[\"\\\]])*)\"", match.group(1))
    return [(name, re.sub(r"\\([\"\\\]])", r"\1", value)) for name, value in pairs]


class Streams:
    """A daemon at a UNIX stream socket, which reads messages by octet counting."""

    def __init__(self, path):
        self.path, self.messages, self.open = path, [], []
        self.listen()

    def listen(self):
        if os.path.exists(self.path):
            os.unlink(self.path)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(self.path))
        self.socket.listen()
        threading.Thread(target=self._accept, args=(self.socket,), daemon=True).start()

    def _accept(self, listener):
        while True:
            try:
                client = listener.accept()[0]
            except OSError:
                return
            self.open.append(client)
            threading.Thread(target=self._read, args=(client.makefile("rb"),), daemon=True).start()

    def _read(self, stream):
        try:
            while size := b"".join(iter(lambda: stream.read(1), b" ")):
                self.messages.append(stream.read(int(size)).decode())
        except (OSError, ValueError):
            return

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for client in self.open:
            client.shutdown(socket.SHUT_RDWR)
            client.close()
        self.open = []


def own_dev():
    """Mounts a /dev of its own, in which /dev/log can be made. In a namespace only."""
    folder = pathlib.Path("/run/own-dev")
    folder.mkdir()
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        (folder / name).touch()
        run("mount", "--bind", f"/dev/{name}", folder / name)
    (folder / "fd").symlink_to("/proc/self/fd")
    run("mount", "--rbind", folder, "/dev")


def own_run():
    """Mounts an empty /run and /var/log, for a journal. In a namespace only."""
    for folder in ("/run", "/var/log"):
        run("mount", "-t", "tmpfs", "own", folder)
    os.makedirs("/run/systemd/journal")


class Journal:
    """systemd-journald in a /run of its own."""

    def __init__(self, scenario):
        self.scenario = scenario
        self.start()

    def start(self):
        self.program = self.scenario.start("journald", [peers.find("systemd-journald")])
        eventually(lambda: takes_datagrams("/run/systemd/journal/socket") and
                   takes_datagrams("/run/systemd/journal/dev-log"), "the journal listens")

    def stop(self):
        self.program.stop()
        for name in ("socket", "dev-log", "stdout"):
            pathlib.Path("/run/systemd/journal", name).unlink(missing_ok=True)

    def entries(self, program, event):
        done = peers.run("journalctl", "-o", "json", "--no-pager", "-t", "tunnel", f"_PID={program.worker}",
                         f"TUNNEL_EVENT={event}")
        return [json.loads(line) for line in done.stdout.splitlines()]
