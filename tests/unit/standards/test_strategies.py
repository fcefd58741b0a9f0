"""Strategies for property tests of vendors."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings

from consumers.standards.documents import form_of, validate
from consumers.standards.fault import Fault, Spoilt
from consumers.standards.json_form import write_json
from consumers.standards.letters import Brev
from consumers.standards.standard import Standard
from consumers.standards.strategies import courses, letters, spoilt_letters
from consumers.standards.xml_form import write_xml

PAGE = Path(__file__).resolve().parents[3] / "docs" / "generators.md"
FEW = settings(
    max_examples=60, deadline=timedelta(seconds=10), suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@FEW
@given(letters())
def test_letters_are_valid(brev: Brev) -> None:
    """Whatever hypothesis chooses, also the plainest and the oddest: valid in XML and JSON."""
    for document in (write_xml(brev), write_json(brev)):
        assert validate(document) == (brev, [])


@FEW
@given(letters(Standard.KVITTERING))
def test_letters_of_one_standard(brev: Brev) -> None:
    """One asks for a standard and gets no other."""
    assert brev.standard is Standard.KVITTERING


@FEW
@given(courses())
def test_courses_are_letters_of_one_forloeb(course: tuple[Brev, ...]) -> None:
    """Nine letters, and one more for each further tilbud that was asked; by time, ids all different."""
    assert len({brev.forloebs_id for brev in course}) == 1
    assert len({brev.besked_id for brev in course}) == len(course) == 8 + len(course[0].modtagere)
    assert [brev.data_tidspunkt for brev in course] == sorted(brev.data_tidspunkt for brev in course)
    for brev in course:
        assert validate(write_json(brev)) == (brev, [])


@FEW
@given(spoilt_letters())
def test_spoilt_letters_are_refused_for_their_fault(spoilt: Spoilt) -> None:
    """The path and the rule that are promised are found."""
    findings = validate(spoilt.document, today=spoilt.today)[1]
    assert (spoilt.path, spoilt.rule) in [(finding.path, finding.rule) for finding in findings]


@FEW
@given(spoilt_letters(Standard.BESTILLING, "json", Fault.UNKNOWN_CODE))
def test_spoilt_letters_of_one_kind(spoilt: Spoilt) -> None:
    """One asks for standard, form and fault, and gets them."""
    assert (form_of(spoilt.document), spoilt.fault, spoilt.rule) == ("json", Fault.UNKNOWN_CODE, "code")


def test_the_plainest_letter_is_small_and_has_different_ids() -> None:
    """What a counterexample shrinks to: only what is required, ids that can be told apart."""
    brev = find(letters(Standard.MATCH), lambda brev: True, settings=settings(phases=[Phase.generate, Phase.shrink]))
    assert (brev.borger.koen, brev.modtagere[1:], brev.svarfrist) == ("kvinde", (), None)  # type: ignore[attr-defined]
    text = write_json(brev).decode()
    ids = re.findall(r'"(?:beskedId|forloebsId|organisationId)":"([^"]*)"', text)
    assert len(set(ids)) == len(ids) == 4


def test_the_worked_example_of_the_page_runs() -> None:
    """docs/generators.md: its test fails on its faulty inbox, with a letter small enough to read."""
    code = re.search(r"```python\n(# test_inbox.py\n.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {"__name__": "test_inbox"}
    exec(compile(code[1], str(PAGE), "exec"), names)
    tests = {name: test for name, test in names.items() if name.startswith("test_")}
    assert set(tests) == {"test_takes_every_letter", "test_refuses_for_the_reason", "test_reads_a_course_to_its_end"}
    for name, test in tests.items():
        if name == "test_takes_every_letter":
            with pytest.raises(KeyError, match="email"):
                settings(FEW, max_examples=200, phases=[Phase.generate], database=None)(test)()
        else:
            FEW(test)()


def test_the_other_code_of_the_page_runs() -> None:
    """What the page shows of generators and faults is true."""
    blocks = re.findall(r"```python\n(from .*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), {})


def test_the_page_names_every_fault() -> None:
    """The table of docs/generators.md is the list in the code, in its order."""
    rows = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [fault.value for fault in Fault]
