"""The readable examples: nine letters of one course."""

from __future__ import annotations

import re

import pytest

from consumers.kuvert import read_kuvert
from consumers.part import Part
from consumers.standards.documents import validate
from consumers.standards.envelope import read_envelope, write_envelope
from consumers.standards.examples import MAERKE, example
from consumers.standards.generate import BY_TIME
from consumers.standards.json_form import write_json
from consumers.standards.letters import LETTERS, Anmodning, Bestilling, Match, Opfoelgning, Statusnotat
from consumers.standards.rules_content import born_on
from consumers.standards.standard import Standard
from consumers.standards.xml_form import write_xml


@pytest.mark.parametrize("standard", Standard)
def test_an_example_is_valid_and_always_the_same(standard: Standard) -> None:
    """In XML and in JSON, with no fault and no flag."""
    brev = example(standard)
    assert type(brev) is LETTERS[standard]
    assert example(standard) == brev
    for document in (write_xml(brev), write_json(brev)):
        assert validate(document) == (brev, [])


@pytest.mark.parametrize("standard", Standard)
def test_an_example_says_that_it_is_synthetic(standard: Standard) -> None:
    """In a text that a caseworker would read, and in the names of the parties."""
    brev = example(standard)
    assert write_json(brev).decode().count(MAERKE) == 1
    assert all(party.navn.endswith("(syntetisk)") for party in (brev.afsender, *brev.modtagere))


@pytest.mark.parametrize("standard", Standard)
def test_an_example_travels_in_an_envelope(standard: Standard) -> None:
    """What is read from its message is the letter."""
    brev = example(standard)
    sender = Part(brev.afsender.navn, brev.afsender.cvr, brev.afsender.organisation_id)
    assert read_envelope(read_kuvert(write_envelope(brev, sender))) == brev


def test_examples_are_one_course() -> None:
    """Same forløb, case and parties; each later than the one before, and answering one that was sent."""
    letters = [example(standard) for standard in BY_TIME]
    assert len({(brev.forloebs_id, brev.sagsreference) for brev in letters}) == 1
    assert len({party.organisation_id for brev in letters for party in (brev.afsender, *brev.modtagere)}) == 3
    times = [brev.data_tidspunkt for brev in letters]
    assert times == sorted(set(times))
    sent: dict[str, Standard] = {}
    for brev in letters:
        assert brev.besvarer_besked_id is None or sent[brev.besvarer_besked_id] in brev.standard.facts.besvarer
        sent[brev.besked_id] = brev.standard


def test_examples_are_about_one_citizen_with_the_same_goals() -> None:
    """Age and initials of the match fit the order; the goals are asked about, told of, and followed up."""
    match, order = example(Standard.MATCH), example(Standard.BESTILLING)
    asked, told, held = example(Standard.ANMODNING), example(Standard.STATUSNOTAT), example(Standard.OPFOELGNING)
    assert isinstance(match, Match)
    assert isinstance(order, Bestilling)
    assert isinstance(asked, Anmodning)
    assert isinstance(told, Statusnotat)
    assert isinstance(held, Opfoelgning)
    born, day = born_on(order.borger.cpr), match.data_tidspunkt.date()
    assert born is not None
    assert match.borger.alder == day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    names = (*order.borger.fornavne, order.borger.efternavn)
    assert re.sub(r"\W", "", match.borger.initialer) == "".join(name[0] for name in names)
    goals = [maal.id for maal in order.indsats.maal]
    assert list(asked.indsatsmaal) == goals == [status.id for status in told.maalstatus]
    assert [change.id for change in held.maalaendringer] == goals
