"""Verdicts as JUnit XML, as CI tools read it: a testsuite for each run, a testcase for each step and expectation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from consumers.scenario.verdict import Finding, Verdict

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""


def write_junit(verdicts: Sequence[Verdict]) -> bytes:
    """The document, UTF-8."""
    suites = ElementTree.Element("testsuites", name="beskedfordeler scenario", **_counts(verdicts))
    for verdict in verdicts:
        suite = ElementTree.SubElement(
            suites, "testsuite", name=f"{_clean(verdict.scenario)} (seed {verdict.seed})", **_counts([verdict])
        )
        properties = ElementTree.SubElement(suite, "properties")
        for name, value in (("seed", verdict.seed), *_figures(verdict)):
            ElementTree.SubElement(properties, "property", name=name, value=str(value))
        for number, finding in enumerate(verdict.findings, start=1):
            _case(suite, verdict, finding, number)
    ElementTree.indent(suites)
    text = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    assert isinstance(text, bytes)
    return text + b"\n"


def _counts(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    return {
        "tests": str(sum(len(verdict.findings) for verdict in verdicts)),
        "failures": str(sum(len(verdict.failed) for verdict in verdicts)),
        "errors": "0",
        "skipped": "0",
        "time": f"{sum(verdict.figures.seconds for verdict in verdicts):.3f}",
    }


def _figures(verdict: Verdict) -> list[tuple[str, object]]:
    figures = verdict.figures
    return [(name, getattr(figures, name)) for name in ("letters", "deliveries", "again", "courses", "kills", "days")]


def _case(suite: ElementTree.Element, verdict: Verdict, finding: Finding, number: int) -> None:
    """Numbered: two expectations may read alike, and tools take names for identities."""
    case = ElementTree.SubElement(
        suite,
        "testcase",
        classname=f"{_clean(verdict.scenario)}.seed-{verdict.seed}",
        name=f"{number:02d} {_clean(finding.name)}",
        time=f"{finding.seconds:.3f}",
    )
    if not finding.ok:
        failure = ElementTree.SubElement(case, "failure", message=_clean(finding.seen), type=finding.kind)
        failure.text = _clean("\n".join((finding.seen, *finding.trace)))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
