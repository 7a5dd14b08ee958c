"""The measures: each runs a load against a rig and returns {figure: value}."""
import dataclasses
import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import typing

from harness import floods, peers

import figures
from rig import Failed

MIB = 1 << 20


class Sizes:
    """How much load each measure uses."""

    def __init__(self, smoke):
        self.bulk = (4 if smoke else 256) * MIB
        self.grown = (4 if smoke else 512) * MIB
        self.traced = (2 if smoke else 64) * MIB
        self.pings = 50 if smoke else 3000
        self.pings_beside = 50 if smoke else 400
        self.brief = 10 if smoke else 250
        self.good = 10 if smoke else 300  # connections of a good client beside a flood
        self.silent = 100 if smoke else figures.SILENT
        self.half = 10 if smoke else 200
        self.settle = 20 if smoke else 500  # milliseconds before memory is read
        self.idle = (10, 20) if smoke else figures.IDLE
        self.growth = (1, 10) if smoke else figures.GROWTH


def amount(rig, kind, size):
    """How much the load's clients and devices send, so that `kind` is the direction in the program under test."""
    to_tls = "up" if rig.role == "client" else "down"
    from_tls = "down" if rig.role == "client" else "up"
    return {"up": {to_tls: size}, "down": {from_tls: size}, "both": {"up": size // 2, "down": size // 2}}[kind]


def bulk(kind):
    def measure(rig):
        done = rig.load("carry", **amount(rig, kind, rig.ground.sizes.bulk))
        return {f"{kind}.cpu": done["cpu"] / done["bytes"] * 1e9, f"{kind}.rate": done["bytes"] / done["seconds"] / 1e6}
    return measure


def messages(rig):
    direct = rig.ground.direct_ping()
    done = rig.load("ping", count=rig.ground.sizes.pings)
    return {"messages.cpu": done["cpu"] / done["count"] / 2 * 1e6,
            "messages.p50": done["p50"] - direct["p50"], "messages.p99": done["p99"] - direct["p99"]}


def beside(rig):
    done = rig.load("ping", count=rig.ground.sizes.pings_beside, connections=50, beside=1)
    return {"beside.p99": done["p99"] / 1e3, "beside.rate": done["rate"]}


def short(key):
    def measure(rig):
        count = rig.ground.sizes.brief
        rig.load("brief", count=2)  # one-time work, such as the first ticket
        one = rig.load("brief", count=count)
        many = rig.load("brief", count=count, at_once=8)
        return {f"{key}.cpu": one["cpu"] / one["count"] * 1e3, f"{key}.first": one["p50"] / 1e3,
                f"{key}.rate": many["count"] / many["seconds"]}
    return measure


def grow(rig):
    sizes = rig.ground.sizes
    done = rig.load("grow", seconds=300, settle=sizes.settle, idle=sizes.idle, carrying=sizes.growth,
                    **amount(rig, "up", sizes.grown))
    return {**{f"idle.{count}": kib for count, kib in done["idle"].items()},
            **{f"grow.{count}": step["cpu"] / done["bytes"] * 1e9 for count, step in done["carrying"].items()}}


def workers(count):
    def measure(rig):
        if rig.contestant.threads and count == 1:
            raise Failed("it takes a thread for each connection")
        done = rig.load("carry", connections=100, **amount(rig, "up", rig.ground.sizes.bulk))
        return {f"workers.rate.{count}": done["bytes"] / done["seconds"] / 1e6,
                f"workers.cpu.{count}": done["cpu"] / done["bytes"] * 1e9}
    return measure


def calls(rig):
    """System calls, in separate runs, since tracing slows the program down."""
    strace = peers.locate("strace")
    if not strace:
        raise Failed("strace is not here: run tests/peers/get.py --bench")
    size, result = rig.ground.sizes.traced, {}
    for kind in ("up", "down"):
        summary = rig.ground.folder / "strace.txt"
        pids = [word for pid in rig.tested.pids() for word in ("-p", str(pid))]
        tracer = subprocess.Popen([strace, "-c", "-f", "-o", summary, *pids], stdin=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, env=peers.environment())
        try:
            said = tracer.stderr.readline().decode("utf-8", "replace")
            if "attached" not in said:
                raise Failed(f"strace: {said.strip()}")
            rig.load("carry", **amount(rig, kind, size))
        finally:
            tracer.send_signal(signal.SIGINT)
            tracer.stderr.close()
            tracer.wait(20)
        total = re.search(r"^\s*100[.,]00\s+\S+\s+\S+\s+(\d+)", summary.read_text(), re.MULTILINE)
        if not total:
            raise Failed("strace gave no sum")
        result[f"calls.{kind}"] = int(total.group(1)) / (size / 1e6)
    return result


def base(rig):
    """Memory before the first connection, the time from start to listening, and the size on disk."""
    kib = 0
    for pid in rig.tested.pids():
        shares = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
        kib += int(re.search(r"(?m)^Pss:\s+(\d+)", shares).group(1))
    return {"base": kib / 1024, "start": rig.tested.started_in * 1e3, "size": on_disk(rig.tested.pids()) / MIB}


def on_disk(pids):
    """Bytes of the program and of the TLS libraries that it has loaded."""
    files = set()
    for pid in pids:
        files.add(os.path.realpath(f"/proc/{pid}/exe"))
        for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
            path = line.split(maxsplit=5)[5] if line.count("/") else ""
            if re.search(r"/lib(ssl|crypto|mbed\w+|IPSec_MB|sodium|gnutls|nettle)[.-]|ngx_stream_module", path):
                files.add(path)
    return sum(os.path.getsize(path) for path in files)


def good_client(rig, key, flood, settled):
    """The p99 of full handshakes of a good client, alone and beside a flood that `settled` waits for."""
    count = rig.ground.sizes.good
    rig.load("brief", count=2)  # one-time work
    alone = rig.load("brief", count=count)["p99"]
    flood.start()
    try:
        settled(flood)
        beside = rig.load("brief", count=count)["p99"]
    finally:
        flood.stop()
    return {f"{key}.p99": beside / 1e3, f"{key}.times": beside / alone}


def silence(key, family):
    def settled(flood):
        deadline = time.monotonic() + 60
        while flood.begun.value < flood.count:
            if time.monotonic() > deadline:
                raise Failed(f"the flood began {flood.begun.value} connections in a minute")
            time.sleep(0.1)
        time.sleep(1)  # the first burst may have filled the backlog

    def measure(rig):
        return good_client(rig, key, floods.Silence(family, rig.tested_port, rig.ground.sizes.silent), settled)
    return measure


def half(key):
    """Handshakes that are left after the ClientHello, from loopback, which nobody limits; then 60 a second from one source
    beside a good client."""
    def measure(rig):
        hello, count, address = floods.client_hello(), rig.ground.sizes.half, ("127.0.0.1", rig.tested_port)
        rig.load("brief", count=2)
        before = rig.tested.cpu_seconds()
        for _ in range(count):
            if not floods.half_handshake(address, hello, "127.0.0.1"):
                raise Failed("a half handshake got no answer")
        cpu = rig.tested.cpu_seconds() - before
        flood = floods.HalfHandshakes(rig.tested_port, rate=60)
        return {f"{key}.cpu": cpu / count * 1e3, **good_client(rig, key, flood, lambda _: time.sleep(1))}
    return measure


@dataclasses.dataclass(frozen=True)
class Measure:
    """How one is taken. `whose`: a rig "shared" by all rounds, or a "fresh" one with these `options`; `rounds`: the most
    there are; `times`: repetitions in a round; `own_network`: needs namespaces; `peers`: whose others it says nothing of."""
    take: typing.Callable
    whose: str = "shared"
    options: dict = dataclasses.field(default_factory=dict)
    rounds: int = 99
    times: int = 1
    roles: tuple = ("client", "server")
    peers: tuple = ()
    own_network: bool = False


def _hostile(take, **options):
    # stunnel has a thread for each connection, and what has no TLS has no handshake
    return Measure(take, "fresh", {"resume": False, "large": False, **options}, rounds=3, roles=("server",),
                   peers=("tunnel", "HAProxy", "nginx"), own_network=True)


# Bulk is repeated more often because it depends most on which program runs on which core.
MEASURES = {
    **{kind: Measure(bulk(kind), times=3) for kind in ("up", "down", "both")},
    "messages": Measure(messages),
    "full": Measure(short("full"), options={"resume": False}),
    "resumed": Measure(short("resumed")),
    "base": Measure(base, "fresh", {"large": False}),
    "beside": Measure(beside, rounds=2),
    "workers1": Measure(workers(1), rounds=2),
    "workers2": Measure(workers(2), options={"workers": 2}, rounds=2),
    "grow": Measure(grow, "fresh", {"large": False}, rounds=1),
    "calls": Measure(calls, rounds=1),
    "silence4": _hostile(silence("silence4", socket.AF_INET)),
    "silence6": _hostile(silence("silence6", socket.AF_INET6), host=floods.HERE[socket.AF_INET6]),
    **{f"half{bits}": _hostile(half(f"half{bits}"), key=key) for bits, key in ((2048, "rsa"), (4096, "rsa4096"))},
}
