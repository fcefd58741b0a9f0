"""A refusal by the schema is one readable sentence: where, what, which rule, what was expected."""

from __future__ import annotations

import random
import re
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from broker.errors import Refused
from broker.kuvert import ObjektRegistrering, haendelsesbesked, parse
from broker.kuvert.complaint import complain, complain_briefly
from broker.kuvert.schema import load_schema
from broker.kuvert.streaming import first_breach
from tests.unit.kuvert.envelopes import Writer
from tests.unit.kuvert.mutations import mutate

DATA = haendelsesbesked(
    ansvarlig_aktoer="cf12c051-39ce-4066-ba11-704b46fa23c4",
    tilladt_modtager=("urn:oio:cvr:11111111", "urn:oio:cvr:22222222"),
    objekt_registrering=[ObjektRegistrering(registreringstidspunkt=0.0, objekt_id="urn:o")],
)
SCHEMA = load_schema()
STATUS = etree.XMLSchema(
    etree.fromstring(
        """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Status"><xs:simpleType>
        <xs:restriction base="xs:string"><xs:enumeration value="Aktiv"/><xs:enumeration value="Passiv"/>
        </xs:restriction></xs:simpleType></xs:element></xs:schema>"""
    )
)
_MORE = re.compile(r" \(\d+ more\)$")
"""A text in the wrong place counts once for each piece that comments cut it into."""
FILTRERING = "Haendelsesbesked/Beskedkuvert/Filtreringsdata"


def reason(data: bytes) -> str:
    """What the sender is told."""
    with pytest.raises(Refused) as refused:
        parse(data)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            b"1970-01-01T00:00:00.000Z",
            b"i g\xc3\xa5r",
            f"{FILTRERING}/ObjektRegistrering/Registreringstidspunkt/TidsstempelDatoTid (line 2): 'i går' is not "
            "a valid dateTime; expected a date and time as 2026-11-21T08:00:00 or 2026-11-21T08:00:00.000Z",
        ),
        (
            b"<URNIdentifikator>urn:oio:cvr:22222222</URNIdentifikator>",
            b"",
            f"{FILTRERING}/TilladtModtager[2] (line 2): a child element is missing; "
            "expected UUIDIdentifikator or URNIdentifikator",
        ),
        (
            b"<URNIdentifikator>urn:o</URNIdentifikator>",
            b"urn:o",
            f"{FILTRERING}/ObjektRegistrering/ObjektId (line 2): the text 'urn:o' is not allowed; "
            "expected only elements inside ObjektId",
        ),
        (
            b"<ns2:BeskedAnsvarligAktoer><UUIDIdentifikator>cf12c051-39ce-4066-ba11-704b46fa23c4</UUIDIdentifikator>",
            b"<ns2:BeskedAnsvarligAktoer><URNIdentifikator>urn:a</URNIdentifikator>",
            f"{FILTRERING}/BeskedAnsvarligAktoer/URNIdentifikator (line 2): the element is not expected here "
            "(the order of elements is fixed); expected UUIDIdentifikator",
        ),
        (
            b"<ns2:TilladtModtager>",
            b"<ns2:TilladtModtager id='1'>",
            f"{FILTRERING}/TilladtModtager[1] (line 2): the attribute 'id' is not allowed; "
            "expected an element without it (1 more)",
        ),
        (
            b"<URNIdentifikator>urn:o</URNIdentifikator>",
            b"<ns2:URNIdentifikator>urn:o</ns2:URNIdentifikator>",
            "expected UUIDIdentifikator or URNIdentifikator (in namespace urn:oio:sagdok:3.0.0)",
        ),
        (
            b"<ns2:Leveranceinformation>",
            b"<ns2:Leveranceinformation/><ns2:Leveranceinformation>",
            "Beskedkuvert/Leveranceinformation[2] (line 2): the element is not expected here (the order of elements is "
            "fixed); expected Modtagerhandling or GyldighedFra or GyldighedTil",
        ),
        (
            b"<ns2:BeskedVersion>1.0</ns2:BeskedVersion>",
            b"<ns2:BeskedVersion>1.0<b/></ns2:BeskedVersion>",
            "Haendelsesbesked/BeskedVersion (line 2): the element b is not allowed inside; expected only text",
        ),
        (
            b"</ns2:Beskeddata>",
            b"</ns2:Beskeddata><slut xmlns=''/>",
            "Haendelsesbesked/slut (line 2): the element (in no namespace) is not expected here (the order of elements "
            "is fixed); expected Beskeddata (in namespace urn:oio:besked:kuvert:1.0)",
        ),
    ],
    ids=range(9),
)
def test_the_sentence_names_path_value_rule_and_expectation(old: bytes, new: bytes, told: str) -> None:
    """A vendor can mend the message from the sentence alone."""
    assert DATA.count(old) >= 1
    assert told in reason(DATA.replace(old, new))


def test_paths_are_told_in_a_default_namespace_too() -> None:
    """The path reads the same whatever prefixes the sender uses."""
    data = DATA.replace(b' xmlns="urn:oio:sagdok:3.0.0"', b' xmlns:s="urn:oio:sagdok:3.0.0"')
    data = data.replace(b"xmlns:ns2=", b"xmlns=").replace(b"ns2:", b"").replace(b' xmlns=""', b"")
    for name in (b"UUIDIdentifikator>", b"URNIdentifikator>", b"TidsstempelDatoTid>"):
        data = data.replace(b"<" + name, b"<s:" + name).replace(b"</" + name, b"</s:" + name)
    assert parse(data)
    told = reason(data.replace(b"<s:URNIdentifikator>urn:oio:cvr:22222222</s:URNIdentifikator>", b""))
    assert f"{FILTRERING}/TilladtModtager[2] (line 2): a child element is missing" in told


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"<a>", r"malformed XML at line 1, column \d+: .*; expected well-formed XML"),
        (
            b"<a>\n <b></c></a>",
            r"malformed XML at line 2, column \d+: Opening and ending tag mismatch: b line 2 and c;",
        ),
        (b"<a>\x01</a>", "malformed XML at line 1, column 4: PCDATA invalid Char value 1;"),
        (b"<a/>x", "malformed XML at line 1, column 5: Extra content at the end of the document;"),
        (b"<a:b/>", "malformed XML .*prefix a on b is not defined"),
        (b"hej", "malformed XML at line 1, column 1"),
        (b"{}", "malformed XML at line 1, column 1"),
    ],
)
def test_malformed_xml_is_told_by_line_and_column(data: bytes, told: str) -> None:
    """Line, column and what is wrong there."""
    with pytest.raises(Refused, match=told):
        parse(data)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            b"<a/>",
            "the root element is a in no namespace; expected Haendelsesbesked in namespace urn:oio:besked:kuvert",
        ),
        (b'<Haendelsesbesked xmlns="urn:x"/>', "Haendelsesbesked in namespace urn:x; expected Haendelsesbesked in"),
        (b'<ModtagBeskedInput xmlns="urn:oio:sts:1.0.0"/>', "ModtagBeskedInput .* without a wrapper"),
        (
            b'<b:AfsendBeskedInput xmlns:b="urn:oio:sts:beskedfordeler:1.0.0"/>',
            "AfsendBeskedInput .* without a wrapper",
        ),
    ],
)
def test_a_wrong_root_is_told_with_what_was_expected(data: bytes, told: str) -> None:
    """A wrapper of another interface is recognised and named as such."""
    with pytest.raises(Refused, match=told):
        parse(data)


def test_a_long_value_is_cut_in_the_sentence() -> None:
    """A megabyte in the wrong place does not become a megabyte of answer."""
    data = DATA.replace(b"1970-01-01T00:00:00.000Z", b"x" * 1_000_000)
    assert len(reason(data)) < 500


@pytest.mark.parametrize("receivers", [0, 20_000], ids=["small", "large"])
def test_one_sender_is_not_told_of_another(receivers: int) -> None:
    """Messages with faults, one after the other: each sender is told its own, small message or large."""
    many = b"<ns2:TilladtModtager><URNIdentifikator>urn:a</URNIdentifikator></ns2:TilladtModtager>" * receivers
    data = DATA.replace(b"<ns2:TilladtModtager>", many + b"<ns2:TilladtModtager>", 1)
    for value in ("hemmelig", "anden", "tredje"):
        told = reason(data.replace(b"1970-01-01T00:00:00.000Z", value.encode()))
        assert f"'{value}' is not a valid" in told
        assert told.count("hemmelig") == (value == "hemmelig")


def sprinkled(root: etree._Element, seed: int) -> etree._Element:
    """A copy with comments and processing instructions anywhere in it, in the middle of values too."""
    rng = random.Random(seed)
    copy = deepcopy(root)
    for element in list(copy.iter("*")):
        for _ in range(rng.choice((0, 0, 1, 2))):
            aside = rng.choice((etree.Comment("<x/> Element"), etree.ProcessingInstruction("x", "y='z'")))
            place = rng.randrange(len(element) + 1)
            if place == 0 and (text := element.text):
                cut = rng.randrange(len(text) + 1)
                element.text, aside.tail = text[:cut], text[cut:]
            element.insert(place, aside)
    return copy


@settings(max_examples=400, deadline=None)
@given(which=st.integers(0, 30), seed=st.integers(0, 2**32))
def test_any_breach_is_one_sentence_with_comments_or_without(which: int, seed: int) -> None:
    """However a message is damaged and commented, its sender is told in a sentence, the same as without comments."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True)
    damaged = mutate(etree.fromstring(Writer(which).write().data, parser), seed)
    commented = sprinkled(damaged, seed)
    valid = SCHEMA.validate(damaged)
    told = "" if valid else complain(damaged, SCHEMA.error_log)
    assert SCHEMA.validate(commented) == valid
    if not valid:
        assert _MORE.sub("", complain(commented, SCHEMA.error_log)) == _MORE.sub("", told)
        assert re.match(r"Haendelsesbesked(/[^/ ]+)* \(line \w+\): \S", told)
        assert len(told) < 1500
    text = etree.tostring(commented, encoding="utf-8")  # says a default namespace of an element that has none
    breach = first_breach(text, SCHEMA)
    assert (breach is None) == SCHEMA.validate(etree.fromstring(text))
    if breach is not None:
        assert complain_briefly(commented, breach).startswith("Haendelsesbesked: Element '")


def test_a_value_is_told_whole_around_a_comment() -> None:
    """A value in two pieces, a comment between them, is told as it counts; the path leaves comments out."""
    data = DATA.replace(b"1970-01-01T00:00:00.000Z", b"1970-01-<!-- x -->99")
    data = data.replace(b"<ns2:TilladtModtager>", b"<!-- x --><?x y?><ns2:TilladtModtager>")
    root = etree.fromstring(data)
    assert not SCHEMA.validate(root)
    assert complain(root, SCHEMA.error_log).startswith(
        f"{FILTRERING}/ObjektRegistrering/Registreringstidspunkt/TidsstempelDatoTid (line 2): '1970-01-99' is not"
    )


def test_a_path_begins_at_the_element_that_was_checked() -> None:
    """An envelope inside another document is told of from its own root."""
    outer = etree.fromstring(
        b"<Body>\n<!-- x -->" + DATA[DATA.index(b"<ns2:") :].replace(b"urn:o<", b"urn:o<x/><") + b"</Body>"
    )
    root = next(outer.iterchildren("*"))
    assert not SCHEMA.validate(root)
    assert complain(root, SCHEMA.error_log) == (
        f"{FILTRERING}/ObjektRegistrering/ObjektId/URNIdentifikator (line 2): the element x is not allowed inside; "
        "expected only text"
    )


@pytest.mark.parametrize("value", ["aktiv", "it's", "{a}b", "x' is not an element of the set {'y'}."])
def test_a_value_outside_an_enumeration_is_told_with_those_that_are_expected(value: str) -> None:
    """Which values there are is what a sender needs to know."""
    root = etree.Element("Status")
    root.text = value
    sentence = f"'{value}' is not one of its values; expected one of Aktiv, Passiv"
    assert not STATUS.validate(root)
    assert complain(root, STATUS.error_log).endswith(f": {sentence}")
    breach = first_breach(etree.tostring(root), STATUS)
    assert breach is not None
    assert complain_briefly(root, breach) == f"Status: Element 'Status': {sentence}"


@pytest.mark.parametrize(
    "value", ["Element content is not allowed", "This element is not expected", "Missing child element(s)"]
)
def test_a_value_in_the_words_of_the_library_is_a_value(value: str) -> None:
    """What a sender writes is never taken for what the check says of it."""
    data = DATA.replace(
        b"<ns2:Leveranceinformation>",
        b"<ns2:Leveranceinformation><ns2:KildesystemIPAdresse xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
        b"xmlns:xs='http://www.w3.org/2001/XMLSchema' xsi:type='xs:language'>da</ns2:KildesystemIPAdresse>",
    )
    told = reason(data.replace(b">da<", b">" + value.encode() + b"<"))
    assert f"/KildesystemIPAdresse (line 2): '{value}' is not a valid value of the atomic type 'xs:language'" in told
