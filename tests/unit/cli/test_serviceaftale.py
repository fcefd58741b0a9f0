"""`serviceaftale`, and what `abonnement explain` says of agreements, against the admin API without a socket."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.cli import main
from adapters.cli.api import Api
from adapters.cli.exits import Exit
from tests.unit.rest.desk import Desk, open_desk, sample_besked

AFSEND, MODTAG = "Afsendersystem/afsend/1.0", "Testkommune Fagsystem/modtag/1.0"
EXTRA = "0f0f0f0f-0000-4000-8000-0000000000aa"


class DeskApi(Api):
    """The admin API of an emulator in memory."""

    def __init__(self, runner: asyncio.Runner, desk: Desk) -> None:
        super().__init__("http://127.0.0.1:5680")
        self._runner = runner
        self.desk = desk

    def request(
        self, method: str, path: str, query: dict[str, object] | None = None, body: object = None
    ) -> tuple[int, str, bytes]:
        given = {key: value for key, value in (query or {}).items() if value is not None}
        answer = self._runner.run(self.desk.call(method, path, body, **given))
        return answer.status, answer.content_type, answer.content

    def send(self) -> int:
        """The StatusKode of one message from Afsendersystem."""
        return self._runner.run(self.desk.send()).status_kode


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeskApi]:
    """What the commands talk to: an emulator with the built-in register."""
    with asyncio.Runner() as runner:
        opening = open_desk()
        made = DeskApi(runner, runner.run(opening.__aenter__()))
        monkeypatch.setattr("adapters.cli.api.connect", lambda admin, data, timeout=60.0: made)
        yield made
        runner.run(opening.__aexit__(None, None, None))


def run(capsys: pytest.CaptureFixture[str], *words: str, code: Exit = Exit.OK) -> str:
    """What a command prints; on stderr where it is to fail."""
    capsys.readouterr()  # what the emulator logged before
    assert main.run(["serviceaftale", *words]) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def of_json(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    return json.loads(run(capsys, *words, "--json"))


def test_approval_is_in_force_for_the_next_message(api: DeskApi, capsys: pytest.CaptureFixture[str]) -> None:
    """Withdrawn, the sender is refused at once; approved again, its messages go through."""
    assert api.send() == 20
    assert re.search(r"^ +godkendt +nej$", run(capsys, "traek", AFSEND), re.MULTILINE)
    assert api.send() == 40
    assert of_json(capsys, "show", AFSEND)["godkendt"] is False
    shown = run(capsys, "godkend", AFSEND)
    assert re.search(r"^ +godkendt +ja$", shown, re.MULTILINE)
    assert "dueslag" not in shown
    assert api.send() == 20
    assert of_json(capsys, "godkend", AFSEND) == of_json(capsys, "show", AFSEND)


def test_the_command_that_a_refusal_names_is_the_one_that_helps(
    api: DeskApi, capsys: pytest.CaptureFixture[str]
) -> None:
    """What FejlbeskedTekst says to type can be typed."""
    run(capsys, "traek", AFSEND)
    verdict = api._runner.run(api.desk.send())
    _, _, command = verdict.text.partition("approve it: beskedfordeler ")
    assert main.run(command.partition(")")[0].split()) == Exit.OK
    assert api.send() == 20


def test_nothing_else_of_it_changes(api: DeskApi, capsys: pytest.CaptureFixture[str]) -> None:
    """An agreement with every limit set is the same after it was withdrawn and approved again."""
    body = {
        "anvendersystem": "Testkommune Fagsystem",
        "service": "modtag",
        "version": "2.0",
        "beskedtyper": ["PKO_PostStatus"],
        "foelsomheder": ["31c09910-e011-46a5-86fb-254374421fe8"],
        "forvaltningsomraader": ["27.*"],
        "afsendende_myndigheder": ["11111111"],
        "tilladte_myndigheder": ["22222222", "99999999"],
        "gyldig_fra": "2026-01-01T00:00:00.000001Z",
        "gyldig_til": "2027-01-01",
        "modtagende_dueslag": ["Testkommune"],
    }
    api.put(f"/register/serviceaftaler/{EXTRA}", body)
    before = api.desk.service.content.serviceaftaler[EXTRA]
    run(capsys, "traek", EXTRA)
    assert api.desk.service.content.serviceaftaler[EXTRA] != before
    shown = run(capsys, "godkend", "testkommune fagsystem/modtag/2.0")
    assert api.desk.service.content.serviceaftaler[EXTRA] == before
    assert shown.splitlines()[0] == f"Testkommune Fagsystem/modtag/2.0 ({EXTRA})"
    for value in ("PKO_PostStatus (d2bed63c-", "27.*", "22222222, 99999999", "Testkommune (99999999-", "2027-01-01T00"):
        assert value in shown


def test_list(api: DeskApi, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them with system, service, version and approval; of one system where asked."""
    everything = run(capsys, "list")
    assert len(everything.splitlines()) == 1 + len(api.desk.service.content.serviceaftaler)
    (pko,) = [line for line in everything.splitlines() if line.startswith("PKO-afsender")]
    assert pko.split()[:5] == ["PKO-afsender", "afsend", "1.0", "ja", "always"]
    assert "beskedtyper" in pko
    assert [one["service"] for one in of_json(capsys, "list", "--system", "testkommune fagsystem")] == ["modtag"]
    assert len(of_json(capsys, "list")) == len(api.desk.service.content.serviceaftaler)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Afsendersystem/afsend/2.0", "anvendersystem 'Afsendersystem' has afsend/1.0"),
        ("Afsendersystm/afsend/1.0", "did you mean 'Afsendersystem'?"),
        (EXTRA, "expected an id, or SYSTEM/service/version"),
    ],
)
@pytest.mark.parametrize("verb", ["show", "godkend", "traek"])
def test_what_is_not_there(api: DeskApi, capsys: pytest.CaptureFixture[str], verb: str, name: str, said: str) -> None:
    """Exit code 7, and one line that says what there is."""
    said_so = run(capsys, verb, name, code=Exit.NOT_FOUND)
    assert said in said_so
    assert len(said_so.splitlines()) == 1


def explain(capsys: pytest.CaptureFixture[str], file: Path, *words: str) -> str:
    """What `abonnement explain` prints."""
    assert main.run(["abonnement", "explain", *words, "--file", str(file)]) == Exit.OK
    return capsys.readouterr().out


def test_explain_names_the_agreements(api: DeskApi, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Which agreement let the message through on either side, or which limit of which stopped it, each said once."""
    file = tmp_path / "besked.xml"
    file.write_bytes(sample_besked())
    said = explain(capsys, file, "Testbeskeder", "--system", "Afsendersystem")
    assert said.startswith("afsend: serviceaftale '")
    assert "Testbeskeder → Testkommune: delivered\n    modtag: serviceaftale '" in said
    run(capsys, "traek", MODTAG)
    said = explain(capsys, file, "Testbeskeder")
    assert not said.startswith("afsend")
    assert "not delivered: ingen serviceaftale om modtagelse dækker beskeden" in said
    assert said.count("godkendt is false (approve it: beskedfordeler serviceaftale godkend") == 1
    run(capsys, "traek", AFSEND)
    said = explain(capsys, file, "--system", "Afsendersystem")
    assert said.startswith("afsend: no serviceaftale about sending (afsend) of anvendersystem 'Afsendersystem'")
    assert "Testbeskeder → Testkommune: not delivered: the message is refused\n    modtag: ingen serviceaftale" in said
    assert said.count("of anvendersystem 'Afsendersystem'") == 1
