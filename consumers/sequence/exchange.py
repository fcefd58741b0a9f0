"""The letters of some events, in the order in which they were sent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from consumers.fagsystem.events import Event, Kind


@dataclass(frozen=True, slots=True)
class Exchange:
    """One letter on its way to one party; a match to three is three of them."""

    day: date
    """Of the simulated calendar."""
    fra: str
    til: str
    navn: str
    """Of the standard; of an answer also what it says."""
    arrived: bool = False
    refused: str = ""
    """Why the Beskedfordeler did not take it."""


def exchanges(events: Iterable[Event], forloeb: Collection[str] | None = None) -> list[Exchange]:
    """What the events tell of letters: sent by whom, to whom, and whether they came; only of these forløb, if any.

    To whom a letter was addressed, the sender tells (names with ", " between); who has it, the receivers tell.
    """
    found: dict[tuple[str, str], Exchange] = {}
    for event in events:
        if event.standard is None or (forloeb is not None and event.forloeb not in forloeb):
            continue
        if event.kind is Kind.SENT:
            for til in event.other.split(", "):
                key = (event.besked_id, til)
                says = f": {event.text}" if event.text else ""
                found[key] = Exchange(event.at.date(), event.part, til, event.standard.navn + says)
        elif event.kind is Kind.RECEIVED:
            key = (event.besked_id, event.part)
            known = found.get(key) or Exchange(event.at.date(), event.other, event.part, event.standard.navn)
            found[key] = replace(known, arrived=True)
        elif event.kind is Kind.REFUSED:
            for key, known in found.items():
                if key[0] == event.besked_id and known.fra == event.part:
                    found[key] = replace(known, refused=event.text or "refused")
    return list(found.values())


def parties(letters: Iterable[Exchange]) -> list[str]:
    """Everybody in them, in the order of their first letter."""
    return list(dict.fromkeys(name for letter in letters for name in (letter.fra, letter.til)))
