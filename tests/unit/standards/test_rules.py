"""Each rule between fields: broken alone it gives exactly its finding; what is just not broken gives none."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from consumers.standards.codes import FFB_VERSION
from consumers.standards.documents import validate
from consumers.standards.examples import example
from consumers.standards.json_form import read_json_letter, write_json
from consumers.standards.rules import RULES, check
from consumers.standards.rules_content import born_on
from consumers.standards.standard import Standard
from consumers.standards.xml_form import write_xml
from tests.unit.standards.rule_case import GONE, MOTION, B, Case, M, O
from tests.unit.standards.rule_cases_content import CONTENT
from tests.unit.standards.rule_cases_head import HEAD

TODAY = date(2026, 7, 1)
CASES = [*HEAD, *CONTENT]


def _changed(standard: Standard, changes: dict[str, Any]) -> bytes:
    data = json.loads(write_json(example(standard)))
    for path, value in changes.items():
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
        holder = data
        for step in steps:
            holder = holder[step]
        if value is GONE:
            holder.pop(last, None)
        else:
            holder[last] = deepcopy(value)
    return json.dumps(data).encode()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_rule_that_is_broken_gives_its_finding_only(case: Case) -> None:
    """In both forms, with the path as the form has it and the severity of the rule."""
    document = _changed(case.standard, case.breaks)
    brev, [finding] = validate(document, today=TODAY)
    assert (finding.rule, finding.path) == (case.rule, case.json)
    assert finding.severity == ("flag" if case.rule == "R8" else "error")
    assert brev is not None
    _, [again] = validate(write_xml(brev), today=TODAY)
    assert (again.path, again.text, again.rule) == (case.xml, finding.text, case.rule)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_nearly_broken_gives_none(case: Case) -> None:
    """The change next to it that is allowed; where there is none to try, the letter without a change."""
    assert validate(_changed(case.standard, case.near), today=TODAY)[1] == []


def test_every_rule_has_its_cases() -> None:
    """No rule without a case here, no id twice, and each rule only for letters that can break it."""
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert {case.rule for case in CASES} == set(ids)
    of = {rule.id: rule.standards for rule in RULES}
    assert not [case for case in CASES if case.standard not in of[case.rule]]


@pytest.mark.parametrize("standard", Standard)
def test_the_example_breaks_none(standard: Standard) -> None:
    """What the cases change is without fault, on its day and later."""
    assert check(example(standard)) == check(example(standard), today=TODAY) == []


@pytest.mark.parametrize(
    ("read", "day", "broken"),
    [
        ("2026-04-16T22:30:00Z", "2026-04-17", False),
        ("2026-04-16T21:59:59Z", "2026-04-17", True),
        ("2026-04-16T23:59:59+02:00", "2026-04-17", True),
        ("2026-04-17T08:00:00+10:00", "2026-04-17", False),
        ("2026-04-16T23:30:00+00:00", "2026-04-18", True),
    ],
)
def test_a_fagsystem_that_writes_utc_is_not_refused_at_night(read: str, day: str, broken: bool) -> None:
    """What happened today is not in the future because the clock of UTC is still at yesterday (TID-1)."""
    brev = read_json_letter(_changed(Standard.MARKANT_AENDRING, {"dataTidspunkt": read, "dato": day}))
    assert [each.rule for each in check(brev)] == (["TID-1"] if broken else [])


def test_consent_is_judged_by_the_day_it_is() -> None:
    """Without a day it is the one on which the data were read."""
    brev = read_json_letter(_changed(M, {"samtykke.gyldigTil": "2026-01-14"}))
    assert check(brev) == []
    assert [each.rule for each in check(brev, today=date(2026, 1, 15))] == ["R1"]


def test_the_newest_ffb_version_can_be_said() -> None:
    """A letter of the version that we know is flagged where a newer one is known."""
    brev = example(M)
    assert brev.ffb_version == FFB_VERSION
    assert [each.rule for each in check(brev, ffb_version="20990101")] == ["R8"]


def test_findings_of_rules_stand_in_the_order_of_the_letter() -> None:
    """Whatever the order in which the rules are looked at."""
    changes = {"ffbVersion": "20230101", "nyBestilling": True, "resultat": "d7d03656-4c87-4e67-9146-aa5990460f16"}
    changes["besvarerBeskedId"] = example(O).besked_id
    changes["funktionsevneaendringer.0.tema"] = MOTION
    _, findings = validate(_changed(O, changes), today=TODAY)
    assert [each.rule for each in findings] == ["R8", "SVAR-3", "FFB-7", "NY-1"]


def test_a_finding_shows_no_whole_cpr_number() -> None:
    """Day of birth stays, the last four digits do not, neither in the text nor in the value."""
    _, [finding] = validate(_changed(B, {"borger.cpr": "3002901234"}), today=TODAY)
    assert "300290-****" in finding.text
    assert finding.value == "300290-****"
    assert not re.search("3002901234", str(finding))


@pytest.mark.parametrize(
    ("cpr", "born"),
    [
        ("0101000000", date(1900, 1, 1)),
        ("3112993999", date(1999, 12, 31)),
        ("0101364000", date(2036, 1, 1)),
        ("0101374000", date(1937, 1, 1)),
        ("0101575000", date(2057, 1, 1)),
        ("0101588000", date(1858, 1, 1)),
        ("0101369000", date(2036, 1, 1)),
        ("0101379000", date(1937, 1, 1)),
        ("6101000000", date(1900, 1, 1)),
        ("2902001000", None),  # 1900 had no 29 February
        ("2902005000", date(2000, 2, 29)),
        ("0000000000", None),
    ],
)
def test_the_seventh_digit_tells_the_century(cpr: str, born: date | None) -> None:
    """As CPR-kontoret says: 0-3 are the 1900s, 4 and 9 turn at 36, 5-8 at 57."""
    assert born_on(cpr) == born
