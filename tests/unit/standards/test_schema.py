"""The schemas that ship: made of the models, and of one mind with the readers."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # ships no types
from lxml import etree

from consumers.standards.findings import InvalidLetter
from consumers.standards.json_form import read_json_letter, write_json
from consumers.standards.schema import JSON_SCHEMA, XSD
from consumers.standards.schema_json import json_schema
from consumers.standards.schema_xsd import xsd
from consumers.standards.standard import Standard
from consumers.standards.xml_form import NS, read_xml_letter, write_xml
from tests.unit.standards.builder import brev, document
from tests.unit.standards.mutation import spoil_json, spoil_xml

SEEDS = st.integers(0, 2**64)
STANDARDS = st.sampled_from(list(Standard))
SCHEMA = etree.XMLSchema(etree.parse(XSD))
JSON = Draft202012Validator(json.loads(JSON_SCHEMA.read_bytes()))


def _is_read(read: Callable[[bytes], Any], letter: bytes) -> str:
    """Empty where the reader takes it, else its findings."""
    try:
        read(letter)
    except InvalidLetter as invalid:
        return str(invalid)
    return ""


def test_what_is_shipped_is_what_the_models_say() -> None:
    """The schemas in the package are those of the models (else: python -m consumers.standards.schema)."""
    assert XSD.read_bytes() == xsd()
    assert JSON_SCHEMA.read_bytes() == json_schema()


def test_the_json_schema_is_one() -> None:
    """It keeps to draft 2020-12."""
    Draft202012Validator.check_schema(json.loads(JSON_SCHEMA.read_bytes()))


@given(STANDARDS, SEEDS, st.floats(0, 1))
@settings(max_examples=120, deadline=None)
def test_letters_pass_both_schemas_and_go_from_form_to_form(standard: Standard, seed: int, fill: float) -> None:
    """XML to letter to JSON to letter to XML ends with what it began with, and each schema takes its form."""
    letter = brev(standard, Random(seed), fill)
    xml = write_xml(letter)
    SCHEMA.assertValid(etree.fromstring(xml))
    assert read_xml_letter(xml) == letter
    as_json = write_json(read_xml_letter(xml))
    JSON.validate(json.loads(as_json))
    assert read_json_letter(as_json) == letter
    assert write_xml(read_json_letter(as_json)) == xml
    assert read_xml_letter(write_xml(letter, declaration=True, indent=True)) == letter
    assert read_json_letter(write_json(letter, indent=2)) == letter


@given(STANDARDS, SEEDS)
@settings(max_examples=400, deadline=None)
def test_the_xml_schema_and_the_reader_refuse_the_same(standard: Standard, seed: int) -> None:
    """Whatever is changed in a document: what the XSD refuses, the reader refuses, and the other way round."""
    random = Random(seed)
    root = etree.fromstring(write_xml(brev(standard, random)))
    done = [spoil_xml(root, random) for _ in range(random.choice([1, 1, 2]))]
    letter = etree.tostring(root)
    valid = SCHEMA.validate(etree.fromstring(letter))
    refused = _is_read(read_xml_letter, letter)
    assert valid == (not refused), (done, SCHEMA.error_log.last_error, refused)  # type: ignore[attr-defined]


@given(STANDARDS, SEEDS)
@settings(max_examples=400, deadline=None)
def test_the_json_schema_and_the_reader_refuse_the_same(standard: Standard, seed: int) -> None:
    """The same of JSON."""
    random = Random(seed)
    data = document(standard, random)
    done = [spoil_json(data, random) for _ in range(random.choice([1, 1, 2]))]
    letter = json.dumps(data).encode()
    valid = JSON.is_valid(json.loads(letter))
    refused = _is_read(read_json_letter, letter)
    assert valid == (not refused), (done, [str(each)[:300] for each in JSON.iter_errors(data)][:2], refused)


@pytest.mark.parametrize("more", ['"hjemmel":"x","hjemmel":"y",', '"hjemmel":"\\ud800",'])
def test_what_only_the_json_reader_refuses(more: str) -> None:
    """A name twice in an object, and half a surrogate pair: a schema sees values, not the document."""
    letter = write_json(brev(Standard.MATCH, Random(1), 0)).replace(b"{", b"{" + more.encode(), 1)
    assert JSON.is_valid(json.loads(letter))
    assert _is_read(read_json_letter, letter)


def test_what_only_the_xml_reader_refuses() -> None:
    """xsi:type, even where it names the type that stands there anyway: letters have no attributes."""
    root = etree.fromstring(write_xml(brev(Standard.MATCH, Random(1), 1)))
    root[0].set("{http://www.w3.org/2001/XMLSchema-instance}type", "Id")
    letter = etree.tostring(root)
    assert f'xmlns="{NS}"'.encode() in letter
    assert SCHEMA.validate(etree.fromstring(letter))
    assert "attribute" in _is_read(read_xml_letter, letter)
