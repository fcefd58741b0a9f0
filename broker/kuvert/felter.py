"""The fields of Filtreringsdata that agreements and filters look at, read off a valid tree in one walk.

Which elements follow which is fixed by the XSD, so the walk is a table: a state maps the tag of the next
element, in document order, to the full path of its value if it is a leaf, or else to the next state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

from lxml import etree

from broker.core.besked import FILTRERINGSDATA, SIKKERHEDSKLASSIFICERING
from broker.core.identifiers import canonical
from broker.kuvert.names import GRAENSE, KUVERT, TIDSSTEMPEL, URN_IDENTIFIKATOR, UUID_IDENTIFIKATOR

Felter = dict[str, tuple[str, ...]]
_State = dict[str, "str | _State"]

_LEAVES = (UUID_IDENTIFIKATOR, URN_IDENTIFIKATOR, TIDSSTEMPEL, GRAENSE)
_SINGLES = ("Beskedtype", "BeskedAnsvarligAktoer", "TilladtModtager", "TvaergaaendeProces")
_GROUPS = {
    "RelateretObjekt": ("ObjektId", "ObjektType", "ObjektRolle"),
    "ObjektRegistrering": (
        "ObjektRegistreringId",
        "RegistreringsAktoer",
        "Registreringstidspunkt",
        "ObjektAnsvarligMyndighed",
        "ObjektId",
        "ObjektType",
        "ObjektHandling",
        "OpgaveEmne",
    ),
}


def _tag(name: str) -> str:
    return f"{{{KUVERT}}}{name}"


_LOKAL_UDVIDELSE = _tag("ObjektRegistreringLokalUdvidelse")
_SIKKERHEDSKLASSIFICERING_TAG = _tag("Sikkerhedsklassificering")
_TILLADT_MODTAGER = FILTRERINGSDATA + "TilladtModtager."
_LONGEST_CACHED = 64


def _paths(path: str) -> dict[str, str]:
    """Leaf tag to full path, for an element that holds one leaf."""
    return {tag: path + "." + tag.rpartition("}")[2] for tag in _LEAVES}


def _table() -> _State:
    """The state in which Filtreringsdata itself comes next."""
    inside: _State = {}

    def holder(path: str, after: _State) -> _State:
        state: _State = {**_paths(path)}
        holders.append((state, after))
        return state

    holders: list[tuple[_State, _State]] = []
    for name in _SINGLES:
        inside[_tag(name)] = holder(FILTRERINGSDATA + name, inside)
    for name, parts in _GROUPS.items():
        group: _State = {}
        for part in parts:
            group[_tag(part)] = holder(f"{FILTRERINGSDATA}{name}.{part}", group)
        inside[_tag(name)] = group
        holders.append((group, inside))
    for state, after in reversed(holders):
        state.update({tag: step for tag, step in after.items() if tag not in state})
    return {_tag("Filtreringsdata"): inside}


_START: Final = _table()
_SIKKERHEDSKLASSIFICERING_PATHS: Final = _paths(SIKKERHEDSKLASSIFICERING)


def read_felter(beskedkuvert: etree._Element) -> tuple[Felter, tuple[str, ...]]:
    """The fields, and TilladtModtager by position, of a Beskedkuvert that the XSD accepts.

    Fields: full leaf path to canonical values in document order.  TilladtModtager apart, since its positions
    matter and UUIDs and URNs may be mixed.  ObjektRegistreringLokalUdvidelse is the sender's own and not filterable.
    """
    try:
        felter, tilladt_modtager = _walk(beskedkuvert[0].iter())
    except KeyError:
        felter, tilladt_modtager = _walk(_without_extensions(beskedkuvert[0]))
    for element in beskedkuvert[1].iterchildren(_SIKKERHEDSKLASSIFICERING_TAG):
        leaf: Any = element[0]
        felter[_SIKKERHEDSKLASSIFICERING_PATHS[leaf.tag]] = (_value(leaf.text),)
    return felter, tuple(tilladt_modtager)


def _walk(elements: Iterable[Any]) -> tuple[Felter, list[str]]:
    """Raises KeyError at ObjektRegistreringLokalUdvidelse: anything may follow in there."""
    felter: Felter = {}
    repeated: dict[str, list[str]] = {}
    tilladt_modtager: list[str] = []
    state = _START
    for element in elements:
        step = state[element.tag]
        if type(step) is not str:
            state = step  # type: ignore[assignment]  # str is a final choice here, and isinstance costs more
            continue
        value = _value(element.text)
        if step in felter:
            repeated.setdefault(step, []).append(value)
        else:
            felter[step] = (value,)
        if step.startswith(_TILLADT_MODTAGER):
            tilladt_modtager.append(value)
    for path, values in repeated.items():
        felter[path] += tuple(values)
    return felter, tilladt_modtager


def _without_extensions(element: etree._Element) -> Iterator[etree._Element]:
    """The element and all below it in document order, local extensions left out."""
    yield element
    for child in element:
        if child.tag != _LOKAL_UDVIDELSE:
            yield from _without_extensions(child)


def _value(text: str | None) -> str:
    if text is None:
        return ""
    return _canonical(text) if len(text) <= _LONGEST_CACHED else canonical(text)


_canonical = lru_cache(maxsize=16384)(canonical)
"""About half the values of a message are those of the one before (types, myndigheder, emner)."""
