"""A refusal by the schema is one readable sentence: where, what, which rule, what was expected."""

from __future__ import annotations

import pytest

from broker.errors import Refused
from broker.kuvert import ObjektRegistrering, haendelsesbesked, parse

DATA = haendelsesbesked(
    ansvarlig_aktoer="cf12c051-39ce-4066-ba11-704b46fa23c4",
    tilladt_modtager=("urn:oio:cvr:11111111", "urn:oio:cvr:22222222"),
    objekt_registrering=[ObjektRegistrering(registreringstidspunkt=0.0, objekt_id="urn:o")],
)
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
