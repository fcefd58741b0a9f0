"""Regular expressions mean the same in every Python that we run on."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POSSESSIVE_GROUP = re.compile(r"\)(?:[*+?]|\{[0-9,]+\})\+")
"""What of it may be told from the pieces of which a pattern is put together."""
CHARACTERS = re.compile(r"\[(?:\\.|[^\]\\])*\]")
"""A set of characters: what stands in it repeats nothing."""
SOURCES = sorted(path for package in ("broker", "adapters", "consumers") for path in (ROOT / package).rglob("*.py"))


def texts(file: Path) -> list[str]:
    """The string and bytes literals of a module."""
    values = [node.value for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Constant)]
    return [one.decode("latin-1") if isinstance(one, bytes) else one for one in values if isinstance(one, bytes | str)]


def test_no_group_is_repeated_possessively() -> None:
    """Python 3.11.0 to 3.11.4, Debian 12's among them, match too much there; an atomic group is sound."""
    found = [
        f"{file.relative_to(ROOT)}: {text}"
        for file in SOURCES
        for text in texts(file)
        if POSSESSIVE_GROUP.search(CHARACTERS.sub("x", text))
    ]
    assert not found


@pytest.mark.parametrize("pattern", [r"(?:ab?c)*+", r"(?:a|b){1,3}+", r"(a)?+"])
def test_such_a_group_would_be_seen(pattern: str) -> None:
    """The test above can fail."""
    assert POSSESSIVE_GROUP.search(pattern)
