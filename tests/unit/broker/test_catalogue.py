"""The live picture of the register: after any changes it is what a new start would make of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from broker.catalogue import Catalogue
from broker.core.model import Abonnement, Anvendersystem, Dueslag, Livscyklus, Registrering, Vaerdiliste
from broker.kuvert import Limits, RelateretObjekt, haendelsesbesked, parse
from broker.ports import Item, RegisterContent

SYSTEMS = [Anvendersystem(f"aaaaaaaa-0000-4000-8000-00000000000{n}", f"S{n}", "11111111") for n in range(2)]
DUESLAG = [Dueslag(f"dddddddd-0000-4000-8000-00000000000{n}", f"D{n}", SYSTEMS[n].id) for n in range(2)]
CITIZENS = [f"urn:oio:cpr-nr:0{n}01010000" for n in range(1, 4)]
FELT = "Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator"
FILTERS = [
    "",
    f"{FELT} IN VAERDILISTE 'A'",
    f"{FELT} IN VAERDILISTE 'B'",
    f"NOT ({FELT} IN VAERDILISTE 'A')",
    f"{FELT} IN VAERDILISTE 'A' AND {FELT} IN VAERDILISTE 'B'",
]
BESKEDER = [
    parse(haendelsesbesked(relateret_objekt=[RelateretObjekt(citizen, "urn:x:y")]), Limits()).besked
    for citizen in CITIZENS
]

_registrering = st.none() | st.builds(Registrering, st.just(0.0), st.sampled_from(Livscyklus))
_abonnement = st.builds(
    Abonnement,
    st.sampled_from([f"bbbbbbbb-0000-4000-8000-00000000000{n}" for n in range(3)]),
    st.just("x"),
    st.sampled_from([one.id for one in DUESLAG]),
    st.sampled_from(FILTERS),
)
_liste = st.builds(
    Vaerdiliste,
    st.sampled_from([f"eeeeeeee-0000-4000-8000-00000000000{n}" for n in range(3)]),
    st.sampled_from("ABC"),
    st.sampled_from([SYSTEMS[0].id] * 3 + [SYSTEMS[1].id]),
    _registrering,
)
_dueslag = st.sampled_from(DUESLAG).flatmap(
    lambda one: st.sampled_from(SYSTEMS).map(lambda system: replace(one, anvendersystem=system.id))
)
_values = st.sets(st.sampled_from(CITIZENS))
_change = st.one_of(
    st.tuples(st.just("apply"), st.lists(_abonnement | _liste | _dueslag, max_size=3)),
    st.tuples(st.just("remove"), st.lists(_abonnement | _liste, max_size=2)),
    st.tuples(st.just("change_list"), st.tuples(_liste, _values, _values)),
)


def _may_be(content: RegisterContent, items: Iterable[Item]) -> bool:
    """Whether no two lists of a system would have one name, which the register's own rules refuse."""
    lists = content.vaerdilister | {one.id: one for one in items if isinstance(one, Vaerdiliste)}
    return len({(one.anvendersystem, one.navn) for one in lists.values()}) == len(lists)


def _carry_out(catalogue: Catalogue, how: str, what: Any) -> None:
    content = catalogue.content
    if how == "remove":
        there: dict[str, Item] = {**content.abonnementer, **content.vaerdilister}
        catalogue.remove([there[one.id] for one in what if one.id in there])
    elif how == "apply":
        if _may_be(content, what):
            catalogue.apply(what)
    elif _may_be(content, what[:1]):
        catalogue.change_list(*what)


_A, _B = (Vaerdiliste(f"eeeeeeee-0000-4000-8000-00000000000{n}", "AB"[n], SYSTEMS[0].id) for n in range(2))
_START = [
    (
        "apply",
        [
            _A,
            _B,
            *(Abonnement(f"bbbbbbbb-0000-4000-8000-00000000000{n}", "x", DUESLAG[0].id, FILTERS[n]) for n in range(3)),
        ],
    ),
    ("change_list", (_A, {CITIZENS[0]}, set())),
    ("change_list", (_B, {CITIZENS[1]}, set())),
]


@given(st.lists(_change, max_size=8).map(lambda changes: _START + changes))
@example([*_START, ("apply", [replace(_A, navn="B"), replace(_B, navn="A")])])
@example([*_START, ("apply", [replace(_B, navn="C")])])
@example([*_START, ("apply", [replace(_B, navn="A"), _B])])
@settings(max_examples=250, deadline=None)
def test_after_any_changes_it_is_as_after_a_restart(changes: list[tuple[str, object]]) -> None:
    """Lists renamed, moved, made passive, abonnementer given other filters, dueslag other owners: the same matches."""
    content = RegisterContent(anvendersystemer={one.id: one for one in SYSTEMS})
    catalogue = Catalogue(content)
    catalogue.apply(DUESLAG)
    for how, what in changes:
        _carry_out(catalogue, how, what)
    again = Catalogue(content)
    for besked in BESKEDER:
        found = sorted(one.id for one in catalogue.match(besked))
        assert found == sorted(one.id for one in again.match(besked))
    for system in SYSTEMS:
        assert catalogue.lists(system.id, "ABC") == again.lists(system.id, "ABC")
