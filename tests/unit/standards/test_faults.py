"""Spoilt letters: one fault each, and a validator that finds just that one."""

from __future__ import annotations

import json
from random import Random

import pytest

from consumers.standards.documents import form_of, validate
from consumers.standards.examples import example
from consumers.standards.fault import OF_RULES, Fault, Spoilt
from consumers.standards.faults import possible, spoil
from consumers.standards.form_faults import FAULTS, everywhere
from consumers.standards.generate import generate
from consumers.standards.json_form import write_json
from consumers.standards.paths import Form
from consumers.standards.rule_faults import BREAKERS, BY_THE_DAY, breakable
from consumers.standards.rules import RULES
from consumers.standards.standard import Standard
from consumers.standards.xml_form import write_xml

FORMS: tuple[Form, ...] = ("xml", "json")


def assert_found(spoilt: Spoilt) -> None:
    """The validator says what was promised, of a fault of form nothing else, and of a flag that the letter is valid."""
    brev, findings = validate(spoilt.document, today=spoilt.today)
    promised = (spoilt.path, spoilt.rule, spoilt.severity)
    found = [(finding.path, finding.rule, finding.severity) for finding in findings]
    assert promised in found, (spoilt.fault, promised, [str(finding) for finding in findings])
    if spoilt.structural:
        assert found == [promised]
    assert (brev is None) == spoilt.structural


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("standard", Standard)
def test_every_fault_is_found_where_it_is(standard: Standard, form: Form) -> None:
    """Every kind of fault that a letter can have, at places picked at random."""
    for seed in range(6):
        random = Random(seed)
        brev = generate(standard, random)
        for fault in possible(brev, form):
            spoilt = spoil(brev, random, fault, form=form)
            assert spoilt.fault is fault
            assert_found(spoilt)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fault", [Fault.MISSING, Fault.UNKNOWN_CODE, Fault.TOO_LONG, Fault.BLANK, Fault.TWICE])
@pytest.mark.parametrize("standard", Standard)
def test_every_field_is_tried(standard: Standard, fault: Fault, form: Form) -> None:
    """Each required field removed, each code unknown, each text too long or blank, each field twice: all of them."""
    spoilt_ones = list(everywhere(example(standard), fault, Random(1), form))
    assert spoilt_ones
    assert len({spoilt.path for spoilt in spoilt_ones}) == len(spoilt_ones)
    for spoilt in spoilt_ones:
        assert_found(spoilt)


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_every_rule_can_be_broken(rule: str) -> None:
    """For each rule there are letters that break it, of each standard that it is about, and the finding names it."""
    about = next(one.standards for one in RULES if one.id == rule)
    for standard in about:
        broken = 0
        for seed in range(12):
            random = Random(seed)
            brev = generate(standard, random)
            if rule not in BY_THE_DAY and rule not in breakable(brev):
                continue
            spoilt = spoil(brev, random, rule=rule, form=FORMS[seed % 2])
            assert (spoilt.fault, spoilt.rule) == (Fault.RULE, rule)
            assert_found(spoilt)
            broken += 1
        assert broken or rule == "TID-1", f"{rule} is never broken by {standard}"


def test_there_is_a_way_to_break_each_rule_and_no_other() -> None:
    """A new rule is not forgotten, and one that is gone leaves nothing."""
    assert set(BREAKERS) == {rule.id for rule in RULES}


def test_every_kind_of_fault_occurs() -> None:
    """Left to chance, all kinds come, in XML and in JSON."""
    seen = {form: set[Fault]() for form in FORMS}
    for seed in range(220):
        random = Random(seed)
        for form in FORMS:
            seen[form].add(spoil(generate(list(Standard)[seed % 9], random), random, form=form).fault)
    only = {fault: one.only for fault, one in FAULTS.items() if one.only}
    only |= {Fault.NAMESPACE: "xml", Fault.DTD: "xml"}
    for form in FORMS:
        assert seen[form] == {fault for fault in Fault if only.get(fault, form) == form}


def test_without_consent() -> None:
    """R1: the letter has neither samtykke nor hjemmel, whatever it had before."""
    for seed in range(20):
        spoilt = spoil(generate(Standard.BESTILLING, Random(seed)), Random(seed), Fault.NO_CONSENT, form="json")
        document = json.loads(spoilt.document)
        assert (spoilt.rule, spoilt.path) == ("R1", "samtykke")
        assert not {"samtykke", "hjemmel"} & set(document)


def test_an_old_ffb_version_is_a_flag() -> None:
    """R8: it is told, and the letter is read all the same."""
    spoilt = spoil(example(Standard.STATUSNOTAT), Random(1), Fault.OLD_FFB)
    assert (spoilt.rule, spoilt.path, spoilt.severity) == ("R8", "/Statusnotat/FfbVersion", "flag")
    brev, findings = validate(spoilt.document)
    assert brev is not None
    assert [finding.severity for finding in findings] == ["flag"]


def test_only_the_fault_is_changed() -> None:
    """A spoilt letter differs from the letter by its fault alone: the field put back, it is the letter again."""
    brev = example(Standard.BESTILLING)
    for fault in (Fault.UNKNOWN_CODE, Fault.TOO_LONG, Fault.WRONG_DATE, Fault.NULL):
        for seed in range(10):
            spoilt = spoil(brev, Random(seed), fault, form="json")
            data, whole = json.loads(spoilt.document), json.loads(write_json(brev))
            steps = spoilt.path.replace("[", ".").replace("]", "").split(".")
            one, other = data, whole
            for step in steps[:-1]:
                key = int(step) if step.isdigit() else step
                one, other = one[key], other[key]
            last = int(steps[-1]) if steps[-1].isdigit() else steps[-1]
            assert one[last] != other[last]
            one[last] = other[last]
            assert data == whole


@pytest.mark.parametrize("form", FORMS)
def test_documents_are_of_the_form_asked_for(form: Form) -> None:
    """XML or JSON, also where it is not well-formed."""
    brev = example(Standard.MATCH)
    for fault in possible(brev, form):
        assert form_of(spoil(brev, Random(1), fault, form=form).document) == form


def test_a_fault_that_a_letter_cannot_have_is_said() -> None:
    """An anmodning has no CPR number, XML no null, and a match breaks no rule about orders."""
    brev = example(Standard.ANMODNING)
    for arguments in ({"fault": Fault.WRONG_CPR}, {"fault": Fault.NULL}, {"rule": "FFB-5"}, {"rule": "R1"}):
        with pytest.raises(ValueError, match="this anmodning in xml cannot have the fault"):
            spoil(brev, Random(1), **arguments)


def test_same_seed_same_fault() -> None:
    """A fault that was found once can be made again."""
    for form in FORMS:
        one, other = (spoil(generate(Standard.MATCH, Random(7)), Random(8), form=form) for _ in range(2))
        assert one == other


def test_faults_of_rules_leave_the_form_alone() -> None:
    """A validator that reads without judging rules takes them."""
    brev = example(Standard.BESTILLING)
    for fault in OF_RULES:
        spoilt = spoil(brev, Random(2), fault)
        assert not spoilt.structural
        assert validate(spoilt.document)[0] is not None
    assert validate(write_xml(brev)) == (brev, [])
