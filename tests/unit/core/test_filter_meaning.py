"""What a filter means for a message, and what `explain` says about it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core.besked import FILTRERINGSDATA, Besked
from broker.core.explain import Explanation, explain
from broker.core.filter import Operand, Term, parse_filter
from tests.unit.core.filters import EMNE, MODTAGER, OBJEKT, TYPE, besked, beskeder, holds, terms, values

BARE = FILTRERINGSDATA + "RelateretObjekt.ObjektId"
TIME = FILTRERINGSDATA + "ObjektRegistrering.Registreringstidspunkt"


@settings(max_examples=400, deadline=None)
@given(terms, beskeder, st.fixed_dictionaries({"borgere": st.sets(values)}))
def test_a_filter_accepts_what_its_terms_mean(term: Term[Operand], besked: Besked, lists: dict[str, set[str]]) -> None:
    """The compiled filter and its explanation both say what the terms, read plainly, say."""
    read = parse_filter(str(term))
    plain = holds(term, besked, lists)
    assert read.accepts(besked, lists) is plain
    assert explain(read, besked, lists).holds is plain


@pytest.mark.parametrize(
    ("expression", "seen", "accepted"),
    [
        ("{} = 'a'", ("b", "a"), True),
        ("{} = 'a'", ("b",), False),
        ("{} = 'a'", (), False),
        ("{} != 'a'", ("a", "b"), True),
        ("{} != 'a'", ("a", "a"), False),
        ("{} != 'a'", (), False),
        ("NOT {} = 'a'", ("a", "b"), False),
        ("NOT {} = 'a'", ("b",), True),
        ("NOT {} = 'a'", (), True),
        ("NOT {} != 'a'", ("a", "a"), True),
        ("{} IN ('a', 'c')", ("b", "c"), True),
        ("{} IN ('a', 'c')", ("b",), False),
        ("{} LIKE '%'", ("",), True),
        ("{} LIKE '%'", (), False),
        ("{} IN VAERDILISTE 'l'", ("b", "a"), True),
        ("{} IN VAERDILISTE 'l'", ("b",), False),
        ("{} IN VAERDILISTE 'other'", ("a",), False),
    ],
)
def test_on_a_repeated_element_any_occurrence_counts(expression: str, seen: tuple[str, ...], accepted: bool) -> None:
    """A comparison holds if any occurrence satisfies it, and never where the element is missing."""
    message = besked(**{OBJEKT: seen}) if seen else besked()
    assert parse_filter(expression.format(OBJEKT)).accepts(message, {"l": {"a"}}) is accepted


def test_the_path_of_an_element_means_either_identifier() -> None:
    """Without UUIDIdentifikator or URNIdentifikator at its end, a path means whichever the message has."""
    by_bare, by_urn = parse_filter(f"{BARE} = 'a'"), parse_filter(f"{BARE}.URNIdentifikator = 'a'")
    as_uuid, as_urn = besked(**{BARE + ".UUIDIdentifikator": ("a",)}), besked(**{BARE + ".URNIdentifikator": ("a",)})
    assert [by_bare.accepts(as_uuid, {}), by_bare.accepts(as_urn, {})] == [True, True]
    assert [by_urn.accepts(as_uuid, {}), by_urn.accepts(as_urn, {})] == [False, True]
    timed = parse_filter(f"{TIME} LIKE '2026-%'")
    assert timed.accepts(besked(**{TIME + ".TidsstempelDatoTid": ("2026-11-21T08:00:00Z",)}), {})


def test_comparisons_may_be_satisfied_by_different_objekt_registreringer() -> None:
    """Two comparisons on ObjektRegistrering are not tied to the same ObjektRegistrering of the message."""
    other = FILTRERINGSDATA + "ObjektRegistrering.ObjektHandling.UUIDIdentifikator"
    read = parse_filter(f"{EMNE} = 'first' AND {other} = 'second'")
    assert read.accepts(besked(**{EMNE: ("first", "x"), other: ("y", "second")}), {})


def test_a_message_sent_with_either_cvr_form_is_met_by_either() -> None:
    """A filter on a CVR number matches whichever of the two URN forms subscriber and sender use."""
    message = besked(**{MODTAGER: ("urn:oio:cvr:12345678",)})
    for form in ("urn:oio:cvr:12345678", "urn:oio:cvr-nr:12345678", "URN:OIO:cvr-nr:12345678"):
        assert parse_filter(f"{MODTAGER} = '{form}'").accepts(message, {})
        assert parse_filter(f"{MODTAGER} LIKE '{form[:-2]}%'").accepts(message, {})


def test_explain_shows_each_term_with_the_values_seen() -> None:
    """A subscriber sees term by term why a message came or did not."""
    read = parse_filter(
        f"{TYPE} = 't' AND ({MODTAGER} = 'x' OR NOT {EMNE} LIKE '27.%') "
        f"AND {OBJEKT} IN VAERDILISTE 'borgere' AND {OBJEKT} IN VAERDILISTE 'væk'"
    )
    explanation = explain(read, besked(**{TYPE: ("t",), OBJEKT: ("a", "b")}), {"borgere": {"b", "c", "d"}})
    assert explanation.text().splitlines() == [
        "false  AND",
        f"  true   {TYPE} = 't'  — seen 't'",
        "  true   OR",
        f"    false  {MODTAGER} = 'x'  — missing",
        "    true   NOT",
        f"      false  {EMNE} LIKE '27.%'  — missing",
        f"  true   {OBJEKT} IN VAERDILISTE 'borgere' [3 values]  — seen 'a', 'b'",
        f"  false  {OBJEKT} IN VAERDILISTE 'væk' [no such list]  — seen 'a', 'b'",
    ]
    liste = explanation.terms[2]
    assert (liste.liste, liste.size, liste.seen) == ("borgere", 3, ("a", "b"))


def test_explain_masks_what_the_caller_wants_masked() -> None:
    """A CPR number shows neither in the values seen nor in the term, where the caller masks it."""
    cpr = "urn:oio:cpr-nr:0101010101"
    explanation = explain(parse_filter(f"{OBJEKT} = '{cpr}'"), besked(**{OBJEKT: (cpr,)}), {})
    text = explanation.text(lambda value: value.replace("0101010101", "010101xxxx"))
    assert "0101010101" not in text
    assert text.count("010101xxxx") == 2


def test_explain_says_that_an_empty_filter_accepts_every_message() -> None:
    """An abonnement without a filter is explained too."""
    explanation = explain(parse_filter(""), besked(), {})
    assert explanation == Explanation("", True)
    assert explanation.text() == "true   (empty: accepts every message)"
