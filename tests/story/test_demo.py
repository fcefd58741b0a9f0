"""`beskedfordeler demo`: the command itself, and its sums."""

from __future__ import annotations

import io
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from rich.console import Console

from consumers.demo.cast import MYNDIGHEDER, TILBUD, register_file, short
from consumers.demo.main import run_demo
from tests.support.emulator import command, running


@pytest.fixture(scope="module")
def demo() -> dict[str, Any]:
    """One run with --json, for all the tests here."""
    done = subprocess.run([*command(), "demo", "--json"], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_demo_ends_by_itself_and_its_sums_agree(demo: dict[str, Any]) -> None:
    """Within 30 s, exit code 0, and a verdict without a fault."""
    assert demo["adds_up"] is True
    assert demo["faults"] == []
    assert demo["failure"] is None
    assert demo["seconds"] < 30


def test_sums_agree_when_added_up_again(demo: dict[str, Any]) -> None:
    """Per sender sent = accepted + refused; per receiver meant = received + stopped + filtered; nothing lost."""
    assert len(demo["senders"]) == 9
    assert [row["navn"] for row in demo["receivers"]] == [short(part) for part in (*MYNDIGHEDER, *TILBUD)]
    for sender in demo["senders"]:
        assert sender["sent"] == sender["accepted"] + sender["refused"] > 0
    for row in demo["receivers"]:
        assert row["meant"] == row["received"] + row["stopped"] + row["filtered"]
        assert row["received"] == row["expected"] > 0
        assert (row["lost"], row["unexpected"], row["duplicated"], row["held"]) == (0, 0, 0, 0)
    assert sum(phase["received"] for phase in demo["phases"]) == sum(row["received"] for row in demo["receivers"])
    assert sum(phase["meant"] for phase in demo["phases"]) == sum(row["meant"] for row in demo["receivers"])


def test_who_did_not_get_what_and_why(demo: dict[str, Any]) -> None:
    """Three letters missed by the stopped subscription, five kept out by the two filters, each with the reason."""
    rows = {row["navn"]: row for row in demo["receivers"]}
    assert rows["Bostedet Havblik"]["stopped"] == 3
    assert rows["Botilbuddet Birkely"]["filtered"] == 3
    assert rows["Værestedet Kilden"]["filtered"] == 2
    reasons = {(entry["receiver"], entry["reason"].split()[0]) for p in demo["phases"] for entry in p["not_delivered"]}
    assert reasons == {
        ("Bostedet Havblik", "stoppet"),
        ("Botilbuddet Birkely", "filter:"),
        ("Værestedet Kilden", "filter:"),
    }


def test_faulty_messages_are_refused_with_a_reason(demo: dict[str, Any]) -> None:
    """40 for what breaks the XSD, is no XML or has no agreement; 55 for another BeskedVersion."""
    assert [refusal["status_kode"] for refusal in demo["refusals"]] == [40, 55, 40, 40]
    assert all(refusal["fejlbesked_tekst"] for refusal in demo["refusals"])
    assert "Beskedtype" in demo["refusals"][0]["fejlbesked_tekst"]


def test_whole_courses_are_told(demo: dict[str, Any]) -> None:
    """Three citizens go all the way to two follow-ups; those of later scenes stand where they were left."""
    rows = demo["citizens"]
    ended = [row for row in rows if row["tilstand"] == "AFSLUTTET"]
    assert [(row["myndighed"], row["udfoerer"], row["follow_ups"]) for row in ended] == [
        ("Nordby Kommune", "Botilbuddet Birkely", 2),
        ("Sønderå Kommune", "Bostedet Havblik", 2),
        ("Vestholm Kommune", "Bostedet Havblik", 2),
    ]
    assert [row["changes"] for row in ended] == [1, 0, 1]
    assert len(rows) == 15
    assert sum(row["letters"] for row in rows) == sum(row["sent"] for row in demo["senders"][:7])


def test_demo_speaks_plainly_without_a_terminal(tmp_path: Path) -> None:
    """Into a pipe it writes lines and tables, no control codes, the verdict, and each citizen's letters as diagrams."""
    done = subprocess.run(
        [*command(), "demo", "--sequence", str(tmp_path / "seq")], capture_output=True, timeout=60, check=False
    )
    text = done.stdout.decode()
    assert done.returncode == 0, text[-3000:] + done.stderr.decode()[-3000:]
    assert "\x1b" not in text
    assert "The sums agree." in text
    assert "did not get" in text
    assert re.search(r"5\.01\.2026 Nordby Kommune → .*Match af borger \(", text)
    assert not re.search(r"\b\d{6}-?\d{4}\b", text.replace(str(tmp_path), ""))
    diagrams = sorted((tmp_path / "seq").iterdir())
    assert [path.suffix for path in diagrams] == [".mmd", ".svg"] * 15
    assert "->>" in diagrams[0].read_text()
    assert etree.parse(diagrams[1]).getroot().tag == "{http://www.w3.org/2000/svg}svg"


async def test_verdict_is_no_where_an_emulator_misroutes(tmp_path: Path) -> None:
    """An emulator that does not deliver what the demo reckons with: exit code 1, and the loss is named."""
    register = tmp_path / "register.yaml"
    text = register_file().read_text()
    addressed = "ObjektId.URNIdentifikator = 'urn:oio:p-nr:1999000202'"
    assert text.count(addressed) == 1
    register.write_text(text.replace(addressed, addressed.replace("202'", "209'")))
    with running(tmp_path / "data", register=register) as emulator:
        console = Console(file=io.StringIO(), width=200)
        code = await run_demo(emulator.host, emulator.port, emulator.admin_url, console=console)
    assert code == 1
    assert isinstance(console.file, io.StringIO)
    told = console.file.getvalue()
    assert "Bostedet Havblik: 2 lost" in told
    assert "The sums do not agree" in told


async def test_demo_says_why_it_cannot_go_on(tmp_path: Path) -> None:
    """Against an emulator that does not know the parties it ends at once, with the refusal in one line."""
    with running(tmp_path / "data") as emulator:
        console = Console(file=io.StringIO(), width=200)
        code = await run_demo(emulator.host, emulator.port, emulator.admin_url, console=console)
    assert code == 1
    assert isinstance(console.file, io.StringIO)
    assert "could not go on: NotPermitted: ACCESS_REFUSED" in console.file.getvalue()
