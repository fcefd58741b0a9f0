"""Pieces of HTML: tables, tiles, boxes.  Pure; every text is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

Cell = str | tuple[str, str]
"""A text, or a text and the class of its cell."""


def table(head: Sequence[Cell], rows: Iterable[Sequence[Cell]], *, total: bool = False) -> str:
    """In a card; with ``total`` the last row is the sum."""
    lines = [list(row) for row in rows]
    body = []
    for number, row in enumerate(lines):
        attribute = ' class="sum"' if total and number == len(lines) - 1 else ""
        body.append(f"<tr{attribute}>{''.join(_cell('td', cell) for cell in row)}</tr>")
    top = "".join(_cell("th", cell) for cell in head)
    return f'<div class="card"><table><thead><tr>{top}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'


def tile(value: str, label: str, kind: str = "") -> str:
    """One figure."""
    return f'<div class="{f"tile {kind}".strip()}"><b>{escape(value)}</b><span>{escape(label)}</span></div>'


def tiles(found: Iterable[str]) -> str:
    return f'<div class="tiles">{"".join(found)}</div>'


def box(kind: str, title: str, lines: Iterable[str] = ()) -> str:
    """A coloured box: good, warn or bad."""
    listed = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div class="box {kind}"><strong>{escape(title)}</strong>{f"<ul>{listed}</ul>" if listed else ""}</div>'


def plots(found: Sequence[str]) -> str:
    """SVG texts side by side."""
    return f'<div class="plots">{"".join(f"<div>{svg}</div>" for svg in found)}</div>' if found else ""


def heading(level: int, text: str) -> str:
    return f"<h{level}>{escape(text)}</h{level}>"


def paragraph(text: str, kind: str = "") -> str:
    return f"<p{f' class={chr(34)}{kind}{chr(34)}' if kind else ''}>{escape(text)}</p>"


def preformatted(text: str) -> str:
    return f'<div class="card"><pre>{escape(text)}</pre></div>'


def pairs(values: Iterable[tuple[str, str]]) -> str:
    """Names and what they are."""
    rows = "".join(
        f'<tr><td class="l">{escape(name)}</td><td class="l">{escape(text)}</td></tr>' for name, text in values
    )
    return f'<div class="card"><table><tbody>{rows}</tbody></table></div>'


def _cell(tag: str, cell: Cell) -> str:
    text, kind = (cell, "") if isinstance(cell, str) else cell
    return f"<{tag}{f' class={chr(34)}{kind}{chr(34)}' if kind else ''}>{escape(text)}</{tag}>"
