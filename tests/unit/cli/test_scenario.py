"""`scenario`: the command, with a run that does nothing but end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest

from adapters.cli import emulator_process
from adapters.cli.exits import Exit
from adapters.cli.main import run
from consumers.admin import Admin
from consumers.scenario import library
from consumers.scenario import run as running
from consumers.scenario.control import Elsewhere, EmulatorControl, EmulatorDown
from consumers.scenario.model import Scenario
from consumers.scenario.run import CannotRun, How
from consumers.scenario.verdict import Finding, Verdict
from consumers.scenario.watch import Watch


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, How]]:
    """What is run, without an emulator; seed 13 does not hold, 14 cannot be run, 15 loses its emulator."""
    made: list[tuple[str, How]] = []

    @asynccontextmanager
    async def nothing(*arguments: str) -> AsyncIterator[EmulatorControl]:
        yield Elsewhere("127.0.0.1", 1, Admin("http://127.0.0.1:1"))

    async def run_scenario(scenario: Scenario, control: EmulatorControl, how: How, watch: Watch) -> Verdict:
        made.append((scenario.scenario, how))
        if how.seed == 14:
            raise CannotRun("not with this one")
        if how.seed == 15:
            raise EmulatorDown("it is gone")
        verdict = Verdict(scenario.scenario, how.seed or 0, (Finding("expect[0]", how.seed != 13, "seen"),))
        watch.ends(verdict)
        return verdict

    monkeypatch.setattr(emulator_process, "emulator_process", nothing)
    monkeypatch.setattr(running, "run_scenario", run_scenario)
    return made


def test_every_scenario_is_run_with_every_seed(runs: list[tuple[str, How]]) -> None:
    """Two scenarios, three runs each: seeds from the one given on, in order."""
    assert run(["scenario", "run", "whole-course", "flaky", "--seed", "4", "--repeat", "3", "--kills", "2"]) == Exit.OK
    assert [(name, how.seed) for name, how in runs] == [(n, s) for n in ("whole-course", "flaky") for s in (4, 5, 6)]
    assert {how.kills for _, how in runs} == {2}


def test_all_are_those_that_name_their_parties(runs: list[tuple[str, How]]) -> None:
    """The thousand courses take a minute, and are run by name only."""
    assert run(["scenario", "run", "all"]) == Exit.OK
    assert [name for name, _ in runs] == [name for name in library.names() if name != "thousand-courses"]


def test_what_does_not_hold_has_an_exit_code_of_its_own_and_a_report(
    runs: list[tuple[str, How]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """CI sees exit code 10 and a JUnit file; the runs that hold are in it, too."""
    report = tmp_path / "verdict.xml"
    arguments = ["scenario", "run", "whole-course", "--seed", "12", "--repeat", "2", "--json", "--junit", str(report)]
    assert run(arguments) == Exit.NOT_MET
    assert [verdict["ok"] for verdict in json.loads(capsys.readouterr().out)] == [True, False]
    suites = ElementTree.parse(report).getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")


@pytest.mark.parametrize(("seed", "code", "said"), [("14", Exit.USAGE, "not with"), ("15", Exit.UNREACHABLE, "gone")])
def test_what_cannot_be_run_is_said_in_one_line(
    runs: list[tuple[str, How]], capsys: pytest.CaptureFixture[str], seed: str, code: Exit, said: str
) -> None:
    """Never a traceback."""
    assert run(["scenario", "run", "whole-course", "--seed", seed]) == code
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_a_broken_file_is_told_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """FILE:LINE:COLUMN first, as editors and terminals know it; nothing is run."""
    broken = tmp_path / "my.yaml"
    broken.write_text("scenario: x\nparties:\n  a: {kind: kommune}\nstesp: []\n", encoding="utf-8")
    assert run(["scenario", "run", str(broken)]) == Exit.REGISTER
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{broken}:3:13: parties.a.kind: found 'kommune'; expected one of myndighed, tilbud")
    assert second.startswith(f"{broken}:4:1: stesp: unknown key 'stesp'")


@pytest.mark.parametrize("arguments", [["run", "whole-curse"], ["show", "whole-curse"], ["run", "nowhere.yaml"]])
def test_what_is_not_there_is_not_found(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is near is told; a file that is missing is named."""
    assert run(["scenario", *arguments]) == Exit.NOT_FOUND
    said = capsys.readouterr().err
    assert "nearest: 'whole-course'" in said or "nowhere.yaml: no such file" in said


def test_a_new_scenario_is_the_starter_and_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is there is left as it is."""
    file = tmp_path / "mine.yaml"
    assert run(["scenario", "new", str(file)]) == Exit.OK
    assert file.read_text("utf-8") == library.STARTER.read_text("utf-8")
    file.write_text("mine", encoding="utf-8")
    assert run(["scenario", "new", str(file)]) == Exit.USAGE
    assert file.read_text("utf-8") == "mine"
    assert "is there already" in capsys.readouterr().err


def test_the_library_and_the_schema_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """`list` names what ships, `show` writes it out, `show --schema` the schema for editors."""
    assert run(["scenario", "list", "--json"]) == Exit.OK
    assert [one["scenario"] for one in json.loads(capsys.readouterr().out)] == library.names()
    assert run(["scenario", "show", "flaky"]) == Exit.OK
    assert capsys.readouterr().out == library.path_of("flaky").read_text("utf-8")
    assert run(["scenario", "show", "--schema"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["$schema"].startswith("https://json-schema.org/")
    assert run(["scenario", "show"]) == Exit.USAGE
