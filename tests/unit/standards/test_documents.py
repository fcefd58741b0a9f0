"""Documents that are no letters: each fault said where it is, all at once, and nothing breaks the reader."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import example as tried
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from consumers.standards.documents import form_of, read_letter, validate
from consumers.standards.examples import example
from consumers.standards.findings import FORM_RULES, LIMIT, Finding, InvalidLetter, masked, shown
from consumers.standards.json_form import read_json_letter, write_json
from consumers.standards.rules import RULES
from consumers.standards.standard import Standard
from consumers.standards.xml_form import NS, read_xml_letter, write_xml
from tests.unit.standards.builder import brev

XML = write_xml(example(Standard.BESTILLING))
JSON = write_json(example(Standard.BESTILLING))


def _findings(document: bytes) -> list[Finding]:
    letter, findings = validate(document)
    assert letter is None
    return findings


def _one(document: bytes) -> tuple[str, str, str]:
    [finding] = _findings(document)
    return finding.path, finding.rule, finding.text


def _xml(old: str, new: str) -> bytes:
    assert XML.decode().count(old) >= 1
    return XML.decode().replace(old, new, 1).encode()


def _json(**changes: Any) -> bytes:
    return json.dumps(json.loads(JSON) | changes).encode()


CHANGED_XML = [
    ("<BeskedId>", '<BeskedId a="b">', "/Bestilling/BeskedId", "attribute", "'a'"),
    ("<Indsats>", '<Indsats xml:lang="da">', "/Bestilling/Indsats", "attribute", "XML/1998/namespace"),
    ("<Rang>1</Rang>", "<Rang><b>1</b></Rang>", "/Bestilling/Indsats/Maalgruppe[1]/Rang", "type", "'b'"),
    ("<Rang>2</Rang>", "<Rang>2</Rang><Rang>2</Rang>", "/Bestilling/Indsats/Maalgruppe[2]/Rang", "single", "once"),
    ("<Rang>2</Rang>", "<Rang>2</Rang><Rangg/>", "/Bestilling/Indsats/Maalgruppe[2]/Rangg", "unknown", "mean Rang?"),
    ("<Rang>2</Rang>", "<Rang>2</Rang><rang/>", "/Bestilling/Indsats/Maalgruppe[2]/rang", "unknown", "mean Rang?"),
    ("</ForventetFunktionsevneniveau>", "</ForventetFunktionsevneniveau><ForventetFunktionsevneniveau/>",
     "/Bestilling/Indsats/Indsatsmaal[1]/ForventetFunktionsevneniveau", "single", "once"),
    ("<Rang>2</Rang>", "<Rang>2</Rang>tekst", "/Bestilling/Indsats/Maalgruppe[2]", "unknown", "'tekst'"),
    ("<Rang>2</Rang>", '<Rang>2</Rang><x:y xmlns:x="urn:x"/>', "/Bestilling/Indsats/Maalgruppe[2]/y", "unknown", "'y'"),
    ("<Rang>2</Rang>", '<Rang>2</Rang><Kode xmlns=""/>', "/Bestilling/Indsats/Maalgruppe[2]/Kode", "namespace", NS),
    ("<Fornavn>Emil", "<Cpr>1</Cpr><Fornavn>Emil", "/Bestilling/Borger/Cpr", "single", "once"),
    ("<Postnr>0101", "<Postnr>101", "/Bestilling/Borger/Adresse/Postnr", "lexical", "'101' is not a postal code"),
    ("<Cpr>7404045231", "<Cpr>740404-5231", "/Bestilling/Borger/Cpr", "lexical", "'740404-****'"),
    ("<Rang>2</Rang>", "<Rang>9</Rang>", "/Bestilling/Indsats/Maalgruppe[2]/Rang", "code", "1, 2"),
    ("9b3fd322-a75a-4ed8-9b74-425fa1e01c95", "9B3FD322-A75A-4ED8-9B74-425FA1E01C95",
     "/Bestilling/Indsats/Maalgruppe[1]/Kode", "code", "lower case"),
    ("9b3fd322-a75a-4ed8-9b74-425fa1e01c95", "464a2ab6-a7df-4b3a-b74d-7873f4cfe668",
     "/Bestilling/Indsats/Maalgruppe[1]/Kode", "code", "the code of Tema: Spise"),
    ("<StandardVersion>1.0", "<StandardVersion>2.0", "/Bestilling/StandardVersion", "code", "'2.0'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "path", "rule", "said"), CHANGED_XML)
def test_what_is_wrong_in_xml(old: str, new: str, path: str, rule: str, said: str) -> None:
    """One fault, one finding: where, which rule, and what was seen."""
    found = _one(_xml(old, new))
    assert found[:2] == (path, rule)
    assert said in found[2]


def test_elements_in_another_order() -> None:
    """Refused, as by the schema; the finding says what stands before what, and nothing is called missing."""
    root = etree.fromstring(XML)
    root.insert(0, root[2])
    path, rule, text = _one(etree.tostring(root))
    assert (path, rule) == ("/Bestilling/BeskedId", "order")
    assert "BeskedId stands after FfbVersion" in text


def test_the_entries_of_a_list_stand_together() -> None:
    """An entry after something else is out of order."""
    root = etree.fromstring(XML)
    borger = root.find(f"{{{NS}}}Borger")
    assert borger is not None
    borger.append(borger[1])
    path, rule, text = _one(etree.tostring(root))
    assert (path, rule) == ("/Bestilling/Borger/Fornavn", "order")
    assert "all Fornavn stand together" in text


CHANGED_JSON: list[tuple[dict[str, Any], str, str, str]] = [
    ({"inddsats": 1}, "inddsats", "unknown", "did you mean indsats?"),
    ({"besked_id": "x"}, "besked_id", "unknown", "did you mean beskedId?"),
    ({"koersel": None}, "koersel", "null", "leave out"),
    ({"koersel": 5}, "koersel", "type", "a number (5); expected a text"),
    ({"koersel": ["x"]}, "koersel", "type", "a list; expected a text"),
    ({"betaler": "x"}, "betaler", "type", "a text (x); expected an object"),
    ({"dokumenter": {}}, "dokumenter", "type", "an object; expected a list"),
    ({"dokumenter": [None]}, "dokumenter[0]", "null", "leave out"),
    ({"anmodningServicepakker": "true"}, "anmodningServicepakker", "type", "expected true or false"),
    ({"anmodningServicepakker": 1}, "anmodningServicepakker", "type", "expected true or false"),
    ({"modtagere": []}, "modtagere", "required", "at least one"),
    ({"andreIndsatser": ["x"] * 201}, "andreIndsatser", "count", "201 entries; at most 200"),
    ({"koersel": "a\x07b"}, "koersel", "character", "character 2 (U+0007)"),
    ({"koersel": "\ud83d"}, "koersel", "character", "surrogate"),
    ({"standard": "bestiling"}, "standard", "root", "did you mean bestilling?"),
    ({"standard": None}, "standard", "type", "null"),
]


@pytest.mark.parametrize(("changes", "path", "rule", "said"), CHANGED_JSON)
def test_what_is_wrong_in_json(changes: dict[str, Any], path: str, rule: str, said: str) -> None:
    """The same, with names and numbers as JSON has them: lists count from 0."""
    found = _one(_json(**changes))
    assert found[:2] == (path, rule)
    assert said in found[2]


def test_a_name_twice_in_an_object() -> None:
    """Most readers take the last one silently; here it is a fault."""
    found = _one(JSON.replace(b'"adresse":{', b'"adresse":{"by":"x",'))
    assert found[:2] == ("borger.adresse.by", "syntax")


def test_a_number_with_a_fraction_of_nothing_is_whole() -> None:
    """5.0 is an integer in JSON Schema, so it is here."""
    data = json.loads(write_json(example(Standard.SVAR_MATCH)))
    data |= {"svar": "VENTELISTE", "venteliste": {"antalForan": 5.0}}
    assert b'"antalForan":5}' in write_json(read_json_letter(json.dumps(data).encode()))


def test_white_space_around_numbers_and_booleans_is_taken_in_xml() -> None:
    """As XML Schema does; texts keep theirs."""
    document = write_xml(example(Standard.OPFOELGNING)).replace(b">false<", b">\n false <")
    assert read_xml_letter(document) == example(Standard.OPFOELGNING)


DOCUMENTS: list[tuple[bytes, str, str, str]] = [
    (b"", "$", "syntax", "line 1, column 1"),
    (b'{"standard":\n "match",}', "$", "syntax", "line 2, column 10"),
    (b"[1]", "$", "type", "a list"),
    (b"null", "$", "type", "null"),
    (b'"\xff"', "$", "syntax", "byte 2 is 0xFF"),
    (b"[" * 100_000, "$", "syntax", "deeper"),
    (b'{"a":NaN}', "$", "syntax", "NaN"),
    (b'{"a":' + b"1" * 5000 + b"}", "$", "syntax", "digits"),
    (b"{}", "standard", "required", "bestilling"),
    (b"<Match>\n<a></b>", "/", "syntax", "line 2"),
    (b"\xef\xbb\xbf <?xml version='1.0'?><Match/>", "/", "syntax", "line 1"),
    (b"<Match/>", "/", "namespace", NS),
    (b'<Match xmlns="urn:x"/>', "/", "namespace", "'urn:x'"),
    (b"<Macth/>", "/", "root", "did you mean Match?"),
    (b"<x:Haendelsesbesked xmlns:x='urn:oio:besked:kuvert:1.0'/>", "/", "root", "Beskeddata"),
    (b"<!DOCTYPE Match><Match/>", "/", "dtd", "DOCTYPE"),
    (b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "/", "dtd", "DOCTYPE"),
    (b"<a>" * 300 + b"</a>" * 300, "/", "syntax", "line 1"),
    ("<Match>".encode("utf-16"), "/", "syntax", "line 1"),
    (b"<" + b"x" * 21_000_000, "/", "size", "20971520"),
    (b"{" + b" " * 21_000_000, "$", "size", "20971520"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "path", "rule", "said"), DOCUMENTS, ids=lambda each: str(each)[:30])
def test_what_is_no_letter_at_all(document: bytes, path: str, rule: str, said: str) -> None:
    """The document itself is named, with line and column where it is not well-formed."""
    found = _one(document)
    assert found[:2] == (path, rule)
    assert said in found[2]


def test_a_letter_in_utf_16() -> None:
    """What an XML parser reads is read."""
    document = ("<?xml version='1.0' encoding='UTF-16'?>" + XML.decode()).encode("utf-16")
    assert form_of(document) == "xml"
    assert read_letter(document) == example(Standard.BESTILLING)


def test_an_attachment_of_ten_megabytes() -> None:
    """The longest that the standard allows is carried by both forms; one with a DTD is not even looked into."""
    data = json.loads(JSON)
    data["dokumenter"] = [{"titel": "x", "contentType": "application/pdf", "data": "A" * 13_981_012 + "AA=="}]
    letter = read_json_letter(json.dumps(data).encode())
    xml = write_xml(letter)
    assert read_xml_letter(xml) == letter
    assert _one(b"<!DOCTYPE Bestilling [<!ENTITY a 'a'>]>" + xml)[:2] == ("/", "dtd")
    assert _one(xml[:-5])[:2] == ("/", "syntax")


def test_an_entity_in_an_element_that_is_handed_over() -> None:
    """Of a document that others have parsed, too."""
    letter = XML.replace(b"<Kommunekode>0001", b"<Kommunekode>&a;", 1)
    document = b"<!DOCTYPE Bestilling [<!ENTITY a '0001'>]>" + letter
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False))
    with pytest.raises(InvalidLetter) as caught:
        read_xml_letter(root)
    assert [finding.rule for finding in caught.value.findings] == ["dtd", "lexical"]


def test_comments_and_schema_hints_say_nothing() -> None:
    """They stand where they may in XML, also within a value; the value is what is around them."""
    document = _xml("<Rang>2</Rang>", "<!-- a --><Rang><!-- b -->2<?c?></Rang>")
    hint = b'<Bestilling xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="a b"'
    assert read_letter(document.replace(b"<Bestilling", hint, 1)) == example(Standard.BESTILLING)


def test_all_faults_are_said_in_the_order_of_the_document() -> None:
    """Of structure and of values alike."""
    root = etree.fromstring(XML)
    for path, text in (("BeskedId", "x"), ("Indsats/Maalgruppe/Rang", "3"), ("Vurdering/Situation", " ")):
        found = root.find("/".join(f"{{{NS}}}{step}" for step in path.split("/")))
        assert found is not None
        found.text = text
    borger = root.find(f"{{{NS}}}Borger")
    assert borger is not None
    borger.remove(borger[0])
    etree.SubElement(root[6], f"{{{NS}}}Fremmed")
    assert [(finding.path, finding.rule) for finding in _findings(etree.tostring(root))] == [
        ("/Bestilling/BeskedId", "lexical"),
        ("/Bestilling/Modtager[1]/Fremmed", "unknown"),
        ("/Bestilling/Borger/Cpr", "required"),
        ("/Bestilling/Indsats/Maalgruppe[1]/Rang", "code"),
        ("/Bestilling/Vurdering/Situation", "blank"),
    ]


@pytest.mark.parametrize("count", [LIMIT, LIMIT + 1, 5000])
def test_no_more_findings_than_one_can_read(count: int) -> None:
    """A hundred; the last of them says how many there are beside, at least."""
    findings = _findings(_json(**{f"felt{number}": 1 for number in range(count)}))
    assert len(findings) == LIMIT
    assert (findings[-1].rule == "more") == (count > LIMIT)
    if count == LIMIT + 1:
        assert findings[-1].text == "at least 2 more findings are not listed"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "utf-16-le"])
def test_what_a_windows_terminal_redirects_is_told_as_what_it_is(codec: str) -> None:
    """PowerShell's ">" writes UTF-16: XML is read, and JSON is refused as not UTF-8, not as bad XML."""
    bom = {"utf-16-be": b"\xfe\xff", "utf-16-le": b"\xff\xfe"}.get(codec, b"")
    assert validate(bom + write_xml(example(Standard.MATCH)).decode().encode(codec))[1] == []
    [finding] = _findings(bom + JSON.decode().encode(codec))
    assert (finding.path, finding.rule) == ("$", "syntax")
    assert finding.text.startswith("is not UTF-8")


def test_who_writes_the_name_of_a_code_is_told_the_code() -> None:
    """Not that it may be one of a newer version."""
    maalgrupper = [{"kode": "autismespektrum", "rang": "1"}]
    indsats = json.loads(write_json(example(Standard.BESTILLING)))["indsats"]
    [finding] = _findings(_json(indsats=indsats | {"maalgrupper": maalgrupper}))
    assert finding.text.endswith("Write the code, not its name: 9b3fd322-a75a-4ed8-9b74-425fa1e01c95")


def test_the_exception_says_all_findings() -> None:
    """One on a line: path, text, rule."""
    with pytest.raises(InvalidLetter) as caught:
        read_letter(_json(koersel=5, betaler=5))
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["koersel", "betaler"]
    assert all(line.endswith("(type)") for line in lines)


def test_cpr_numbers_are_masked_wherever_they_stand() -> None:
    """In values, names and paths; UUIDs stay."""
    _, (finding, *_) = validate(_json(**{"felt 0101901234": 1}))
    assert "0101901234" not in str(finding) + finding.value
    [finding] = _findings(_json(ffbVersion="af 010190-1234"))
    assert finding.value == "af 010190-****"
    assert masked("9b3fd322-a75a-4ed8-9b74-010190123425") == "9b3fd322-a75a-4ed8-9b74-010190123425"
    assert masked("tlf 9912345678, 6101901234") == "tlf 9912345678, 610190-****"
    for written in ("010190 1234", "010190–1234", "01.01.90-1234", "01 01 90 1234", "010190_1234", "010190--1234"):
        assert masked(f"af {written}.") == "af 010190-****."
        _, findings = validate(_json(**{f"felt {written}": 1, "ffbVersion": written}))
        assert len(findings) == 2
        assert not [one for one in findings if "1234" in f"{one} {one.value}"]
    kept = "2026-01-28T09:03:22+01:00, 01.02.2026, 12 34 56 78, GLN 5799000000012, P 1999000203"
    assert masked(kept) == kept
    assert shown("a\nb" + "x" * 100) == "a\\nb" + "x" * 56 + "…"


def test_every_rule_of_form_is_known() -> None:
    """The names that findings bear are those that the page explains; none is also the id of another rule."""
    seen = {_findings(_xml(old, new))[0].rule for old, new, *_ in CHANGED_XML}
    seen |= {_findings(_json(**changes))[0].rule for changes, *_ in CHANGED_JSON}
    seen |= {_findings(document)[0].rule for document, *_ in DOCUMENTS}
    assert seen | {"order", "length", "blank", "range", "more"} == set(FORM_RULES)
    assert not {rule.id for rule in RULES} & set(FORM_RULES)


READERS: list[Callable[[bytes], Any]] = [read_letter, read_xml_letter, read_json_letter]


def _refused(read: Callable[[bytes], Any], document: bytes) -> tuple[Finding, ...]:
    try:
        read(document)
    except InvalidLetter as invalid:
        return invalid.findings
    return ()


@given(st.binary(max_size=200), st.integers(0, 2**32))
@tried(b"<", 0)
@settings(max_examples=300, deadline=None)
def test_no_bytes_break_a_reader(noise: bytes, seed: int) -> None:
    """Whatever comes, in a letter or instead of one: a letter or InvalidLetter, and nothing else."""
    random = Random(seed)
    letter = random.choice([XML, JSON])
    at = random.randrange(len(letter))
    for document in noise, letter[:at] + noise + letter[at + random.randrange(20) :]:
        for read in READERS:
            assert len(_refused(read, document)) <= LIMIT


def test_a_letter_is_read_deep_in_other_code() -> None:
    """Little of the stack is needed."""

    def deep(left: int) -> Any:
        return read_letter(JSON) if left == 0 else deep(left - 1)

    assert deep(sys.getrecursionlimit() // 2) == example(Standard.BESTILLING)


@pytest.mark.parametrize("standard", Standard)
def test_the_form_is_known_by_the_first_character(standard: Standard) -> None:
    """White space and a byte order mark before it do not matter."""
    letter = brev(standard, Random(3))
    for before in b"", b"\n ", b"\xef\xbb\xbf":
        xml = before + write_xml(letter)
        as_json = before + write_json(letter)
        assert read_letter(xml) == read_letter(as_json) == letter
