"""Sequence diagrams: every letter once, in order, whatever the parties are called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from consumers.fagsystem.events import Event, Kind
from consumers.sequence import Exchange, exchanges, mermaid, svg
from consumers.standards.standard import Standard

DAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
SVG = {"s": "http://www.w3.org/2000/svg"}


def event(kind: Kind, part: str, other: str, standard: Standard, besked_id: str, **more: str) -> Event:
    return Event(kind, DAY, part, standard, besked_id, more.get("forloeb", "f"), other, more.get("text", ""))


COURSE = [
    event(Kind.SENT, "Nordby", "Birkely, Havblik", Standard.MATCH, "1"),
    event(Kind.RECEIVED, "Birkely", "Nordby", Standard.MATCH, "1"),
    event(Kind.SENT, "Birkely", "Nordby", Standard.SVAR_MATCH, "2"),
    event(Kind.RECEIVED, "Nordby", "Birkely", Standard.SVAR_MATCH, "2"),
    event(Kind.SENT, "Nordby", "Birkely", Standard.BESTILLING, "3"),
    event(Kind.REFUSED, "Nordby", "", Standard.BESTILLING, "3", text="40 Beskedtype: 'x' is none"),
    event(Kind.SENT, "Nordby", "Birkely", Standard.ANMODNING, "4", forloeb="another"),
    Event(Kind.NOTE, DAY, "Nordby", text="no letter"),
]


def test_a_letter_to_two_is_two_arrows_and_tells_who_did_not_get_it() -> None:
    """Birkely has the match, Havblik does not; what was refused says why; another forløb is left out."""
    found = exchanges(COURSE, {"f"})
    assert [(one.fra, one.til, one.navn, one.arrived) for one in found] == [
        ("Nordby", "Birkely", "Match af borger", True),
        ("Nordby", "Havblik", "Match af borger", False),
        ("Birkely", "Nordby", "Svar på match af borger", True),
        ("Nordby", "Birkely", "Bestilling", False),
    ]
    assert found[3].refused == "40 Beskedtype: 'x' is none"
    assert len(exchanges(COURSE)) == 5


def test_a_letter_whose_sending_was_not_seen_is_there_all_the_same() -> None:
    """The sender may be somebody else's system: the receiver tells of it."""
    assert exchanges([COURSE[1]]) == [Exchange(DAY.date(), "Nordby", "Birkely", "Match af borger", True)]


def test_mermaid() -> None:
    """Participants, a note for each day, an arrow for each letter, a cross for one that did not arrive."""
    later = Exchange((DAY + timedelta(days=1)).date(), "Birkely", "Nordby", "Statusnotat", True)
    text = mermaid([*exchanges(COURSE, {"f"}), later], 'Anna "A"')
    assert text.splitlines() == [
        "---",
        'title: "Anna \\"A\\""',
        "---",
        "sequenceDiagram",
        "    autonumber",
        "    participant p1 as Nordby",
        "    participant p2 as Birkely",
        "    participant p3 as Havblik",
        "    Note over p1,p3: 2026-01-05",
        "    p1->>p2: Match af borger",
        "    p1-xp3: Match af borger",
        "    p2->>p1: Svar på match af borger",
        "    p1-xp2: Bestilling",
        "    Note right of p1: 40 Beskedtype#58; 'x' is none",
        "    Note over p1,p3: 2026-01-06",
        "    p2->>p1: Statusnotat",
    ]


@pytest.mark.parametrize("standard", Standard)
def test_a_letter_between_neighbours_has_room_for_its_name(standard: Standard) -> None:
    """The text stays between the lifelines and beside the head of the arrow, at 7 pixels a character."""
    root = etree.fromstring(svg([Exchange(DAY.date(), "A", "B", standard.navn, True)]).encode())
    [arrow] = root.findall(".//s:line[@class='letter']", SVG)
    assert abs(float(arrow.get("x2", "")) - float(arrow.get("x1", ""))) >= 7 * len(standard.navn) + 2 * 8


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1, max_size=60)
LETTERS = st.lists(
    st.builds(
        Exchange, st.dates(), NAMES, NAMES, st.sampled_from([s.navn for s in Standard]), st.booleans(), st.just("")
    ),
    max_size=20,
)


@given(LETTERS, NAMES)
def test_any_name_makes_a_whole_diagram(letters: list[Exchange], title: str) -> None:
    """Whatever parties are called: the SVG is well-formed with one arrow a letter, Mermaid has one line a letter."""
    root = etree.fromstring(svg(letters, title).encode())
    assert len(root.findall("s:line[@class='letter']", SVG)) == sum(letter.arrived for letter in letters)
    assert len(root.findall("s:line[@class='letter lost']", SVG)) == sum(not letter.arrived for letter in letters)
    text = mermaid(letters, title)
    arrows = [line for line in text.splitlines() if "->>" in line or "-xp" in line]
    assert len(arrows) == len(letters)


@pytest.mark.parametrize("draw", [svg, mermaid])
def test_nothing_sent_is_a_diagram_of_nothing(draw: object) -> None:
    """No letters: a valid, empty diagram."""
    assert callable(draw)
    assert draw([])
