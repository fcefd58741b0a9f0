"""What must hold for each kind of item, given the rest of the register.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol

from broker.core.model import (
    ALLE,
    Abonnement,
    Anvendersystem,
    Beskedtype,
    Dueslag,
    Myndighed,
    Registrering,
    Service,
    Serviceaftale,
    Vaerdiliste,
)
from broker.errors import FilterError
from broker.ports import Item
from broker.register import lexical
from broker.register.problem import Problem, nearest
from broker.register.view import View


class ReadFilter(Protocol):
    """A filter expression that could be read; `broker.core.filter.Filter` is one."""

    @property
    def lists(self) -> Collection[str]:
        """Names of the værdilister that the expression uses."""
        ...


FilterCheck = Callable[[str], ReadFilter]
"""Reads a filter expression, raising FilterError; `broker.core.filter.parse_filter` is one."""


def faults(item: Item, view: View, check_filter: FilterCheck) -> Iterator[Problem]:
    """All that is wrong with one item."""
    match item:
        case Myndighed():
            yield from _field(item, "cvr", item.cvr, lexical.cvr_fault)
            yield from _field(item, "navn", item.navn, lexical.navn_fault)
        case Anvendersystem():
            yield from _named(item)
            yield from _cvr_number(item, "cvr", item.cvr, view)
            if item.certifikat is not None:
                yield from _field(item, "certifikat", item.certifikat, lexical.certifikat_fault)
        case Beskedtype():
            yield from _field(item, "id", item.id, lexical.unik_id_fault)
            yield from _field(item, "navn", item.navn, lexical.navn_fault)
        case Serviceaftale():
            yield from _serviceaftale(item, view)
        case Dueslag():
            yield from _owned(item, view)
            if item.callback is not None:
                yield from _field(item, "callback", item.callback, lexical.callback_fault)
        case Vaerdiliste():
            yield from _owned(item, view)
            if item.registrering is not None:
                yield from _registrering(item, item.registrering)
        case Abonnement():
            yield from _named(item)
            yield from _reference(item, "dueslag", item.dueslag, view.dueslag)
            yield from _period(item, item.gyldig_fra, item.gyldig_til)
            yield from filter_faults(item, view, check_filter)


def filter_faults(item: Abonnement, view: View, check_filter: FilterCheck) -> Iterator[Problem]:
    """A filter that cannot be read, or that uses a værdiliste which the owner of the dueslag does not have."""
    try:
        read = check_filter(item.filter)
    except FilterError as error:
        yield Problem(item, str(error), "filter", offset=error.position)
        return
    dueslag = view.dueslag.get(item.dueslag)
    if not read.lists or dueslag is None:
        return
    owned = view.list_names(dueslag.anvendersystem)
    system = view.anvendersystemer.get(dueslag.anvendersystem)
    for name in sorted(set(read.lists) - owned):
        owner = system.navn if system else dueslag.anvendersystem
        yield Problem(
            item,
            f"værdiliste '{name}' is not one of anvendersystem '{owner}'; expected {_one_of(owned, 'vaerdilister')}"
            + nearest(name, owned),
            "filter",
            offset=max(item.filter.find(name), 0),
            reference=name,
        )


def dueslag_faults(item: Serviceaftale, view: View) -> Iterator[Problem]:
    """Dueslag of an agreement that are not its system's, or an agreement on sending that is about any."""
    if item.service is not Service.MODTAG:
        if set(item.modtagende_dueslag) != {ALLE}:
            text = "is for agreements on receiving (service modtag); expected it left out"
            yield Problem(item, text, "modtagende_dueslag")
        return
    system = view.anvendersystemer.get(item.anvendersystem)
    for index, key in _limits(item.modtagende_dueslag):
        dueslag = view.dueslag.get(key)
        if system is None or (dueslag is not None and dueslag.anvendersystem == system.id):
            continue
        owned = {d.navn for d in view.dueslag.values() if d.anvendersystem == system.id}
        known = f"dueslag '{key}'" if dueslag is None else f"dueslag '{dueslag.navn}' ({key})"
        text = f"{known} is not one of anvendersystem '{system.navn}'; expected {_one_of(owned, 'dueslag')}"
        yield Problem(item, text + nearest(key, owned), "modtagende_dueslag", index, reference=key)


def _serviceaftale(item: Serviceaftale, view: View) -> Iterator[Problem]:
    yield from _field(item, "id", item.id, lexical.uuid_fault)
    yield from _reference(item, "anvendersystem", item.anvendersystem, view.anvendersystemer)
    yield from _field(item, "version", item.version, lexical.version_fault)
    for index, beskedtype in _limits(item.beskedtyper):
        yield from _reference(item, "beskedtyper", beskedtype, view.beskedtyper, index)
    for index, value in _limits(item.foelsomheder):
        yield from _field(item, "foelsomheder", value, lexical.value_fault, index)
    for index, value in _limits(item.forvaltningsomraader):
        yield from _field(item, "forvaltningsomraader", value, lexical.kle_fault, index)
    for index, cvr in _limits(item.afsendende_myndigheder):
        yield from _cvr_number(item, "afsendende_myndigheder", cvr, view, index)
    for index, cvr in _limits(item.tilladte_myndigheder):
        yield from _cvr_number(item, "tilladte_myndigheder", cvr, view, index)
    yield from dueslag_faults(item, view)
    yield from _period(item, item.gyldig_fra, item.gyldig_til)


def _limits(values: Sequence[str]) -> Iterator[tuple[int, str]]:
    return ((index, value) for index, value in enumerate(values) if value != ALLE)


def _named(item: Anvendersystem | Dueslag | Abonnement | Vaerdiliste) -> Iterator[Problem]:
    yield from _field(item, "id", item.id, lexical.uuid_fault)
    yield from _field(item, "navn", item.navn, lexical.navn_fault)


def _owned(item: Dueslag | Vaerdiliste, view: View) -> Iterator[Problem]:
    yield from _named(item)
    yield from _reference(item, "anvendersystem", item.anvendersystem, view.anvendersystemer)


def _registrering(item: Vaerdiliste, said: Registrering) -> Iterator[Problem]:
    texts: dict[str, tuple[str | None, lexical.Rule]] = {
        "bruger": (said.bruger, lexical.uuid_fault),
        "note": (said.note, lexical.xml_text_fault),
        "noegle": (said.noegle, lexical.xml_text_fault),
        "aktoer": (said.aktoer, lexical.unik_id_fault),
        "aktoer_type": (said.aktoer_type, lexical.xml_text_fault),
        "virkning_note": (said.virkning_note, lexical.xml_text_fault),
    }
    for field, (text, rule) in texts.items():
        if text is not None:
            yield from _field(item, f"registrering.{field}", text, rule)
    if fault := lexical.tid_fault(said.tidspunkt):
        yield Problem(item, fault, "registrering.tidspunkt")
    yield from _period(item, said.virkning_fra, said.virkning_til, "registrering.virkning")


def _field(item: Item, field: str, value: str, rule: lexical.Rule, index: int | None = None) -> Iterator[Problem]:
    if fault := rule(value):
        yield Problem(item, fault, field, index)


def _reference(
    item: Item,
    field: str,
    value: str,
    known: Mapping[str, Anvendersystem | Beskedtype | Dueslag],
    index: int | None = None,
) -> Iterator[Problem]:
    if value in known:
        return
    kind = "beskedtype" if field == "beskedtyper" else field
    names = [other.navn for other in known.values()]
    hint = nearest(value, names) or nearest(value, known)
    text = f"{kind} '{value}' is not in the register; expected the id or navn of one that is"
    yield Problem(item, text + hint, field, index, reference=value)


def _cvr_number(item: Item, field: str, cvr: str, view: View, index: int | None = None) -> Iterator[Problem]:
    if cvr in view.myndigheder:
        return
    if fault := lexical.cvr_fault(cvr):
        yield Problem(item, fault, field, index)
        return
    text = f"myndighed {cvr} is not in the register; expected the CVR number of one under myndigheder"
    yield Problem(item, text + nearest(cvr, view.myndigheder), field, index, reference=cvr)


def _period(item: Item, fra: float | None, til: float | None, field: str = "gyldig") -> Iterator[Problem]:
    first, last = f"{field}_fra", f"{field}_til"
    for name, tid in ((first, fra), (last, til)):
        if fault := lexical.tid_fault(tid):
            yield Problem(item, fault, name)
    if fra is not None and til is not None and fra >= til:
        yield Problem(item, f"is not after {first.rpartition('.')[2]}; expected a later time", last)


def _one_of(names: Collection[str], section: str) -> str:
    if not names:
        return f"one under {section} with that anvendersystem, of which there is none"
    shown = sorted(names)[:5]
    return "one of " + ", ".join(f"'{name}'" for name in shown) + (" …" if len(names) > len(shown) else "")
