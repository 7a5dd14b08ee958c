"""Formats the results as Markdown: medians, and the ratio of ours to the best peer's."""
import statistics

from figures import FIGURES

PEERS = ("stunnel", "HAProxy", "nginx")
LIMITS = ("copy relay", "socat")  # without TLS
ROLES = {"client": "Client role: plaintext in, TLS out", "server": "Server role: TLS in, plaintext out"}


class Results:
    """samples[role][figure][program] is a list; reasons[role][figure][program] says why there is none."""

    def __init__(self, samples=None, reasons=None):
        self.samples = samples or {}
        self.reasons = reasons or {}

    def add(self, role, program, values):
        for figure, value in values.items():
            self.samples.setdefault(role, {}).setdefault(figure, {}).setdefault(program, []).append(value)

    def fail(self, role, program, measure, reason):
        self.reasons.setdefault(role, {}).setdefault(measure, {})[program] = reason

    def median(self, role, figure, program):
        """The median, or None if it was not measured."""
        values = self.samples.get(role, {}).get(figure, {}).get(program)
        return statistics.median(values) if values else None

    def best(self, role, figure):
        """(value, program) of the best peer, or None."""
        measured = [(self.median(role, figure.key, peer), peer) for peer in PEERS]
        measured = [pair for pair in measured if pair[0] is not None]
        return (max if figure.more_is_better else min)(measured) if measured else None

    def ratio(self, role, figure):
        """Our value divided by the best peer's, or None."""
        ours, best = self.median(role, figure.key, "tunnel"), self.best(role, figure)
        return ours / best[0] if ours is not None and best and best[0] else None

    def has(self, role, figure):
        return bool(self.samples.get(role, {}).get(figure.key))


def _cell(results, role, figure, program):
    value = results.median(role, figure.key, program)
    return "–" if value is None else f"{value:,.{figure.digits}f}"


def _row(results, role, figure):
    best, ratio = results.best(role, figure), results.ratio(role, figure)
    arrow = " ↑" if figure.more_is_better else ""
    cells = [f"{figure.title} ({figure.unit}){arrow}", _cell(results, role, figure, "tunnel"),
             best[1] if best else "–", f"**{ratio:.2f}**" if ratio is not None else "–"]
    return cells + [_cell(results, role, figure, program) for program in (*PEERS, *LIMITS)]


def _line(cells):
    return "| " + " | ".join(cells) + " |"


def _reasons(results, role):
    lines = []
    for measure, programs in results.reasons.get(role, {}).items():
        lines += [f"- not measured: {measure} of {program}: {reason}" for program, reason in programs.items()]
    return [*lines, ""] if lines else []


def markdown(results, facts):
    """The complete page; `facts` are lines about the machine, the programs and the method."""
    lines = [f"- {fact}" for fact in facts] + [""]
    for role, title in ROLES.items():
        rows = [_row(results, role, figure) for figure in FIGURES if results.has(role, figure)]
        if not rows and role not in results.reasons:
            continue
        head = [title, "tunnel", "best peer", "ratio", *PEERS, *LIMITS]
        lines += [_line(head), "| --- | " + " | ".join(["--:"] * (len(head) - 1)) + " |", *map(_line, rows), ""]
        lines += _reasons(results, role)
    return "\n".join(lines)
