"""Who refers to an item, so that nothing is removed from under another.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from broker.core.filter import parse_filter
from broker.core.model import Abonnement, Dueslag, Vaerdiliste
from broker.errors import FilterError
from broker.ports import Item, RegisterContent
from broker.register.problem import key_of, section_of

Place = tuple[str, str]
"""Section and key of an item."""


def referrers(content: RegisterContent, gone: Sequence[Item]) -> Iterator[tuple[Item, list[Item]]]:
    """Each item of ``gone`` that something which stays refers to, with what refers."""
    places = {(section_of(item), key_of(item)) for item in gone}
    found: dict[Place, list[Item]] = {}
    for referrer, target in _references(content, places):
        if (section_of(referrer), key_of(referrer)) not in places:
            found.setdefault(target, []).append(referrer)
    for liste in gone:
        if isinstance(liste, Vaerdiliste):
            users = [a for a in _users(content, liste) if ("abonnementer", a.id) not in places]
            if users:
                found.setdefault(("vaerdilister", liste.id), []).extend(users)
    for item in gone:
        if hits := found.get((section_of(item), key_of(item))):
            yield item, hits


def _references(content: RegisterContent, places: set[Place]) -> Iterator[tuple[Item, Place]]:
    """Pairs (item, place it refers to) for places that are to go; only the sections that can refer to those."""
    sections = {section for section, _ in places}
    if "myndigheder" in sections:
        for system in content.anvendersystemer.values():
            yield from _hits(system, "myndigheder", (system.cvr,), places)
    if sections & {"myndigheder", "anvendersystemer", "beskedtyper", "dueslag"}:
        for aftale in content.serviceaftaler.values():
            cvr_numbers = dict.fromkeys(aftale.afsendende_myndigheder + aftale.tilladte_myndigheder)
            yield from _hits(aftale, "myndigheder", cvr_numbers, places)
            yield from _hits(aftale, "anvendersystemer", (aftale.anvendersystem,), places)
            yield from _hits(aftale, "beskedtyper", dict.fromkeys(aftale.beskedtyper), places)
            yield from _hits(aftale, "dueslag", dict.fromkeys(aftale.modtagende_dueslag), places)
    if "anvendersystemer" in sections:
        owned: Iterable[Dueslag | Vaerdiliste] = (*content.dueslag.values(), *content.vaerdilister.values())
        for item in owned:
            yield from _hits(item, "anvendersystemer", (item.anvendersystem,), places)
    if "dueslag" in sections:
        for abonnement in content.abonnementer.values():
            yield from _hits(abonnement, "dueslag", (abonnement.dueslag,), places)


def _hits(item: Item, section: str, keys: Iterable[str], places: set[Place]) -> Iterator[tuple[Item, Place]]:
    return ((item, (section, key)) for key in keys if (section, key) in places)


def _users(content: RegisterContent, liste: Vaerdiliste) -> list[Abonnement]:
    """Abonnementer of the list's owner whose filter names it."""
    dueslag = {d.id for d in content.dueslag.values() if d.anvendersystem == liste.anvendersystem}
    return [
        abonnement
        for abonnement in content.abonnementer.values()
        if abonnement.dueslag in dueslag and liste.navn in _lists(abonnement.filter)
    ]


def _lists(text: str) -> Iterable[str]:
    if "vaerdiliste" not in text.lower():
        return ()
    try:
        return parse_filter(text).lists
    except FilterError:
        return ()
