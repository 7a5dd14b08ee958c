#!/usr/bin/env python3
"""Compares tunnel with stunnel, HAProxy and nginx in interleaved rounds: bench.py --tunnel BINARY --load BINARY."""
import argparse
import contextlib
import datetime
import itertools
import json
import os
import pathlib
import platform
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
sys.dont_write_bytecode = True
os.environ.setdefault("TUNNEL_PEERS", str(ROOT / "build/peers"))

from harness import floods, namespace  # noqa: E402
from harness.net import free_port  # noqa: E402
from harness.pki import Authority  # noqa: E402

import chart  # noqa: E402
import contestants  # noqa: E402
from measures import MEASURES, Sizes  # noqa: E402
from rig import Failed, Rig  # noqa: E402
from table import Results, markdown  # noqa: E402


LEAST_ROUNDS = 2


class Ground:
    """State shared by all rigs of a run."""

    def __init__(self, folder, load, partner, sizes):
        self.folder, self.load, self.partner, self.sizes = folder, load, partner, sizes
        self.authority = Authority(folder)
        self.ca, self.identities, self.rigs = self.authority.ca, {}, {}

    def identity(self, kind):
        """The certificate with a key of this kind."""
        if kind not in self.identities:
            self.identities[kind] = self.authority.issue(contestants.NAME, kind=kind)
        return self.identities[kind]

    def direct_ping(self):
        """The latency of a ping with no program in between."""
        port = str(free_port())
        words = [self.load, "ping", "--front", port, "--back", port, "--count", str(self.sizes.pings)]
        return json.loads(subprocess.run(words, stdout=subprocess.PIPE, check=True, stdin=subprocess.DEVNULL).stdout)

    def start(self, contestant, role, options):
        """Starts a rig; tries again with other ports if one was taken in the meantime."""
        for attempt in range(3):
            try:
                return Rig(self, contestant, role, **options)
            except Failed:
                if attempt == 2:
                    raise

    @contextlib.contextmanager
    def rig(self, contestant, role, whose, options):
        """A rig that is kept for later rounds, or a fresh one that is stopped afterwards."""
        if whose == "fresh":
            rig = self.start(contestant, role, options)
            try:
                yield rig
            finally:
                rig.stop()
            return
        key = (contestant.title, role, *sorted(options.items()))
        if key not in self.rigs:
            self.rigs[key] = self.start(contestant, role, options)
        try:
            yield self.rigs[key]
        except Failed:
            self.rigs.pop(key).stop()  # its state is unknown: start a new one next time
            raise

    def stop(self):
        for rig in self.rigs.values():
            rig.stop()


def run(ground, programs, roles, names, rounds, minutes):
    """Takes every measure of every program, round by round; returns the results and the number of rounds."""
    results, begun = Results(), time.monotonic()
    for number in range(rounds):
        # On a busy machine, run fewer rounds instead of taking longer: a round takes about a fifth of the time.
        if number >= LEAST_ROUNDS and time.monotonic() - begun > 0.8 * 60 * minutes:
            return results, number
        for name in names:
            measure = MEASURES[name]
            if number >= measure.rounds:
                continue
            for role, _, program in itertools.product(roles, range(measure.times), programs):
                if (program.only and name not in program.only or role not in measure.roles
                        or measure.peers and program.title not in measure.peers):
                    continue
                try:
                    whose = "fresh" if program.once else measure.whose
                    with ground.rig(program, role, whose, measure.options) as rig:
                        results.add(role, program.title, measure.take(rig))
                except Failed as failed:
                    results.fail(role, program.title, name, str(failed))
            print(f"{time.monotonic() - begun:5.0f} s  round {number + 1} of {rounds}: {name}", file=sys.stderr,
                  flush=True)
    return results, rounds


def facts(programs, options, seconds):
    """Lines about the machine, the versions, the date and the method."""
    cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    congestion = pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    absent = [f"{program.title} was not measured: {program.absent()}" for program in options.absent]
    if options.left_out:
        absent.append(f"{', '.join(options.left_out)}: not measured, since no network namespace can be made here")
    return [f"{cpu.group(1) if cpu else platform.machine()}, {os.cpu_count()} cores, {platform.system()} "
            f"{platform.release()}; {datetime.date.today()}; {options.rounds} interleaved rounds in {seconds:.0f} s, "
            "medians",
            "; ".join(program.version() for program in programs),
            f"TLS 1.3, {contestants.SUITE}, a P-256 certificate whose chain and name are verified; the far side is "
            f"{options.partner.version()} for all; one worker or thread each (stunnel: a thread for each connection)",
            "nginx and HAProxy have buffers of 64 KiB, with which they take less CPU for each byte, but their default "
            "of 16 KiB where memory and growth are measured",
            "resumed: the far side gives tickets and takes them up, and what the program makes of them is its own; full: "
            "it does not",
            f"the system's congestion control is {congestion}" + (
                ", which paces what the peers and the load send; tunnel does not use it within a machine"
                if congestion == "bbr" else ""),
            "silent sockets come from 2^16 sources and connect again elsewhere when they are reset; half handshakes end by a "
            "reset after the server's answer, and come from one source; the good client comes through the far side",
            "CPU is user and system time of the program's own processes; ratio is ours to the best peer, below 1 is "
            "better, except where ↑ says that more is better; the copy relay and socat stand where a program stands, "
            "between the load and a far side without TLS", *absent]


def chosen(words, known, what):
    """The names in a comma-separated list, or all if there is none."""
    names = words.split(",") if words else list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"bench.py: no {what} is called {', '.join(unknown)}; there are {', '.join(known)}")
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tunnel", required=True, type=pathlib.Path, help="the binary to measure")
    parser.add_argument("--load", type=pathlib.Path, help="the load generator; bench/load beside the binary")
    parser.add_argument("--only", help=f"some of {','.join(MEASURES)}")
    parser.add_argument("--peers", help="some of tunnel,stunnel,haproxy,nginx,copy,socat")
    parser.add_argument("--roles", help="client or server")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=10, help="no further round begins near the end of this time")
    parser.add_argument("--partner", default="nginx", help="who is on the far side: nginx, haproxy or stunnel")
    parser.add_argument("--smoke", action="store_true", help="a few MB only: does it still work?")
    parser.add_argument("--into", type=pathlib.Path, help="where to write bench.md, bench.svg and bench.json")
    options = parser.parse_args()

    binary = options.tunnel.resolve()
    load = (options.load or binary.parent / "bench/load").resolve()
    every = {"tunnel": contestants.Tunnel(binary), "stunnel": contestants.Stunnel(),
             "haproxy": contestants.Haproxy(), "nginx": contestants.Nginx(), "copy": contestants.CopyRelay(load),
             "socat": contestants.Socat()}
    programs = [every[name] for name in chosen(options.peers, every, "program")]
    names = chosen(options.only, MEASURES, "measure")
    options.left_out = []
    if any(MEASURES[name].own_network for name in names):
        if namespace.enter():
            floods.route_sources()
        else:
            options.left_out = [name for name in names if MEASURES[name].own_network]
            names = [name for name in names if name not in options.left_out]
    roles = chosen(options.roles, ("client", "server"), "role")
    options.partner = every[options.partner]
    if options.partner.absent():
        sys.exit(f"bench.py: the far side: {options.partner.absent()}")
    options.absent = [program for program in programs if program.absent()]
    programs = [program for program in programs if not program.absent()]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench.py: asked to end"))  # runs the cleanup

    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tunnel-bench-") as folder:
        ground = Ground(pathlib.Path(folder), load, options.partner, Sizes(options.smoke))
        try:
            results, options.rounds = run(ground, programs, roles, names, options.rounds, options.minutes)
        finally:
            ground.stop()
    told = facts(programs, options, time.monotonic() - begun)
    page = markdown(results, told)
    print(page)
    if options.into:
        options.into.mkdir(parents=True, exist_ok=True)
        (options.into / "bench.md").write_text(page, encoding="utf-8")
        (options.into / "bench.svg").write_text(chart.svg(results), encoding="utf-8")
        raw = {"facts": told, "samples": results.samples, "not measured": results.reasons}
        (options.into / "bench.json").write_text(json.dumps(raw, indent=1, ensure_ascii=False), encoding="utf-8")
    if "tunnel" in [program.title for program in programs] and any(
            "tunnel" in failed for role in results.reasons.values() for failed in role.values()):
        sys.exit("bench.py: tunnel failed")


if __name__ == "__main__":
    main()
