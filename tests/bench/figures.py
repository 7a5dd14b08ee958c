"""The benchmark's figures with titles and units, in the order of the table."""
import dataclasses

IDLE = (1000, 5000)
GROWTH = (1, 10, 100, 1000, 5000)
SILENT = 18_000


@dataclasses.dataclass(frozen=True)
class Figure:
    """One row of the table."""

    key: str
    title: str
    unit: str
    digits: int
    more_is_better: bool = False


def _bulk(key, title):
    return [Figure(f"{key}.cpu", f"bulk, {title}: CPU", "s/GB", 3),
            Figure(f"{key}.rate", f"bulk, {title}: rate", "MB/s", 0, True)]


def _short(key, title):
    return [Figure(f"{key}.cpu", f"short connection, {title}: CPU", "ms", 3),
            Figure(f"{key}.rate", f"short connections, {title}, 8 at once", "1/s", 0, True),
            Figure(f"{key}.first", f"short connection, {title}: time to first byte", "ms", 2)]


def _beside(key, title):
    return [Figure(f"{key}.p99", f"full handshake of a good client beside {title}: p99", "ms", 1),
            Figure(f"{key}.times", f"full handshake of a good client beside {title}: p99", "× alone", 2)]


def _half(bits):
    key = f"half{bits}"
    return [Figure(f"{key}.cpu", f"half a handshake, RSA-{bits}: CPU", "ms", 3),
            *_beside(key, f"60 half handshakes a second, RSA-{bits}")]


FIGURES = [
    *_bulk("up", "plain → TLS"), *_bulk("down", "TLS → plain"), *_bulk("both", "both at once"),
    Figure("calls.up", "system calls, plain → TLS", "1/MB", 1),
    Figure("calls.down", "system calls, TLS → plain", "1/MB", 1),
    Figure("messages.cpu", "64-byte message, one way: CPU", "µs", 2),
    Figure("messages.p50", "64-byte ping, added to a direct one: p50", "µs", 1),
    Figure("messages.p99", "64-byte ping, added to a direct one: p99", "µs", 1),
    Figure("beside.p99", "64-byte ping over 50 connections beside a bulk stream: p99", "ms", 2),
    Figure("beside.rate", "the bulk stream beside those pings: rate", "MB/s", 0, True),
    *_short("full", "full handshake"), *_short("resumed", "resumed"),
    *[Figure(f"idle.{count}", f"idle connection of {count:,}: PSS", "KiB", 1) for count in IDLE],
    Figure("base", "with no connection: PSS", "MiB", 1),
    Figure("start", "start to listening", "ms", 1),
    *[Figure(f"grow.{count}", f"{count:,} carrying, plain → TLS: CPU", "s/GB", 3) for count in GROWTH],
    *[Figure(f"workers.{key}.{count}", f"100 carrying, {count} worker{'s' * (count > 1)}: {title}", unit, digits, more)
      for count in (1, 2) for key, title, unit, digits, more in (("rate", "rate", "MB/s", 0, True),
                                                               ("cpu", "CPU", "s/GB", 3, False))],
    *_beside("silence4", f"{SILENT:,} silent sockets, IPv4"), *_beside("silence6", f"{SILENT:,} silent sockets, IPv6"),
    *_half(2048), *_half(4096),
    Figure("size", "binary, and the TLS libraries that it loads", "MiB", 2),
]
