"""What the commands print: JSON for machines, tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

_PIPED_WIDTH = 200


def say(text: str = "") -> None:
    """One line for people, on stdout."""
    sys.stdout.write(text + "\n")


def complain(text: str, name: str = "beskedfordeler") -> None:
    """On stderr, each line of the text with ``name`` before it (none: as it is)."""
    for line in text.splitlines() or [""]:
        sys.stderr.write(f"{name}: {line}\n" if name else f"{line}\n")


def print_json(value: Any) -> None:
    """One JSON value on a line of its own."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """A table as wide as the terminal; ``>`` before a column's name sets it right.  No rows: the text ``empty``."""
    lines = [[_cell(value) for value in row] for row in rows]
    if not lines:
        say(empty)
        return
    from rich.console import Console  # 20 ms that --json need not pay
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        right = name.startswith(">")
        table.add_column(name.removeprefix(">"), justify="right" if right else "left", overflow="fold")
    for line in lines:
        table.add_row(*line)
    Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False, markup=False, emoji=False).print(
        table
    )


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def when(iso: str | None) -> str:
    """An XML dateTime as people read it."""
    return (iso or "").replace("T", " ").removesuffix("Z")
