"""Verdicts as JUnit XML, JSON and one line."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from consumers.scenario.junit import write_junit
from consumers.scenario.verdict import Figures, Finding, Verdict
from consumers.scenario.view import summary

GOOD = Finding("steps[0]: match anna", True, "2030-01-07", seconds=0.25, kind="step")
BAD = Finding("expect[0]: tilstand", False, "expected I_GANG; anna: BESTILT", ("id-1",), ("id-1 accepted <&",), 0.5)
VERDICT = Verdict("my <scenario>", 7, (GOOD, BAD, BAD), Figures(letters=4, kills=1, seconds=2.0))


def test_each_finding_is_a_testcase_and_each_failure_says_what_was_seen() -> None:
    """A CI tool shows one test for each step and expectation, with its time, what was found, and the trace."""
    suites = ElementTree.fromstring(write_junit([VERDICT, replace(VERDICT, seed=8, findings=(GOOD,))]))
    assert (suites.get("tests"), suites.get("failures"), suites.get("time")) == ("4", "2", "4.000")
    first, second = suites.findall("testsuite")
    assert first.get("name") == "my <scenario> (seed 7)"
    assert [case.get("time") for case in first.findall("testcase")] == ["0.250", "0.500", "0.500"]
    failures = [case.find("failure") for case in first.findall("testcase")]
    assert failures[0] is None
    assert failures[1] is not None
    assert failures[1].get("message") == BAD.seen
    assert "id-1 accepted <&" in (failures[1].text or "")
    assert (second.get("tests"), second.get("failures")) == ("1", "0")


def test_names_of_testcases_are_unique_within_a_run() -> None:
    """Two expectations that read alike are two tests, not one."""
    suites = ElementTree.fromstring(write_junit([VERDICT]))
    names = [case.get("name") for case in suites.iter("testcase")]
    assert len(set(names)) == len(names) == 3


def test_the_seed_and_the_figures_are_properties() -> None:
    """Who reads the report can run the same again."""
    suites = ElementTree.fromstring(write_junit([VERDICT]))
    found = {one.get("name"): one.get("value") for one in suites.iter("property")}
    assert found["seed"] == "7"
    assert found["letters"] == "4"
    assert found["kills"] == "1"


def test_what_xml_cannot_hold_is_replaced() -> None:
    """A control character in a text does not make the report unreadable."""
    odd = Verdict("x", 1, (Finding("a\x00b", False, "c\x1bd\ud800"),))
    case = ElementTree.fromstring(write_junit([odd])).find("testsuite/testcase")
    assert case is not None
    assert case.get("name") == "01 a\ufffdb"


def test_a_verdict_is_ok_only_where_something_was_found_and_all_of_it_holds() -> None:
    """A run that was broken off before its first step is no success."""
    assert not VERDICT.ok
    assert not Verdict("x", 1, ()).ok
    assert Verdict("x", 1, (GOOD,)).ok
    assert VERDICT.failed == (BAD, BAD)
    assert VERDICT.to_json()["findings"][1]["trace"] == ["id-1 accepted <&"]
    assert "2 of 3 do not hold" in summary(VERDICT).plain
