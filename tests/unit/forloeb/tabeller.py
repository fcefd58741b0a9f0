"""The tables of docs/forloeb.md, which say what must happen."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[3] / "docs" / "forloeb.md"


def table(mark: str) -> list[list[str]]:
    """Rows of cells of the table under ``<!-- mark -->``, its head first."""
    lines = PAGE.read_text("utf-8").split(f"<!-- {mark} -->\n", 1)[1].splitlines()
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return [rows[0], *rows[2:]]


def edges() -> set[tuple[str, str]]:
    """The arrows of the diagram between states."""
    return set(re.findall(r"^    (\w+) --> (\w+):", PAGE.read_text("utf-8"), re.MULTILINE))
