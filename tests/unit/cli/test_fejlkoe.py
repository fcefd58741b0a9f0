"""`dueslag fejlkoe` at the command line, against the admin API without a socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from adapters.cli import main
from adapters.cli.exits import Exit
from tests.unit.cli.test_serviceaftale import DeskApi
from tests.unit.rest.desk import TESTTYPE, open_desk, sample_besked

BESKED_ID = "0f0f0f0f-0000-4000-8000-00000000000a"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeskApi]:
    """An emulator with three dead deliveries in Testkommune, a minute apart."""
    with asyncio.Runner() as runner:
        opening = open_desk()
        made = DeskApi(runner, runner.run(opening.__aenter__()))
        monkeypatch.setattr("adapters.cli.api.connect", lambda admin, data, timeout=60.0: made)
        for besked_id, reason in ((BESKED_ID, "Broken pipe"), (None, "rejected"), (None, "rejected")):
            runner.run(made.desk.send(sample_besked(besked_id)))
            runner.run(made.desk.reject_one(reason=reason))
            made.desk.clock.advance(60)
        yield made
        runner.run(opening.__aexit__(None, None, None))


def run(capsys: pytest.CaptureFixture[str], what: str, *words: str, code: Exit = Exit.OK) -> str:
    """What a command prints; on stderr where it is to fail."""
    capsys.readouterr()
    assert main.run(["dueslag", "fejlkoe", what, "Testkommune", *words]) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def test_list_tells_why_when_and_how_often(api: DeskApi, capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each, with the times it was accepted and died, tries, bytes and reason; a page at a time."""
    lines = run(capsys, "list").splitlines()
    assert lines[0].split() == [
        "id", "died", "BeskedId", "beskedtype", "abonnement", "from", "received", "tries", "bytes", "reason",
    ]  # fmt: skip
    assert len(lines) == 4
    for piece in (BESKED_ID, "2023-11-14 22:13:20.000", "Testbeskeder", "Afsendersystem", " 1 ", "Broken pipe"):
        assert piece in lines[1]
    paged = run(capsys, "list", "--limit", "2").splitlines()
    assert paged[-1].startswith("… more: --after ")
    assert len(run(capsys, "list", "--after", paged[-1].split()[-1]).splitlines()) == 2
    assert run(capsys, "list", "--reason", "nothing of the kind") == "nothing there\n"


def test_list_by_filter_as_json(api: DeskApi, capsys: pytest.CaptureFixture[str]) -> None:
    """Filters narrow the list; JSON is the page as the admin API gives it."""
    page = json.loads(run(capsys, "list", "--json", "--reason", "REJECTED", "--older-than", "90s"))
    assert [(one["reason"], one["died"]) for one in page["beskeder"]] == [("rejected", "2023-11-14T22:14:20.000Z")]
    assert page["next"] is None
    whole = json.loads(run(capsys, "list", "--json", "--beskedtype", TESTTYPE, "--abonnement", "testbeskeder"))
    assert len(whole["beskeder"]) == 3


def test_show_one(api: DeskApi, capsys: pytest.CaptureFixture[str]) -> None:
    """All there is to say of a delivery, then its message; 7 where it is not there."""
    (one,) = json.loads(run(capsys, "list", "--json", "--besked-id", BESKED_ID))["beskeder"]
    shown = run(capsys, "show", str(one["id"]))
    assert "# reason: Broken pipe\n" in shown
    assert "# died: 2023-11-14 22:13:20.000\n" in shown
    assert shown.rstrip().endswith("Haendelsesbesked>")
    as_json = json.loads(run(capsys, "show", str(one["id"]), "--json"))
    assert (as_json["attempts"], as_json["besked"]["besked_id"]) == (1, BESKED_ID)
    assert "no delivery 4711 in the fejlkø of 'Testkommune'" in run(capsys, "show", "4711", code=Exit.NOT_FOUND)


def test_move_back_and_delete_by_filter(api: DeskApi, capsys: pytest.CaptureFixture[str]) -> None:
    """By what they have in common; what was touched is counted."""
    assert run(capsys, "revive", "--older-than", "150s") == "1 moved back\n"
    assert json.loads(run(capsys, "delete", "--beskedtype", TESTTYPE, "--older-than", "90s", "--json")) == {"count": 1}
    assert run(capsys, "delete", "--all") == "1 deleted\n"
    assert run(capsys, "list") == "nothing there\n"


def test_what_is_wrong_is_said_and_nothing_touched(api: DeskApi, capsys: pytest.CaptureFixture[str]) -> None:
    """No filter at all, one too many, a time that is none, a beskedtype that is not there."""
    for words in ([], ["--all", "--older-than", "1h"]):
        assert "--older-than" in run(capsys, "delete", *words, code=Exit.USAGE)
    for what in ("list", "revive", "delete"):
        assert "--older-than 'soon' is no time" in run(capsys, what, "--older-than", "soon", code=Exit.USAGE)
    assert "no beskedtype 'nope'" in run(capsys, "revive", "--beskedtype", "nope", code=Exit.NOT_FOUND)
    assert len(run(capsys, "list").splitlines()) == 4


@pytest.mark.parametrize(("what", "done"), [("revive", "moved back"), ("delete", "deleted")])
def test_ids_that_are_not_there_are_named(
    api: DeskApi, capsys: pytest.CaptureFixture[str], what: str, done: str
) -> None:
    """A mistyped id ends with 7, whatever else was named; the others are done, and what was done is told."""
    ids = [str(one["id"]) for one in json.loads(run(capsys, "list", "--json"))["beskeder"]]
    said = run(capsys, what, "4711", "4712", "4711", code=Exit.NOT_FOUND)
    assert f"0 {done}; not in the fejlkø of 'Testkommune': 4711, 4712\n" in said
    assert f"1 {done}; not in the fejlkø of 'Testkommune': 4711\n" in run(
        capsys, what, ids[0], "4711", "--json", code=Exit.NOT_FOUND
    )
    assert f"not in the fejlkø of 'Testkommune': {ids[0]}\n" in run(capsys, what, ids[0], code=Exit.NOT_FOUND)
    assert run(capsys, what, ids[1], ids[2]) == f"2 {done}\n"
    assert "equal to 1" in run(capsys, what, "0", code=Exit.USAGE)
