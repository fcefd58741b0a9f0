"""A sequence diagram drawn: one SVG document that needs nothing else, light or dark as its reader likes it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

from consumers.sequence.exchange import Exchange, parties

_COLUMN, _MARGIN, _HEAD, _ROW, _DAY = 230, 30, 84, 34, 30
_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --line: #8c959f; --arrow: #0b5cad; --lost: #b42318;
  --box: #eef4fb; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --line: #6e7681; --arrow: #6cb6ff;
  --lost: #ff8279; --box: #1c2733; } }
text { font: 13px system-ui, sans-serif; fill: var(--ink); }
.title { font-size: 17px; font-weight: 600; } .party { text-anchor: middle; font-weight: 600; }
.day { fill: var(--line); font-size: 12px; } .what { text-anchor: middle; }
.life { stroke: var(--line); stroke-dasharray: 3 4; } .rule { stroke: var(--line); stroke-width: .5; }
.letter { stroke: var(--arrow); stroke-width: 1.6; fill: none; } .lost { stroke: var(--lost); stroke-dasharray: 5 3; }
.why { fill: var(--lost); font-size: 12px; } .box { fill: var(--box); stroke: var(--line); }
"""


def svg(letters: Sequence[Exchange], title: str = "") -> str:
    """The diagram; a letter that did not arrive is a broken line with a cross, and one that was refused says why."""
    names = parties(letters)
    across = {name: _MARGIN + _COLUMN // 2 + _COLUMN * number for number, name in enumerate(names)}
    top = _MARGIN + (26 if title else 0)
    body: list[str] = []
    y = top + _HEAD
    for part in _rows(letters):
        if isinstance(part, date):
            y += _DAY
            body.append(f'<line class="rule" x1="{_MARGIN}" x2="{_MARGIN + _COLUMN * len(names)}" y1="{y}" y2="{y}"/>')
            body.append(f'<text class="day" x="{_MARGIN}" y="{y - 5}">{part.isoformat()}</text>')
        else:
            y += _ROW
            body += _arrow(part, across[part.fra], across[part.til], y)
    height, width = y + _MARGIN, 2 * _MARGIN + _COLUMN * max(1, len(names))
    heading = f'<text class="title" x="{_MARGIN}" y="{_MARGIN + 4}">{escape(title)}</text>' if title else ""
    lives = "".join(_party(name, across[name], top, y + 12) for name in names)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title or "Sequence diagram")}"><style>{_STYLE}</style>'
        '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="var(--arrow)"/></marker></defs>'
        f'<rect width="100%" height="100%" fill="var(--paper)"/>{heading}{lives}{"".join(body)}</svg>\n'
    )


def _rows(letters: Sequence[Exchange]) -> Iterator[date | Exchange]:
    day = None
    for letter in letters:
        if letter.day != day:
            day = letter.day
            yield day
        yield letter


def _party(name: str, x: int, top: int, bottom: int) -> str:
    lines = textwrap.wrap(name, 22)[:3]
    box = f'<rect class="box" rx="6" x="{x - 95}" y="{top}" width="190" height="60"/>'
    first = top + 35 - 8 * (len(lines) - 1)
    text = "".join(
        f'<text class="party" x="{x}" y="{first + 17 * number}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    return f'{box}{text}<line class="life" x1="{x}" x2="{x}" y1="{top + 60}" y2="{bottom}"/>'


def _arrow(letter: Exchange, start: int, end: int, y: int) -> Iterator[str]:
    middle = (start + end) // 2
    if letter.arrived:
        yield f'<line class="letter" x1="{start}" x2="{end}" y1="{y}" y2="{y}" marker-end="url(#head)"/>'
    else:
        yield f'<line class="letter lost" x1="{start}" x2="{middle}" y1="{y}" y2="{y}"/>'
        yield f'<path class="letter lost" d="M{middle - 5} {y - 5}l10 10m0 -10l-10 10"/>'
    yield f'<text class="what" x="{middle}" y="{y - 6}">{escape(letter.navn)}</text>'
    if letter.refused:
        yield f'<text class="why" x="{start + 6}" y="{y + 14}">{escape(textwrap.shorten(letter.refused, 90))}</text>'
