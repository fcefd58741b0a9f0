"""docs/standards.md says what the models and rules say."""

from __future__ import annotations

import re
from pathlib import Path

from consumers.standards.documents import validate
from consumers.standards.examples import example
from consumers.standards.json_form import write_json
from consumers.standards.page import renewed
from consumers.standards.rules import RULES
from consumers.standards.shape import NS
from consumers.standards.standard import Rolle, Standard
from consumers.standards.xml_form import write_xml

PAGE = (Path(__file__).parents[3] / "docs/standards.md").read_text("utf-8")


def test_the_tables_are_those_of_the_models() -> None:
    """Else: python -m consumers.standards.page."""
    assert renewed(PAGE) == PAGE


def test_the_letters_are_listed_with_whom_they_come_from() -> None:
    """Number, name and writer of each."""
    rows = dict(re.findall(r"^\| (\w+) \| ([^|]*\| [^|]*)\|", PAGE, re.MULTILINE))
    for standard in Standard:
        facts = standard.facts
        assert facts.navn in rows[facts.nummer]
        assert ("myndighed" if facts.fra is Rolle.MYNDIGHED else "udfører") in rows[facts.nummer].partition("|")[2]


def test_the_findings_shown_are_those_that_one_gets() -> None:
    """Word for word."""
    brev = example(Standard.BESTILLING)
    _, [in_xml] = validate(write_xml(brev).replace(b"<Rang>2", b"<Rang>9"))
    _, [in_json] = validate(write_json(brev).replace(b'"rang":"2"', b'"rang":"1"'))
    assert f"```\n{in_xml}\n{in_json}\n```" in PAGE


def test_a_rule_is_named_by_one_word() -> None:
    """Ids are short, sentences end with a full stop, and each has a source."""
    assert NS in PAGE
    for rule in RULES:
        assert re.fullmatch(r"[A-Z]+-?[0-9]", rule.id)
        assert rule.text.endswith(".")
        assert rule.kilde.startswith(("seed", "pub", "assumed"))
