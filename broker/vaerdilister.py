"""Changing the values of a værdiliste: what a change comes to, worked out without holding up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Set
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from broker.core.identifiers import canonical
from broker.core.model import Vaerdiliste
from broker.errors import RegisterError
from broker.register.lexical import xml_text_fault

SLICE = 2_000
"""Values taken at a time: some two milliseconds of the event loop."""


class Changed(NamedTuple):
    """How many values a change added and removed, and how many the list then holds."""

    added: int
    removed: int
    held: int


class Difference(NamedTuple):
    """What is to be added to a list, and removed from it."""

    added: Set[str]
    removed: Set[str]


async def canonical_values(values: Iterable[str]) -> set[str]:
    """As the register holds them: canonical, each once, none of them blank.  Lets others run in between.

    Raises RegisterError for a value that XML cannot carry: no message can hold it, and no answer can show it.
    """
    each, found = iter(values), set[str]()
    while batch := list(islice(each, SLICE)):
        if xml_text_fault("".join(batch)):
            raise RegisterError(f"a value {next(filter(None, map(xml_text_fault, batch)))}")
        found.update(map(canonical, batch))
        await asyncio.sleep(0)
    found.discard("")
    return found


def difference(held: Set[str], add: Set[str], remove: Set[str], anew: Set[str] | None) -> Difference:
    """``anew``: these values, ``add`` and no others; a value both removed and added is there in the end."""
    if anew is not None:
        wanted = anew | add
        return Difference(wanted - held, held - wanted)
    return Difference(add - held, (remove - add) & held)


def same_but_for_time(head: Vaerdiliste, before: Vaerdiliste | None) -> bool:
    """Whether a head differs at most in when, how and by whom it was registered: no rule is about those."""
    if before is None or before.registrering is None or head.registrering is None:
        return head == before
    was = before.registrering
    then = replace(head.registrering, tidspunkt=was.tidspunkt, livscyklus=was.livscyklus, bruger=was.bruger)
    return replace(head, registrering=then) == before
