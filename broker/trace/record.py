"""One line of the trace, and the question that finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple


class Record(NamedTuple):
    """One thing that happened: a tuple, as three are made per message.

    ``what`` is one of, for a message: ``accepted`` (received, judged, matched and queued), ``known`` (a resend),
    ``refused``, ``delivered``, ``ack``, ``requeue``, ``reject``, ``expired``, ``dead``; and for the rest:
    ``register``, ``tilstand``, ``purge``, ``revive``, ``bury``, ``login``, ``denied``.
    ``seqs`` are the messages it is about by order of acceptance; ``detail`` is what else is worth knowing, as
    JSON values.
    """

    time: float
    what: str
    seqs: tuple[int, ...] = ()
    besked_id: str | None = None
    transaktions_id: str | None = None
    system: str | None = None
    dueslag: str | None = None
    abonnement: str | None = None
    detail: Any = None


@dataclass(frozen=True, slots=True)
class Query:
    """What to find; all that is given must hold.  Times are seconds since the epoch, [since, until)."""

    besked_id: str | None = None
    transaktions_id: str | None = None
    dueslag: str | None = None
    system: str | None = None
    what: str | None = None
    since: float | None = None
    until: float | None = None
    limit: int = 1000
    """The newest so many, answered oldest first."""

    def terms(self) -> tuple[str, ...]:
        """The identifiers that must occur in a chunk of the archive for it to be worth reading."""
        named = (self.besked_id, self.transaktions_id, self.dueslag, self.system)
        return tuple(term for term in named if term is not None)

    def accepts(self, record: Record) -> bool:
        """Whether the record answers the question by itself (not through the message it is about)."""
        return (
            (self.besked_id is None or record.besked_id == self.besked_id)
            and (self.transaktions_id is None or record.transaktions_id == self.transaktions_id)
            and self.fits(record)
        )

    def fits(self, record: Record) -> bool:
        """Whether all but the message's own identifiers hold."""
        return (
            (self.dueslag is None or record.dueslag == self.dueslag or _mentions(record.detail, self.dueslag))
            and (self.system is None or record.system == self.system)
            and (self.what is None or record.what == self.what)
            and (self.since is None or record.time >= self.since)
            and (self.until is None or record.time < self.until)
        )


def _mentions(detail: Any, term: str) -> bool:
    """Whether the identifier stands anywhere in a record's detail (an accepted message names its dueslag there)."""
    if isinstance(detail, str):
        return detail == term
    if isinstance(detail, dict):
        return any(_mentions(value, term) for value in detail.values())
    if isinstance(detail, list | tuple):
        return any(_mentions(value, term) for value in detail)
    return False
