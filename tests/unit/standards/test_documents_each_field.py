"""Every field of all nine letters in both forms: taken away, with an unknown code, at and over its limit."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from consumers.standards.documents import read_letter
from consumers.standards.findings import Finding, InvalidLetter
from consumers.standards.paths import Loc, json_path, xml_path
from consumers.standards.shape import Member, letter_shapes
from consumers.standards.standard import Standard
from tests.unit.standards.places import as_json, element, every, holder, name, tree

Case = tuple[Standard, Loc, Member]
ALL = every()
REQUIRED = [case for case in ALL if case[2].required]
CODES = [case for case in ALL if case[2].leaf and case[2].leaf.kind == "code"]
TEXTS = [case for case in ALL if case[2].leaf and case[2].leaf.kind == "text"]
FORMS = [case for case in ALL if case[2].leaf and case[2].leaf.kind == "form"]
NUMBERS = [case for case in ALL if case[2].leaf and case[2].leaf.kind == "whole"]
UNKNOWN = "00000000-dead-4000-8000-000000000000"


def _findings(document: bytes) -> tuple[Finding, ...]:
    try:
        read_letter(document)
    except InvalidLetter as invalid:
        return invalid.findings
    return ()


def _xml_with(case: Case, text: str) -> tuple[Finding, ...]:
    standard, loc, _ = case
    root = tree(standard)
    element(root, letter_shapes()[standard], loc).text = text
    return _findings(etree.tostring(root))


def _json_with(case: Case, value: Any) -> tuple[Finding, ...]:
    standard, loc, _ = case
    data = as_json(standard)
    holder(data, loc)[loc[-1]] = value
    return _findings(json.dumps(data).encode())


def _both(case: Case, text: str) -> list[str]:
    """The rules of what is found in either form, all at the right place."""
    standard, loc, _ = case
    xml, json_ = _xml_with(case, text), _json_with(case, text)
    assert [finding.path for finding in xml] == [xml_path(letter_shapes()[standard], loc)] * len(xml)
    assert [finding.path for finding in json_] == [json_path(loc)] * len(json_)
    return [finding.rule for finding in (*xml, *json_)]


def test_nothing_is_left_out() -> None:
    """The cases below cover the fields that there are: some hundreds, of all letters."""
    assert {standard for standard, _, _ in ALL} == set(Standard)
    assert len(ALL) > 500
    assert min(len(REQUIRED) - 300, len(CODES) - 50, len(TEXTS) - 150, len(FORMS) - 150, len(NUMBERS) - 1) > 0


@pytest.mark.parametrize("standard", Standard)
def test_a_letter_with_all_fields_is_taken(standard: Standard) -> None:
    """What the changes below are made to is valid in both forms."""
    assert not _findings(etree.tostring(tree(standard)))
    assert not _findings(json.dumps(as_json(standard)).encode())


@pytest.mark.parametrize("case", REQUIRED, ids=map(name, REQUIRED))
def test_a_required_field_taken_away(case: Case) -> None:
    """The only finding names the field where it should stand."""
    standard, loc, member = case
    shape, place = letter_shapes()[standard], loc[:-1] if member.many else loc
    root = tree(standard)
    gone = element(root, shape, loc)
    parent = gone.getparent()
    assert parent is not None
    for each in parent.findall(str(gone.tag)):
        parent.remove(each)
    [finding] = _findings(etree.tostring(root))
    assert (finding.path, finding.rule) == (xml_path(shape, place), "required")
    assert member.element in finding.text
    assert member.doc in finding.text
    data = as_json(standard)
    del holder(data, place)[place[-1]]
    [finding] = _findings(json.dumps(data).encode())
    assert (finding.path, finding.rule) == (json_path(place), "required")
    assert member.json in finding.text


@pytest.mark.parametrize("case", CODES, ids=map(name, CODES))
def test_an_unknown_code(case: Case) -> None:
    """The finding shows the code that was seen, names codes that there are, and asks about the FFB version."""
    leaf = case[2].leaf
    assert leaf
    assert _both(case, UNKNOWN) == ["code", "code"]
    [finding] = _xml_with(case, UNKNOWN)
    assert finding.value == UNKNOWN
    assert UNKNOWN in finding.text
    assert leaf.values[0][0] in finding.text
    assert leaf.values[0][1] in finding.text
    assert ("newer FFB version" in finding.text) == leaf.ffb
    assert _both(case, leaf.values[-1][0]) == []


@pytest.mark.parametrize("case", TEXTS, ids=map(name, TEXTS))
def test_a_text_at_its_limit(case: Case) -> None:
    """As many characters as allowed are taken, one more is not; characters are code points, not bytes."""
    leaf = case[2].leaf
    assert leaf
    assert leaf.limit
    for character in "x", "😀":
        assert _both(case, character * leaf.limit) == []
        assert _both(case, character * (leaf.limit + 1)) == ["length", "length"]
    [finding] = _json_with(case, "x" * (leaf.limit + 1))
    assert str(leaf.limit) in finding.text
    assert len(finding.value) < 100


@pytest.mark.parametrize("case", TEXTS, ids=map(name, TEXTS))
def test_a_blank_text(case: Case) -> None:
    """No text is only white space, of whatever kind."""
    for blank in "", " \n\t", "\u00a0\u200b":
        assert _both(case, blank) == ["blank", "blank"]


@pytest.mark.parametrize("case", FORMS, ids=map(name, FORMS))
def test_a_value_in_no_right_form(case: Case) -> None:
    """The finding shows the value, and how it is to be written; white space around it is not passed over."""
    leaf = case[2].leaf
    assert leaf
    assert leaf.form
    assert _both(case, "~~") == ["lexical", "lexical"]
    [finding] = _json_with(case, "~~")
    assert "~~" in finding.text
    assert leaf.form.expected in finding.text
    standard, loc, _ = case
    good = holder(as_json(standard), loc)[loc[-1]]
    for changed in f"{good}\n", f" {good}":
        assert _both(case, changed) == ["lexical", "lexical"]


@pytest.mark.parametrize("case", NUMBERS, ids=map(name, NUMBERS))
def test_a_number_at_its_limits(case: Case) -> None:
    """The lowest and the highest number are taken, the next ones are not."""
    leaf = case[2].leaf
    assert leaf
    for number, rules in (leaf.low, []), (leaf.high, []), (leaf.high + 1, ["range"]):
        assert [finding.rule for finding in _xml_with(case, str(number))] == rules
        assert [finding.rule for finding in _json_with(case, number)] == rules
    assert [finding.rule for finding in _xml_with(case, "-1")] == ["lexical"]
    assert [finding.rule for finding in _json_with(case, -1)] == ["range"]
