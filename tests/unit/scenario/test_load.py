"""Reading scenario files: what is right is read, and what is wrong is told where it stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.scenario.load import load_file, load_text
from consumers.scenario.problem import Problem, ScenarioError

HEAD = """\
scenario: proof
parties:
  nordby: {kind: myndighed}
  birkely: {kind: tilbud, cvr: nordby}
citizens:
  anna: {myndighed: nordby}
"""
WRONG = {
    "steps:\n  - mach: {citizen: anna, to: birkely}\n": (
        "8:5: steps[0].mach: unknown key 'mach'; expected one of",
        "(nearest: 'match')",
    ),
    "steps:\n  - match: {citizen: anna, to: birkley}\n": (
        "8:32: steps[0].match.to[0]: no party 'birkley'; expected one of nordby, birkely (nearest: 'birkely')",
    ),
    "steps:\n  - match: {citizen: ana, to: birkely}\n": (
        "8:22: steps[0].match.citizen: no citizen 'ana'; expected one of anna (nearest: 'anna')",
    ),
    "steps:\n  - match: {citizen: anna, to: nordby}\n": (
        "8:32: steps[0].match.to[0]: 'nordby' is a myndighed; expected a tilbud: birkely",
    ),
    "steps:\n  - match: {citizen: anna}\n": ("8:12: steps[0].match: 'to' is missing",),
    "steps:\n  - days: many\n": ("8:11: steps[0].days: found 'many'; expected a whole number",),
    "steps:\n  - days: 0\n": ("8:11: steps[0].days: found '0'; expected at least 1",),
    "steps:\n  - until: 2030-13-01\n": ("8:12: steps[0].until: found '2030-13-01'; expected a day as 2026-01-31",),
    "steps:\n  - days: 3\n    note: hi\n": ("8:5: steps[0]: has days and note; expected exactly one verb",),
    "steps:\n  - anmod:\n": ("8:5: steps[0]: 'anmod' is empty",),
    "steps:\n  - together:\n      - days: 3\n": ("9:9: steps[0].together[0]: 'days' waits",),
    "steps:\n  - subscription: {party: birkely, do: halt}\n": (
        "8:40: steps[0].subscription.do: found 'halt'; expected one of stop, start",
    ),
    "steps:\n  - bestil: {citizen: anna, to: birkely, refused: R11}\n": (
        "8:51: steps[0].bestil.refused: found 'R11'; expected R1 to R10",
    ),
    "expect:\n  - tilstand: {citizen: anna, is: IGANG}\n": (
        "8:35: expect[0].tilstand.is[0]: found 'IGANG'; expected one of AFGJORT",
        "(nearest: 'I_GANG')",
    ),
    "expect:\n  - sent: {by: nordby, count: 1, at_least: 1}\n": ("8:11: expect[0].sent: has count and a limit",),
    "expect:\n  - received: {by: nordby, from: nobody}\n": ("8:34: expect[0].received.from: no party 'nobody'",),
    "expect:\n  - waiting_list: {at: nordby, count: 1}\n": (
        "8:24: expect[0].waiting_list.at: 'nordby' is a myndighed",
    ),
    "expect: nothing\n": ("7:9: expect: found 'nothing'; expected a list",),
    "sceanrio: x\n": ("7:1: sceanrio: unknown key 'sceanrio'; expected one of", "(nearest: 'scenario')"),
    "about: one\nabout: two\n": ("8:1: about: the key is there twice, first on line 7",),
    "about: &a one\n": ("7:8: about: has an anchor",),
    "about: [\n": ("cannot be read as YAML",),
    "generate: {myndigheder: 1, tilbud: 1, citizens: 1}\n": (
        "2:1: parties: stands beside generate",
        "5:1: citizens: stands beside generate",
    ),
}


@pytest.mark.parametrize("text", WRONG, ids=[text.strip().replace("\n", " ")[:60] for text in WRONG])
def test_a_mistake_is_told_with_its_place_and_what_was_expected(text: str) -> None:
    """Whoever writes a scenario is sent to the line and column of each mistake, with the nearest name."""
    with pytest.raises(ScenarioError) as refused:
        load_text(HEAD + text, "my.yaml")
    said = str(refused.value)
    assert said.startswith("my.yaml:")
    for part in WRONG[text]:
        assert part in said


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    """Nobody has to run the command once for each mistake."""
    with pytest.raises(ScenarioError) as refused:
        load_text(HEAD + "steps:\n  - days: x\n  - dys: 3\nexpect:\n  - sent: {by: 3x!}\n")
    assert [problem.mark.line for problem in refused.value.problems] == [8, 9, 11]


@pytest.mark.parametrize(
    ("party", "said"),
    [
        ("{kind: tilbud, sagsgang: {automatisk: false}}", "a tilbud has no sagsgang"),
        ("{kind: myndighed, places: 3}", "a myndighed has no places"),
        ("{kind: tilbud, cvr: 123}", "no party '123'"),
        ("{kind: tilbud, cvr: søby}", "no party 'søby'"),
        ("{kind: tilbud, profile: {navn: slow, answer_days: [1]}}", "answer_days"),
        ("{kind: tilbud, filter: x, standards: [match]}", "has filter and standards"),
        ("{kind: tilbud, navn: Nordby}", "has the navn 'Nordby'"),
    ],
)
def test_a_party_that_cannot_be_is_refused(party: str, said: str) -> None:
    """What does not go with a kind of party, and who refers to nobody, is told."""
    with pytest.raises(ScenarioError, match=said):
        load_text(f"scenario: x\nparties:\n  nordby: {{kind: myndighed, navn: Nordby}}\n  other: {party}\n")


def test_a_file_that_is_not_utf_8_is_named_with_the_line(tmp_path: Path) -> None:
    """A file saved in another encoding is told where the first foreign byte is."""
    path = tmp_path / "latin1.yaml"
    path.write_bytes("scenario: x\nabout: søster\n".encode("latin-1"))
    with pytest.raises(ScenarioError, match=r"latin1.yaml:2:1: byte 0xf8 is not UTF-8"):
        load_file(path)


@pytest.mark.parametrize("text", ["", "# nothing\n", "~\n"])
def test_an_empty_file_is_no_scenario(text: str) -> None:
    """An empty file is refused, with what was expected."""
    with pytest.raises(ScenarioError, match="is empty; expected a scenario"):
        load_text(text)


def test_shorthands_and_texts_are_read_as_what_is_wanted() -> None:
    """One value stands for a list of one, a name alone for its mapping, and numbers keep their zeros."""
    read = load_text(
        HEAD.replace("cvr: nordby", "cvr: 00990001, profile: slow")
        + "steps:\n  - match: {citizen: anna, to: birkely}\n  - anmod: anna\n  - until: 2031-02-03\n"
    )
    assert read.parties["birkely"].cvr == "00990001"
    assert read.parties["birkely"].profile.navn == "slow"
    assert read.steps[0].match is not None
    assert read.steps[0].match.to == ("birkely",)
    assert read.steps[1].anmod is not None
    assert read.steps[1].anmod.citizen == "anna"
    assert read.steps[2].until == date(2031, 2, 3)


def problems_of(text: str) -> tuple[Problem, ...]:
    """None where the text is a scenario."""
    try:
        load_text(text)
    except ScenarioError as refused:
        return refused.problems
    return ()


@given(st.text(max_size=300))
def test_no_text_makes_the_reader_crash(text: str) -> None:
    """Whatever stands in a file, the answer is a scenario or what is wrong with it; and this is no scenario."""
    assert problems_of(text)


@given(st.data())
def test_no_damage_makes_the_reader_crash(data: st.DataObject) -> None:
    """A good file with something cut out or put in is read or refused with places in it."""
    whole = HEAD + "steps:\n  - match: {citizen: anna, to: [birkely]}\nexpect:\n  - sent: {by: nordby, count: 1}\n"
    at = data.draw(st.integers(0, len(whole)))
    to = data.draw(st.integers(at, min(len(whole), at + 20)))
    damaged = whole[:at] + data.draw(st.text(alphabet="ab:{}[]-\n '\"&*!#x1", max_size=8)) + whole[to:]
    assert all(1 <= problem.mark.line <= damaged.count("\n") + 2 for problem in problems_of(damaged))
