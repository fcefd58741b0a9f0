"""Taking changes into the catalogue, whoever made them: what is then to be done in the engine.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from broker.catalogue import Catalogue
from broker.core.model import Abonnement, Dueslag, Tilstand, Vaerdiliste
from broker.ports import Item, RegisterContent
from broker.register.problem import SECTIONS, key_of, section_of
from broker.sharing import Anew, Change, Deleted, Put, Values
from broker.vaerdilister import same_but_for_time


@dataclass(frozen=True, slots=True)
class Release:
    """An abonnement was started: what was kept back for it on pause is to flow."""

    dueslag: str
    abonnement: str


@dataclass(frozen=True, slots=True)
class Drop:
    """A dueslag was removed: so is what it holds."""

    dueslag: str


Effect = Release | Drop


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of taking changes in."""

    effects: tuple[Effect, ...] = ()
    anything: bool = False
    """Whether any item is another than before; values of a værdiliste do not count."""


def take_in(catalogue: Catalogue, change: Change) -> Taken:
    """Have the catalogue hold what a change did; it then stands at the change's revision."""
    content = catalogue.content
    effects: list[Effect] = []
    anything = False
    for part in _plain(content, change.parts):
        match part:
            case Put():
                anything |= any(not _is_there(content, item) for item in part.items)
                effects += _started(content, part.items)
                catalogue.apply(part.items)
            case Deleted():
                gone = items_of(content, part.keys)
                anything |= bool(gone)
                effects += [Drop(item.id) for item in gone if isinstance(item, Dueslag)]
                catalogue.remove(gone)
            case Values():
                head = part.head or content.vaerdilister.get(part.liste)
                if head is not None:
                    anything |= not _is_there(content, head)
                    catalogue.change_list(head, part.added, part.removed)
    content.revision = change.revision
    return Taken(tuple(effects), anything)


def items_of(content: RegisterContent, keys: Iterable[tuple[str, str]]) -> list[Item]:
    """The items that keys name, as they stand; unknown ones are passed over."""
    found = (getattr(content, section).get(key) for section, key in keys)
    return [item for item in found if item is not None]


def differences(before: RegisterContent, after: RegisterContent) -> Iterator[Put | Deleted | Values]:
    """What makes one register of another: what is new first, so that what is to go is no more referred to."""
    pairs = [(getattr(before, section), getattr(after, section)) for section in SECTIONS.values()]
    if put := [item for old, new in pairs for key, item in new.items() if old.get(key) != item]:
        yield Put(tuple(put))
    gone = [item for old, new in pairs for key, item in old.items() if key not in new]
    if gone:
        yield Deleted(tuple((section_of(item), key_of(item)) for item in gone))
    for key in after.vaerdilister:
        held, wanted = before.vaerdier.get(key, set()), after.vaerdier.get(key, set())
        if held != wanted:
            yield Values(key, tuple(wanted - held), tuple(held - wanted))


def _plain(
    content: RegisterContent, parts: Sequence[Put | Deleted | Values | Anew]
) -> Iterator[Put | Deleted | Values]:
    for part in parts:
        if isinstance(part, Anew):
            yield from list(differences(content, part.content))
        else:
            yield part


def _is_there(content: RegisterContent, item: Item) -> bool:
    found = getattr(content, section_of(item)).get(key_of(item))
    return same_but_for_time(item, found) if isinstance(item, Vaerdiliste) else bool(found == item)


def _started(content: RegisterContent, items: Iterable[Item]) -> Iterator[Release]:
    for item in items:
        if isinstance(item, Abonnement) and item.tilstand is Tilstand.AKTIV:
            old = content.abonnementer.get(item.id)
            if old is not None and old.tilstand is not Tilstand.AKTIV:  # stopped, it may have been on pause before
                yield Release(item.dueslag, item.id)
