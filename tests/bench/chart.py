"""Draws the results as a small SVG with bars for each program and role, for light and dark backgrounds."""
from xml.sax.saxutils import escape

from table import LIMITS, PEERS, ROLES

PANELS = (("up.cpu", "Bulk, plain → TLS: CPU s/GB", 2), ("down.cpu", "Bulk, TLS → plain: CPU s/GB", 2),
          ("both.cpu", "Bulk, both at once: CPU s/GB", 2), ("resumed.cpu", "Short connection, resumed: CPU ms", 2),
          ("full.cpu", "Short connection, full handshake: CPU ms", 2),
          ("idle.5000", "Idle connection of 5,000: KiB", 1))
PROGRAMS = ("tunnel", *PEERS, LIMITS[0])
COLUMNS, WIDTH, MARGIN, LABEL, NUMBER, BAR = 2, 400, 16, 78, 46, 9
PROGRAM_HEIGHT = 2 * BAR + 8
PANEL_HEIGHT = 34 + PROGRAM_HEIGHT * len(PROGRAMS)

STYLE = """\
text { font: 12px system-ui, sans-serif; fill: #727b85 }
.title { font-weight: 600 }
.number { font-size: 10px }
.tunnel { fill: #1f7ae0 } .peer { fill: #8a939d } .limit { fill: #b58a2c }
.server { opacity: .55 }
@media (prefers-color-scheme: dark) { text { fill: #a5afba } }"""


def _kind(program):
    return {"tunnel": "tunnel", LIMITS[0]: "limit"}.get(program, "peer")


def _bars(results, figure, digits, left, top):
    """One panel."""
    values = {(program, role): results.median(role, figure, program) for program in PROGRAMS for role in ROLES}
    most = max((value for value in values.values() if value is not None), default=0) or 1
    room = WIDTH - LABEL - NUMBER
    for row, program in enumerate(PROGRAMS):
        y = top + row * PROGRAM_HEIGHT
        yield f'<text x="{left + LABEL - 8}" y="{y + BAR + 4}" text-anchor="end">{escape(program)}</text>'
        for line, role in enumerate(ROLES):
            value = values[program, role]
            at = y + line * (BAR + 1)
            if value is None:
                yield f'<text class="number" x="{left + LABEL}" y="{at + 9}">not measured</text>'
                continue
            long = max(1.0, room * max(value, 0) / most)
            yield (f'<rect class="{_kind(program)} {role}" x="{left + LABEL}" y="{at}" width="{long:.1f}" '
                   f'height="{BAR}" rx="1"/>')
            yield (f'<text class="number" x="{left + LABEL + long + 4:.1f}" y="{at + 8.5}">'
                   f'{value:.{digits}f}</text>')


def svg(results):
    """The chart, without panels that have no data."""
    panels = [panel for panel in PANELS if any(results.median(role, panel[0], program) is not None
                                               for role in ROLES for program in PROGRAMS)]
    rows = -(-len(panels) // COLUMNS)
    width, height = MARGIN + COLUMNS * (WIDTH + MARGIN), 30 + rows * PANEL_HEIGHT + MARGIN
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
             f'height="{height}" role="img" aria-label="tunnel beside stunnel, HAProxy and nginx">',
             f"<style>{STYLE}</style>",
             f'<text x="{MARGIN}" y="20">less is better; the upper, solid bar is the client role, the lower one the '
             'server role; the copy relay has no TLS</text>']
    for number, (figure, title, digits) in enumerate(panels):
        left = MARGIN + number % COLUMNS * (WIDTH + MARGIN)
        top = 30 + number // COLUMNS * PANEL_HEIGHT
        lines.append(f'<text class="title" x="{left}" y="{top + 18}">{escape(title)}</text>')
        lines += _bars(results, figure, digits, left, top + 28)
    return "\n".join([*lines, "</svg>", ""])
