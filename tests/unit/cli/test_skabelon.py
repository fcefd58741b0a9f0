"""`abonnement create` and `filter` with a template instead of a filter written out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.cli.exits import Exit
from tests.unit.cli.desk_api import Terminal, at_terminal

FILTRERING = "Beskedkuvert.Filtreringsdata."
TO_P = f"{FILTRERING}RelateretObjekt.ObjektId.URNIdentifikator = 'urn:oio:p-nr:1999000203'"
MATCH = "00000000-ffb0-4000-8000-000000000001"
DOCS = Path(__file__).parents[3] / "docs" / "addressing.md"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    with at_terminal(monkeypatch, capsys) as made:
        yield made


def test_an_abonnement_for_the_letters_to_one_tilbud(terminal: Terminal) -> None:
    """By its P-nummer and the standards wanted: an ordinary filter comes of it, that `show` shows."""
    options = ("--til-tilbud", "1999000203", "--standard", "match", "--standard", "opfoelgning")
    made = terminal.json("abonnement", "create", "Breve", "--dueslag", "Testkommune", *options)
    types = f"'{MATCH}', '00000000-ffb0-4000-8000-000000000009'"
    assert made["filter"] == f"{TO_P} AND {FILTRERING}Beskedtype.UUIDIdentifikator IN ({types})"
    numbered = terminal.json("abonnement", "filter", "Breve", *options[:2], "--standard", "1", "--standard", "8")
    assert numbered["filter"] == made["filter"]
    changed = terminal.json("abonnement", "filter", "Breve", "--til-myndighed", "99000101")
    assert changed["filter"] == f"{FILTRERING}TilladtModtager.URNIdentifikator = 'urn:oio:cvr:99000101'"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--til-tilbud", "12"], "'12' is no P-nummer (10 digits), no sor:CODE, and no UUID of an organisation"),
        (["--til-myndighed", "1234567"], "'1234567' is no CVR number (8 digits)"),
        (["--standard", "brev"], "--standard 'brev' is no standard; expected one of 1 match, 2 svar-match"),
        (
            ["x = 'y'", "--standard", "match"],
            "a FILTER or a template (--til-tilbud, --til-myndighed, --standard), not both",
        ),
        ([], "say which FILTER (empty = every message), or give a template"),
    ],
)
def test_what_is_no_template_is_refused(terminal: Terminal, arguments: list[str], said: str) -> None:
    """The message says which value is wrong and what is expected; nothing is changed."""
    before = terminal.json("abonnement", "show", "Testbeskeder")
    assert said in terminal.run("abonnement", "filter", "Testbeskeder", *arguments, code=Exit.USAGE)
    assert terminal.json("abonnement", "show", "Testbeskeder") == before


def test_the_page_on_addressing_shows_the_filters_that_are_made(terminal: Terminal) -> None:
    """Each template in docs/addressing.md gives the term beside it."""
    rows = re.findall(r"^\| `(--[^`]+)` \| `([^`]+)` \|$", DOCS.read_text(), re.MULTILINE)
    assert len(rows) == 5
    for options, term in rows:
        assert terminal.json("abonnement", "filter", "Testbeskeder", *options.split())["filter"] == term
