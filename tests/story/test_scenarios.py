"""The scenarios that ship hold: once each in the gate, and many times over where BESKEDFORDELER_SCENARIO_RUNS says so.

``BESKEDFORDELER_SCENARIO_RUNS=20 pytest tests/story/test_scenarios.py`` runs each with the seeds 1 to 20, without kills
and with two kills of the emulator in the middle.
"""

from __future__ import annotations

import gc
import logging
import os
import warnings
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from adapters.cli.emulator_process import EmulatorProcess, emulator_process
from consumers.scenario import library
from consumers.scenario.control import Elsewhere
from consumers.scenario.load import load_file, load_text
from consumers.scenario.model import Generate, Scenario
from consumers.scenario.run import CannotRun, How, run_scenario
from consumers.scenario.verdict import Verdict

RUNS = int(os.environ.get("BESKEDFORDELER_SCENARIO_RUNS", "0"))
SCENARIOS = [name for name in library.names() if load_file(library.path_of(name)).generate is None]
TIMEOUT = 300.0
"""Seconds; a run takes one or two, with kills on a busy machine ten."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def emulator() -> AsyncIterator[EmulatorProcess]:
    """One for all: each run brings its own register, and takes it away."""
    async with emulator_process("--push-first-delay", "0.05", "--push-longest-delay", "0.5") as process:
        yield process


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """aiormq says more than needs be of an emulator that is killed, and aio-pika leaves coroutines behind."""
    for name in ("aiormq", "aio_pika"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "coroutine 'Connection.close' was never awaited", RuntimeWarning)
        yield
        gc.collect()  # here, and not in a test of others


def told(verdict: Verdict) -> str:
    """What does not hold, with its trace."""
    return "\n".join(f"{one.name}: {one.seen}\n  " + "\n  ".join(one.trace) for one in verdict.failed)


async def held(emulator: EmulatorProcess, name: str, how: How) -> Verdict:
    verdict = await run_scenario(load_file(library.path_of(name)), emulator, how)
    assert verdict.ok, f"{name}, seed {verdict.seed}:\n{told(verdict)}"
    return verdict


@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_scenario_holds(emulator: EmulatorProcess, name: str) -> None:
    """Every scenario that ships ends as its file says, with nothing lost, nothing twice, and exact journals."""
    verdict = await held(emulator, name, How(timeout=TIMEOUT))
    assert verdict.figures.letters > 0
    assert await emulator.admin.depths() == {}, "the register is as it was before"


async def test_a_scenario_holds_although_the_emulator_is_killed(emulator: EmulatorProcess) -> None:
    """Two kills -9 in the middle of the whole course: letters come again, and the end is the same."""
    verdict = await held(emulator, "whole-course", How(seed=3, kills=2, timeout=TIMEOUT))
    assert verdict.figures.kills == 2


async def test_twenty_courses_at_once_end_in_the_right_state(emulator: EmulatorProcess) -> None:
    """The thousand courses in small: all matched, ordered, agreed and begun, whoever was asked."""
    thousand = load_file(library.path_of("thousand-courses"))
    small = thousand.model_copy(update={"generate": Generate(myndigheder=2, tilbud=8, citizens=20)})
    verdict = await run_scenario(small, emulator, How(timeout=TIMEOUT))
    assert verdict.ok, told(verdict)
    assert (verdict.figures.courses, verdict.figures.letters) == (20, 20 * 6)


async def test_what_does_not_hold_is_told_with_the_trace_of_the_letters(emulator: EmulatorProcess) -> None:
    """A wrong expectation fails, says what was seen instead, and shows where the letters went."""
    scenario = load_file(library.path_of("outdated-ffb"))
    wrong = load_text(
        library.path_of("outdated-ffb")
        .read_text("utf-8")
        .replace("{citizen: anna, is: I_GANG}", "{citizen: anna, is: AFSLUTTET}")
        .replace("rule: R8, count: 1", "rule: R8, count: 7", 1)
    )
    assert wrong != scenario
    verdict = await run_scenario(wrong, emulator, How(timeout=TIMEOUT))
    assert [one.name for one in verdict.failed] == [
        "expect[0]: tilstand of anna is AFSLUTTET",
        "expect[1]: nordby has flagged svar-match by R8: 7",
    ]
    assert "expected AFSLUTTET; anna at nordby: I_GANG" in verdict.failed[0].seen
    assert "expected 7, found 1" in verdict.failed[1].seen
    assert any(" accepted " in line for line in verdict.failed[1].trace)
    assert any(" ack " in line for line in verdict.failed[1].trace)


async def test_a_letter_that_nobody_says_is_missed_is_lost(emulator: EmulatorProcess) -> None:
    """A stopped subscription that the file does not account for makes the scenario fail."""
    scenario = load_text(
        "scenario: lost\nparties:\n  nordby: {kind: myndighed}\n  birkely: {kind: tilbud}\n"
        "citizens:\n  anna: {myndighed: nordby}\n"
        "steps:\n  - subscription: {party: birkely, do: stop}\n  - match: {citizen: anna, to: birkely}\n"
    )
    verdict = await run_scenario(scenario, emulator, How(timeout=TIMEOUT))
    (lost,) = verdict.failed
    assert lost.name == "nothing is lost"
    assert "match from nordby to birkely" in lost.seen
    assert any("stoppet" in line for line in lost.trace)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("anmod: anna", "anna has no course yet"),
        ("match: {citizen: anna, to: birkely, refused: R1}", "expected to be refused by R1, but it was done"),
        ("match: {citizen: bent, to: birkely}", "the system refuses it: R1"),
        ("match: {citizen: bent, to: birkely, refused: R2}", "expected to be refused by R2, but: R1"),
        ("until: 2029-01-01", "2029-01-01 has passed"),
        ("subscription: {party: birkely, do: filter, filter: nonsense}", "filter"),
    ],
)
async def test_a_step_that_cannot_be_done_ends_the_run_and_says_why(
    emulator: EmulatorProcess, step: str, said: str
) -> None:
    """Steps after one that failed are not tried: they would only mislead."""
    scenario = load_text(
        "scenario: step\nparties:\n  nordby: {kind: myndighed}\n  birkely: {kind: tilbud}\n"
        "citizens:\n  anna: {myndighed: nordby}\n  bent: {myndighed: nordby, samtykke: false}\n"
        f"steps:\n  - {step}\n  - note: not reached\n"
    )
    verdict = await run_scenario(scenario, emulator, How(timeout=TIMEOUT))
    assert [one.ok for one in verdict.findings] == [False]
    assert said in verdict.findings[0].seen


async def test_an_emulator_of_others_is_not_killed(emulator: EmulatorProcess) -> None:
    """Against a running emulator kills are refused before anything is done; what needs none runs."""
    elsewhere = Elsewhere(emulator.host, emulator.port, emulator.admin)
    with pytest.raises(CannotRun, match="not the scenario's own"):
        await run_scenario(load_file(library.path_of("flaky")), elsewhere)
    with pytest.raises(CannotRun, match="not the scenario's own"):
        await run_scenario(load_file(library.path_of("whole-course")), elsewhere, How(kills=1))
    verdict = await run_scenario(load_file(library.path_of("outdated-ffb")), elsewhere, How(timeout=TIMEOUT))
    assert verdict.ok, told(verdict)


async def test_a_day_that_has_passed_is_no_first_day(emulator: EmulatorProcess) -> None:
    """The letters' deadlines would be over before they are sent."""
    late = Scenario(scenario="late", start="2020-01-01", generate=Generate(myndigheder=1, tilbud=1, citizens=1))  # type: ignore[arg-type]  # read as a day
    with pytest.raises(CannotRun, match="has passed"):
        await run_scenario(late, emulator)


@pytest.mark.skipif(RUNS == 0, reason="many runs: BESKEDFORDELER_SCENARIO_RUNS=20")
@pytest.mark.parametrize("kills", [0, 2])
@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_scenario_holds_again_and_again(emulator: EmulatorProcess, name: str, kills: int) -> None:
    """With other seeds, and with the emulator killed in the middle."""
    for seed in range(1, RUNS + 1):
        await held(emulator, name, How(seed=seed, kills=kills, timeout=TIMEOUT))
