"""Every place of every letter, found in the models: for tests that try each field in turn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any

from lxml import etree

from consumers.standards.json_form import write_json
from consumers.standards.paths import Loc, xml_path
from consumers.standards.shape import NS, Member, Shape, letter_shapes
from consumers.standards.standard import Standard
from consumers.standards.xml_form import write_xml
from tests.unit.standards.builder import brev


def members(shape: Shape, loc: Loc = ()) -> Iterator[tuple[Loc, Member]]:
    """Each field; of lists, the first entry's."""
    for member in shape.members:
        place: Loc = (*loc, member.json, 0) if member.many else (*loc, member.json)
        yield place, member
        if member.block:
            yield from members(member.block, place)


def every() -> list[tuple[Standard, Loc, Member]]:
    return [(standard, loc, member) for standard, shape in letter_shapes().items() for loc, member in members(shape)]


def name(case: tuple[Standard, Loc, Member]) -> str:
    standard, loc, _ = case
    return f"{standard.value}:{'.'.join(map(str, loc))}"


@cache
def full(standard: Standard) -> bytes:
    """A letter with all fields there, as XML."""
    return write_xml(brev(standard, Random(7), 1))


def tree(standard: Standard) -> etree._Element:
    return etree.fromstring(full(standard))


def element(root: etree._Element, shape: Shape, loc: Loc) -> etree._Element:
    """The element at a place."""
    steps = xml_path(shape, loc).split("/")[2:]
    found = root.find("/".join(f"{{{NS}}}{step}" for step in steps))
    assert found is not None
    return found


def holder(data: dict[str, Any], loc: Loc) -> Any:
    """The object or list that has the last step of ``loc``."""
    at: Any = data
    for step in loc[:-1]:
        at = at[step]
    return at


def as_json(standard: Standard) -> dict[str, Any]:
    loaded = json.loads(_json(standard))
    assert isinstance(loaded, dict)
    return loaded


@cache
def _json(standard: Standard) -> bytes:
    return write_json(brev(standard, Random(7), 1))
