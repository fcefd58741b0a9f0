"""Regular expressions mean the same in every Python that we run on."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _parser as parser  # type: ignore[attr-defined]  # private, and the only way to look into a pattern
from typing import Any

import pytest

import adapters
import broker
import consumers
from broker.kuvert import markup

SOUND = {"ATOMIC_GROUP", "IN", "LITERAL", "NOT_LITERAL", "ANY", "CATEGORY"}
"""What may be repeated possessively."""


def unsound(tree: Any) -> Iterator[str]:
    """Possessive repeats of something else in a parsed pattern."""
    for operation, argument in tree:
        if str(operation) == "POSSESSIVE_REPEAT":
            body = argument[2]
            if len(body) != 1 or str(body[0][0]) not in SOUND:
                yield str(body)
        yield from inside(argument)


def inside(argument: Any) -> Iterator[str]:
    """The same in what belongs to an operation."""
    if isinstance(argument, parser.SubPattern):
        yield from unsound(argument)
    elif isinstance(argument, tuple | list):
        for one in argument:
            yield from inside(one)


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """All that modules keep under a name, and those made for a name of an element."""
    for package in (broker, adapters, consumers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                for name, value in vars(importlib.import_module(module.name)).items():
                    if isinstance(value, re.Pattern):
                        yield f"{module.name}.{name}", value
    yield "start of an element", markup._start_tag(b"x")
    yield "up to an element", markup._up_to(b"x")


def test_what_is_repeated_possessively_is_atomic() -> None:
    """Python 3.11.0 to 3.11.4, Debian 12's among them, match too much over a possessive group that may go back."""
    found = {name: [*unsound(parser.parse(pattern.pattern, pattern.flags))] for name, pattern in patterns()}
    assert len(found) > 30
    assert not {name: bodies for name, bodies in found.items() if bodies}


@pytest.mark.parametrize("pattern", [r"(?:ab?c)*+", r"x(?:(?:a|bc){1,3}+)y", r"(?>(a.*b)?+)", r"(?=(?:\[a|b)++)"])
def test_one_that_is_not_would_be_seen(pattern: str) -> None:
    """The test above can fail."""
    assert [*unsound(parser.parse(pattern))]
