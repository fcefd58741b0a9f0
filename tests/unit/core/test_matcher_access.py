"""Where the index puts a filter: what decides that its cost follows the hits."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from broker.core.besked import FILTRERINGSDATA, Besked
from broker.core.filter import FIELDS, Operand, Term, parse_filter
from broker.core.filter.terms import comparisons
from broker.core.matcher.access import Spot, arms, spots
from broker.core.matcher.choice import MAX_PLACES, Kind
from tests.unit.core.filters import EMNE, MODTAGER, MYNDIGHED, OBJEKT, TYPE, beskeder, equalities, holds, terms

LIST = {"l": {"a"}}


def places(expression: str) -> list[Spot]:
    """The places of a filter."""
    read = parse_filter(expression)
    return list(spots(read.shape, read.bound(LIST)))


def where(spot: Spot) -> str:
    """A place in short: Beskedtype / outer value / what is looked up, and ? where something is left to check."""
    outer = f"{spot.outer[0].path.split('.')[-2]}={spot.outer[1]}" if spot.outer else "-"
    inner = f"{spot.field.path.split('.')[-2]} {spot.kind.value}" if spot.field else spot.kind.value
    at = f" {spot.at}" if isinstance(spot.at, str) else ""
    return f"{spot.root[1] if spot.root else '-'}/{outer}/{inner}{at}{'?' if spot.program else ''}"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("", ["-/-/all"]),
        (f"{TYPE} = 't'", ["t/-/all"]),
        (f"{TYPE} = 't' AND {OBJEKT} = 'o'", ["t/-/ObjektId value o"]),
        (f"{TYPE} IN ('t', 'u') AND {OBJEKT} = 'o'", ["t/-/ObjektId value o", "u/-/ObjektId value o"]),
        (f"{TYPE} = 't' AND {MODTAGER} = 'm' AND {OBJEKT} = 'o'", ["t/-/ObjektId value o?"]),
        (f"{MODTAGER} = 'm' AND {EMNE} = 'e'", ["-/OpgaveEmne=e/TilladtModtager value m"]),
        (f"{EMNE} = 'e' AND {MODTAGER} = 'm'", ["-/OpgaveEmne=e/TilladtModtager value m"]),
        (f"{MODTAGER} = 'm' AND {EMNE} LIKE 'e%'", ["-/TilladtModtager=m/OpgaveEmne prefix e"]),
        (f"{MODTAGER} = 'm' AND {EMNE} LIKE 'e%f'", ["-/TilladtModtager=m/OpgaveEmne prefix e?"]),
        (f"{MODTAGER} = 'm' AND {EMNE} LIKE '%f'", ["-/-/TilladtModtager value m?"]),
        (f"{EMNE} LIKE 'e'", ["-/-/OpgaveEmne value e"]),
        (f"{EMNE} LIKE 'e%' AND {EMNE} LIKE 'eff%'", ["-/-/OpgaveEmne prefix eff?"]),
        (f"{OBJEKT} IN VAERDILISTE 'l' AND {EMNE} LIKE 'e%'", ["-/-/ObjektId list?"]),
        (f"{MODTAGER} = 'm' AND {OBJEKT} IN VAERDILISTE 'l'", ["-/TilladtModtager=m/ObjektId list"]),
        (f"{OBJEKT} = 'a' OR {MODTAGER} = 'm'", ["-/-/ObjektId value a", "-/-/TilladtModtager value m"]),
        (f"{OBJEKT} = 'a' OR {OBJEKT} = 'a'", ["-/-/ObjektId value a"]),
        (f"{OBJEKT} = 'a' OR NOT {MODTAGER} = 'm'", ["-/-/all?"]),
        (f"NOT (NOT {OBJEKT} = 'a' OR {EMNE} = 'e')", ["-/-/ObjektId value a?"]),
        (f"NOT {TYPE} != 't'", ["-/-/all?"]),
        (
            f"{TYPE} = 't' AND ({MODTAGER} = 'm' OR {OBJEKT} = 'o')",
            ["t/-/TilladtModtager value m", "t/-/ObjektId value o"],
        ),
    ],
)
def test_a_filter_stands_where_its_most_selective_comparison_leads(expression: str, expected: list[str]) -> None:
    """A message meets only the filters that ask for its own type, myndighed, citizen or subject."""
    assert [where(spot) for spot in places(expression)] == expected


@settings(max_examples=400, deadline=None)
@given(terms | equalities, beskeder)
def test_a_filter_that_accepts_has_an_arm_that_leads_to_it(term: Term[Operand], besked: Besked) -> None:
    """No message is lost to the index: where a filter holds, so do all comparisons of one of its arms."""
    shape = parse_filter(str(term)).shape
    leaves = list(comparisons(term))
    led = any(all(holds(leaves[slot], besked, {}) for slot in arm) for arm in arms(shape.term))
    assert led or not holds(term, besked, {})


def test_an_and_of_many_ors_does_not_multiply_without_bound() -> None:
    """A filter of ten two-way choices is led to by a few comparisons, not by a thousand combinations."""
    read = parse_filter(" AND ".join(f"({MODTAGER} = '{n}' OR {OBJEKT} = '{n}')" for n in range(10)))
    found = arms(read.shape.term)
    assert 1 < len(found) <= 16
    assert () not in found


def test_an_or_is_kept_from_a_term_that_leads_nowhere() -> None:
    """AND of a large choice and a larger one is led to by one of them, even where an inner NOT leads nowhere."""
    choice = " OR ".join(f"{OBJEKT} = '{n}'" for n in range(20))
    read = parse_filter(f"({choice}) AND (NOT {TYPE} = 't') AND ({choice})")
    assert arms(read.shape.term) == tuple((n,) for n in range(20))


@pytest.mark.parametrize("first", [MODTAGER, MYNDIGHED])
def test_long_in_lists_are_looked_up_by_one_field_alone(first: str) -> None:
    """Two long IN lists make as many places as the shorter has values, not their product."""
    many = ", ".join(f"'{n}'" for n in range(100))
    more = ", ".join(f"'{n}'" for n in range(101))
    found = places(f"{TYPE} IN ({many}) AND {first} IN ({many}) AND {EMNE} IN ({more})")
    assert len(found) == 100 <= MAX_PLACES
    assert {spot.field for spot in found} == {FIELDS[first]}
    assert {(spot.root, spot.outer) for spot in found} == {(None, None)}


def test_a_choice_of_hundreds_keeps_the_type() -> None:
    """One type and 700 citizens in an OR make 700 places under that type."""
    choice = " OR ".join(f"{OBJEKT} = '{n}'" for n in range(700))
    found = places(f"{TYPE} = 't' AND ({choice})")
    assert len(found) == 700
    assert {spot.root for spot in found} == {(FIELDS[TYPE], "t")}
    assert {spot.kind for spot in found} == {Kind.VALUE}
    assert FIELDS[FILTRERINGSDATA + "RelateretObjekt.ObjektId"] not in {spot.field for spot in found}
