"""The grammar of filters: what is read, what is printed back, and how a refusal points at the error."""

from __future__ import annotations

import gc
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from os import environ
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core.besked import FILTRERINGSDATA, SIKKERHEDSKLASSIFICERING
from broker.core.filter import (
    FIELDS,
    MAX_DEPTH,
    MAX_LENGTH,
    And,
    Comparison,
    Everything,
    Not,
    Op,
    Operand,
    Or,
    Term,
    parse_filter,
    pointer,
)
from broker.errors import FilterError
from tests.unit.core.filters import EMNE, MODTAGER, OBJEKT, TYPE, terms

REFERENCE = Path(__file__).parents[4] / "shared" / "reference" / "kombit" / "xsd" / "Beskedkuvert.xsd"
PIECES = (
    TYPE,
    OBJEKT,
    "Beskeddata.x",
    "'a'",
    "'",
    "''",
    "ø",
    "🙂",
    *"(),=%\\\n\x00",
    *["!=", "IN", "VAERDILISTE", "LIKE", "AND", "OR", "NOT"],
)
XS = "{http://www.w3.org/2001/XMLSchema}"


def refused(text: str) -> FilterError:
    """The refusal that an expression meets."""
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    return caught.value


def test_the_public_expression_is_read_as_it_stands() -> None:
    """The one filter expression that KOMBIT has published is taken word for word."""
    text = (
        "Beskedkuvert.Filtreringsdata.BeskedAnsvarligAktoer.UUIDIdentifikator = '96514e13-afdd-44d6-95a8-adc2ca19b127'"
    )
    field = FIELDS[FILTRERINGSDATA + "BeskedAnsvarligAktoer.UUIDIdentifikator"]
    read = parse_filter(text)
    assert read.ast == Comparison(field, Op.EQUALS, "96514e13-afdd-44d6-95a8-adc2ca19b127")
    assert str(read.ast) == text
    assert read.text == text


@settings(max_examples=300, deadline=None)
@given(terms)
def test_what_is_printed_back_reads_the_same(term: Term[Operand]) -> None:
    """The canonical text of any filter is an expression that means, and prints, the same."""
    text = str(term)
    read = parse_filter(text)
    assert read.ast == term
    assert read.text == text


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_expression_accepts_everything(text: str) -> None:
    """An abonnement without a filter gets every message."""
    assert parse_filter(text).ast == Everything()
    assert parse_filter(text).text == text


def test_not_binds_before_and_and_and_before_or() -> None:
    """Without parentheses NOT binds tightest, then AND, then OR."""
    a, b, c = (Comparison(FIELDS[TYPE], Op.EQUALS, value) for value in "abc")
    one, two, three = (f"{TYPE} = '{value}'" for value in "abc")
    assert parse_filter(f"NOT {one} AND {two} OR {three}").ast == Or((And((Not(a), b)), c))
    assert parse_filter(f"{one} OR {two} AND NOT {three}").ast == Or((a, And((b, Not(c)))))
    assert parse_filter(f"NOT ({one} AND ({two} OR {three}))").ast == Not(And((a, Or((b, c)))))


def test_chains_and_needless_parentheses_make_one_flat_term() -> None:
    """However an AND of three is bracketed, it is the same filter."""
    one, two, three = (f"{TYPE} = '{value}'" for value in "abc")
    flat = parse_filter(f"{one} AND {two} AND {three}").ast
    assert parse_filter(f"({one} AND {two}) AND (({three}))").ast == flat
    assert parse_filter(f"{one} AND ({two} AND {three})").ast == flat


def test_keywords_are_read_without_case_and_white_space_is_free() -> None:
    """Keywords may be written in any case, over several lines, and strings may hold quotes and keywords."""
    text = f"not {TYPE}='it''s AND' Or\n\t{OBJEKT} in('b' ,'a')and {EMNE} Like 'x%' AND {OBJEKT} In Vaerdiliste'Åse''s'"
    read = parse_filter(text)
    assert str(read.ast) == (
        f"NOT {TYPE} = 'it''s AND' OR {OBJEKT} IN ('a', 'b') AND {EMNE} LIKE 'x%' AND {OBJEKT} IN VAERDILISTE 'Åse''s'"
    )
    assert read.text == text
    assert read.lists == ("Åse's",)


def test_a_vaerdiliste_named_twice_is_asked_for_once() -> None:
    """The register is asked for each named værdiliste once, in the order of the expression."""
    text = " OR ".join(f"{OBJEKT} IN VAERDILISTE '{name}'" for name in ("b", "a", "b"))
    assert parse_filter(text).lists == ("b", "a")


def test_literals_are_brought_to_canonical_form() -> None:
    """A CVR number in either form, a UUID in any case, and white space around a value make the same filter."""
    upper, lower = "7654895C-A3F3-4C77-8AFD-4C77330F963C", "7654895c-a3f3-4c77-8afd-4c77330f963c"
    assert parse_filter(f"{TYPE} = '{upper}'").ast == parse_filter(f"{TYPE} = ' {lower} '").ast
    sent, delivered = "urn:oio:cvr-nr:12345678", "urn:oio:cvr:12345678"
    assert parse_filter(f"{MODTAGER} IN ('{sent}')").ast == parse_filter(f"{MODTAGER} IN ('{delivered}')").ast
    assert parse_filter(f"{MODTAGER} = '{sent}'").text == f"{MODTAGER} = '{sent}'"


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        (f"{TYPE}", len(TYPE), "expected =, !=, IN, IN VAERDILISTE or LIKE after .*, found the end of the expression"),
        (f"{TYPE} <> 'a'", len(TYPE) + 1, "not equal is written !="),
        (f"{TYPE} == 'a'", len(TYPE) + 1, "equal is written ="),
        (f"{TYPE} < 'a'", len(TYPE) + 1, "expected =, .* found <"),
        (f"{TYPE} NOT IN ('a')", len(TYPE) + 1, "NOT stands before the path"),
        (f"{TYPE} = a", len(TYPE) + 3, "expected a string in single quotes, found a"),
        (f'{TYPE} = "a"', len(TYPE) + 3, "single quotes"),
        (f"{TYPE} = \u2019a\u2019", len(TYPE) + 3, "single quotes"),
        (f"{TYPE} = 'a", len(TYPE) + 3, "expected a closing '"),
        (f"{TYPE} = 'a' ; x", len(TYPE) + 7, "found ';'"),
        (f"{TYPE} = 'a' {TYPE} = 'b'", len(TYPE) + 7, "expected AND, OR or the end of the expression, found Besked"),
        (f"({TYPE} = 'a'", len(TYPE) + 7, "expected AND, OR or a \\) to the \\( at position 0"),
        (f"{TYPE} = 'a')", len(TYPE) + 6, "expected AND, OR or the end of the expression, found \\)"),
        (f"{TYPE} IN ()", len(TYPE) + 5, "expected a string in single quotes, found \\)"),
        (f"{TYPE} IN ('a' 'b')", len(TYPE) + 9, "expected , or \\) after a value of IN, found 'b'"),
        (f"{TYPE} IN 'a'", len(TYPE) + 4, "expected \\( or VAERDILISTE after IN, found 'a'"),
        (f"{TYPE} IN VAERDILISTE x", len(TYPE) + 16, "expected the name of a værdiliste"),
        (f"{TYPE} = 'a' AND", len(TYPE) + 10, "expected a path, NOT or \\(, found the end of the expression"),
        ("AND", 0, "expected a path, NOT or \\(, found AND"),
        ("'a' = 'b'", 0, "expected a path, NOT or \\(, found 'a'"),
        (f"{TYPE} = '{'x' * 99}' '{'y' * 99}'", len(TYPE) + 105, "found 'y{56}\\.\\.\\.$"),
    ],
)
def test_a_refusal_points_at_the_first_token_that_cannot_stand_there(text: str, position: int, message: str) -> None:
    """The error says where, what was expected and what was found, so that it can be mended without a manual."""
    error = refused(text)
    assert error.position == position
    assert str(error).startswith(f"at position {position}: ")
    with pytest.raises(FilterError, match=message):
        parse_filter(text)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (FILTRERINGSDATA + "Beskedtyp.UUIDIdentifikator", TYPE),
        ("beskedkuvert.filtreringsdata.beskedtype.uuididentifikator", TYPE),
        ("Beskedtype.UUIDIdentifikator", TYPE),
        ("Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator", OBJEKT),
        ("Haendelsesbesked." + TYPE, TYPE),
        (SIKKERHEDSKLASSIFICERING + ".UUIDIdentifikato", SIKKERHEDSKLASSIFICERING + ".UUIDIdentifikator"),
    ],
)
def test_an_unknown_path_is_refused_with_the_nearest_known_one(path: str, meant: str) -> None:
    """A misspelled or shortened path is refused with the one that was probably meant."""
    error = refused(f"{TYPE} = 'a' AND {path} = 'b'")
    assert error.position == len(TYPE) + 11
    assert path in str(error)
    assert str(error).rstrip("?").endswith(meant)


@pytest.mark.parametrize(
    "path", ["Beskeddata.Person.Navn", "Haendelsesbesked.Beskeddata", "Beskeddata", "beskeddata.x"]
)
def test_beskeddata_cannot_be_filtered_on(path: str) -> None:
    """A filter on the payload is refused, with the reason."""
    assert "only the envelope may be filtered, Beskeddata is opaque" in str(refused(f"{path} = 'a'"))


@pytest.mark.parametrize(
    "path", ["BeskedId.UUIDIdentifikator", "Beskedkuvert.Leveranceinformation.TransaktionsId", "x", "Beskedkuvert"]
)
def test_the_rest_of_the_message_cannot_be_filtered_on(path: str) -> None:
    """A filter on what is neither Filtreringsdata nor Sikkerhedsklassificering is refused, with what may be."""
    assert f"only the leaves of Beskedkuvert.Filtreringsdata and {SIKKERHEDSKLASSIFICERING}" in str(
        refused(f"{path} = 'a'")
    )


@pytest.mark.parametrize("opening", ["(", "NOT ", "NOT ("])
def test_nesting_has_a_limit_and_no_depth_breaks_the_reader(opening: str) -> None:
    """An expression nested too deep is refused with a reason, however deep."""
    error = refused(opening * 5000 + f"{TYPE} = 'a'")
    assert f"at most {MAX_DEPTH} parentheses and NOT" in str(error)
    closing = ")" * MAX_DEPTH if opening == "(" else ""
    if opening != "NOT (":
        assert parse_filter(opening * MAX_DEPTH + f"{TYPE} = 'a'" + closing).lists == ()


def test_length_has_a_limit_also_for_a_form_that_is_known() -> None:
    """An expression longer than the limit is refused before it is read, with the advice to use a værdiliste."""
    known = parse_filter(f"{TYPE} = 'a'")
    longest = MAX_LENGTH - len(f"{TYPE} = ''")
    assert parse_filter(f"{TYPE} = '{'a' * longest}'").form is known.form
    error = refused(f"{TYPE} = '{'a' * (longest + 1)}'")
    assert error.position == MAX_LENGTH
    assert "værdiliste" in str(error)


def test_a_chain_of_a_thousand_comparisons_is_read() -> None:
    """A long flat expression is no deep one."""
    text = " OR ".join(f"{TYPE} = '{number}'" for number in range(900))
    read = parse_filter(text).ast
    assert isinstance(read, Or)
    assert len(read.terms) == 900


def test_parentheses_side_by_side_are_not_nested() -> None:
    """Only what is inside each other counts as depth: a hundred bracketed choices in a row are read."""
    text = " AND ".join(f"({TYPE} = '{number}' OR NOT {OBJEKT} = 'o')" for number in range(2 * MAX_DEPTH))
    read = parse_filter(text).ast
    assert isinstance(read, And)
    assert len(read.terms) == 2 * MAX_DEPTH


def test_a_vocabulary_is_kept_once_and_any_number_of_words_is_right() -> None:
    """Abonnementer on the same Beskedtype share its text in memory; thousands of others do not disturb them."""
    shared = 0
    for number in range(5000):
        first, again = (parse_filter(f"{TYPE} = 'type {number}'") for _ in range(2))
        assert first.operands == again.operands == (f"type {number}",)
        shared += first.operands[0] is again.operands[0]
    assert shared > 4900


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.text(max_size=40))
def test_garbage_is_refused_at_a_place_inside_the_text(text: str) -> None:
    """Any text is either read, and then kept as it was written, or refused with a FilterError that points into it."""
    try:
        read = parse_filter(text)
    except FilterError as error:
        position = error.position
    else:
        assert read.text == text
        return
    assert 0 <= position <= len(text)
    line, caret = pointer(text, position).rsplit("\n", 1)
    assert caret.endswith("^")
    assert len(caret) <= len(line) + 1


def test_the_pointer_shows_the_line_with_a_caret_under_the_error() -> None:
    """A person sees the line of a long expression and a caret under the place."""
    text = f"{TYPE} = 'a'\nAND\t{OBJEKT} ? 'b'\nAND x"
    assert pointer(text, refused(text).position) == f"AND {OBJEKT} ? 'b'\n{' ' * (len(OBJEKT) + 5)}^"


def test_filters_that_differ_in_constants_share_everything_else() -> None:
    """A million abonnementer of one form are kept as one form and a million small tuples."""
    first = parse_filter(f"{TYPE} = 'a' AND {OBJEKT} IN ('b')")
    second = parse_filter(f"{TYPE} = 'c' AND {OBJEKT} IN ('d')")
    other_form = parse_filter(f"{TYPE} = 'c'  AND {OBJEKT} IN ('d', 'e')")
    assert first.form is second.form
    assert other_form.form is not first.form
    assert other_form.shape is first.shape


def test_forms_that_no_filter_has_any_more_are_forgotten() -> None:
    """Changing filters for years does not fill the memory."""
    from broker.core.filter import expression

    path = FILTRERINGSDATA + "TvaergaaendeProces"
    read = parse_filter(f"{path} != 'a' OR {path} = 'b'   OR {path} = 'c'")
    pieces = read.form.pieces
    assert pieces in expression._forms
    del read
    gc.collect()
    assert pieces not in expression._forms


def _leaves(schema: ET.Element, name: str) -> Iterator[str]:
    """The leaf paths under a complexType of the schema."""
    declared = {element.attrib["name"]: element.attrib["type"] for element in schema.findall(f"{XS}element")}
    (kind,) = (found for found in schema.findall(f"{XS}complexType") if found.attrib["name"] == name)
    for element in kind.iter(f"{XS}element"):
        part = element.attrib["ref"].removeprefix("besked:")
        prefix, _, inner = declared[part].partition(":")
        if prefix == "besked":
            if not inner.endswith("LokalUdvidelseType"):
                yield from (f"{part}.{leaf}" for leaf in _leaves(schema, inner))
        elif inner == "TidspunktType":
            yield from (f"{part}.{leaf}" for leaf in ("TidsstempelDatoTid", "GraenseIndikator"))
        else:
            yield from (f"{part}.{leaf}" for leaf in ("UUIDIdentifikator", "URNIdentifikator"))


def test_every_leaf_of_filtreringsdata_may_be_filtered_on() -> None:
    """The paths of the grammar are those of KOMBIT's schema: no leaf of Filtreringsdata is left out, none invented."""
    if not REFERENCE.exists():
        assert environ.get("CI") != "true", f"{REFERENCE} is missing"
        pytest.skip(f"{REFERENCE} is missing")
    leaves = {FILTRERINGSDATA + leaf for leaf in _leaves(ET.parse(REFERENCE).getroot(), "FiltreringsdataType")}
    security = {f"{SIKKERHEDSKLASSIFICERING}.{leaf}" for leaf in ("UUIDIdentifikator", "URNIdentifikator")}
    assert {leaf for field in FIELDS.values() for leaf in field.leaves} == leaves | security
