"""What a party tells of itself while it works: for progress displays, checks and sequence diagrams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from consumers.standards.standard import Standard


class Kind(StrEnum):
    """What happened.  Told after it is in the party's database."""

    SENT = "sent"
    """A letter is about to be sent for the first time: it is fixed from now on.  ``text``: what an answer says."""
    ANSWERED = "answered"
    """The Beskedfordeler answered 20."""
    RECEIVED = "received"
    AGAIN = "again"
    """A letter came that had come before; nothing was done."""
    HELD = "held"
    """It came before one that it builds on, and waits for that."""
    REFUSED = "refused"
    """Sent: the Beskedfordeler refused it, or it is not sent because of a rule.  Received: it does not fit."""
    JOURNAL = "journal"
    STATE = "state"
    """The forløb has a new state: ``text``."""
    NOTE = "note"
    """Something that a caseworker would want to know: an answer that did not come, no tilbud that has room."""
    TROUBLE = "trouble"
    """No connection, or a failure of the party itself; it goes on by itself."""


@dataclass(frozen=True, slots=True)
class Event:
    """``part`` and ``other`` are names; ``at`` is a time of the simulated calendar.  CPR numbers are masked."""

    kind: Kind
    at: datetime
    part: str
    standard: Standard | None = None
    besked_id: str = ""
    forloeb: str = ""
    other: str = ""
    """The party at the other end; of a match with several recipients all of them, with commas between."""
    text: str = ""
