"""The ledger: what became of every message, per destination, and whether it adds up.  Pure.

Everything is a set of message numbers, one for each stream, held as an int whose bit n is message n: a ledger of
millions of messages is a few operations on large numbers.

A message is *expected* at a destination if it was accepted and the destination's abonnement took its kind from before
the message was due until after it was accepted.  Where the abonnement was changed in between, it may come or not
(*either way*).  What comes although it was not expected, nor either way, is *misrouted*.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from consumers.load.cast import Cast, Destination
from consumers.load.mix import mask
from consumers.load.news import Done
from consumers.load.seen import Seen

SENDING = ("attempted", "accepted", "refused", "unanswered", "unsent", "resent", "stray_answers", "foreign")
"""Counts of the run that are of no single destination."""


@dataclass(frozen=True, slots=True)
class Change:
    """An abonnement changed: asked for at ``begin``, in force at ``end`` (ns since the start)."""

    destination: int
    begin: int
    end: int
    kinds: frozenset[int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the board says of one stream."""

    accepted: int
    refused: int
    unanswered: int


@dataclass(slots=True)
class Row:
    """One destination; all are counts of messages.

    expected = arrived in time + lost + undelivered.  ``undelivered``: not there when a run ended that was cut short,
    and nobody knows whether it would have come.
    """

    navn: str
    expected: int = 0
    either_way: int = 0
    taken: int = 0
    lost: int = 0
    undelivered: int = 0
    duplicated: int = 0
    """Came again, not flagged redelivered."""
    redelivered: int = 0
    """Came again, flagged."""
    out_of_order: int = 0
    misrouted: int = 0
    in_doubt: int = 0
    """Came, though the sender never got an answer."""


@dataclass(slots=True)
class Ledger:
    """The whole run."""

    meant: int = 0
    """By the schedule, up to its end."""
    attempted: int = 0
    accepted: int = 0
    refused: int = 0
    unanswered: int = 0
    resent: int = 0
    stray_answers: int = 0
    """Second answers, and answers to no message of that connection."""
    foreign: int = 0
    rows: list[Row] = field(default_factory=list)
    refusals: dict[str, int] = field(default_factory=dict)

    @property
    def unsent(self) -> int:
        return self.meant - self.attempted

    def sum(self, name: str) -> int:
        """Of a column of the rows."""
        return sum(getattr(row, name) for row in self.rows)

    @property
    def balanced(self) -> bool:
        """Whether both sides agree and nothing is missing or too much."""
        adds_up = self.attempted == self.accepted + self.refused + self.unanswered and not self.stray_answers
        return adds_up and not any(self.sum(name) for name in ("lost", "undelivered", "duplicated", "misrouted"))

    def as_json(self) -> dict[str, Any]:
        totals = {name: self.sum(name) for name in Row.__dataclass_fields__ if name != "navn"}
        own = {name: getattr(self, name) for name in ("meant", *SENDING)}
        rows = [asdict(row) for row in self.rows]
        return own | {"balanced": self.balanced, "totals": totals, "destinations": rows, "refusals": self.refusals}


def outcome(cells: Sequence[int], sent: int) -> Outcome:
    """Read one stream's part of the board."""
    accepted = bytearray(len(cells) // 8 + 1)
    refused = bytearray(len(cells) // 8 + 1)
    for number, cell in enumerate(cells[:sent]):
        if cell > 0:
            accepted[number >> 3] |= 1 << (number & 7)
        elif cell:
            refused[number >> 3] |= 1 << (number & 7)
    took, not_took = int.from_bytes(accepted, "little"), int.from_bytes(refused, "little")
    return Outcome(took, not_took, (1 << sent) - 1 & ~took & ~not_took)


def draw_up(
    cast: Cast,
    cells: Sequence[int],
    done: Sequence[Done],
    changes: Sequence[Change],
    *,
    complete: bool,
) -> Ledger:
    """``complete``: nothing was cut short, so that what is missing is lost."""
    ledger = Ledger(meant=sum(stream.total for stream in cast.streams))
    ends = {index: end for one in done for index, end in one.streams.items()}
    seen = {key: found for one in done for key, found in one.seen.items()}
    offsets, outcomes = cast.offsets, []
    for stream in cast.streams:
        end = ends.get(stream.index)
        mine = cells[offsets[stream.index] : offsets[stream.index + 1]]
        found = outcome(mine, len(mine) if end is None else end.sent)
        outcomes.append(found)
        ledger.accepted += found.accepted.bit_count()
        ledger.refused += found.refused.bit_count()
        if end is None:
            ledger.attempted += found.accepted.bit_count() + found.refused.bit_count()
            continue
        ledger.unanswered += found.unanswered.bit_count()
        ledger.attempted += end.sent
        ledger.resent += end.resent
        ledger.stray_answers += end.strays
        for reason, count in end.refusals.items():
            ledger.refusals[reason] = ledger.refusals.get(reason, 0) + count
    ledger.foreign = sum(one.foreign for one in done)
    for destination in cast.destinations:
        mine_changes = [change for change in changes if change.destination == destination.index]
        ledger.rows.append(_row(cast, cells, destination, mine_changes, outcomes, seen, surely_lost=complete))
    return ledger


def _row(
    cast: Cast,
    cells: Sequence[int],
    destination: Destination,
    changes: Sequence[Change],
    outcomes: Sequence[Outcome],
    seen: Mapping[tuple[int, int], Seen],
    *,
    surely_lost: bool,
) -> Row:
    row, profile, offsets = Row(destination.navn), cast.profile, cast.offsets
    for stream, out in zip(cast.streams, outcomes, strict=True):
        found = seen.get((destination.index, stream.index)) or Seen(stream.total)
        arrived, taken = int.from_bytes(found.arrived, "little"), int.from_bytes(found.taken, "little")
        meant = mask(stream.cycle, destination.kinds, stream.total)
        either = 0
        if changes:
            schedule = stream.schedule(profile)
            mine = cells[offsets[stream.index] : offsets[stream.index + 1]]
            dues = _Dues(schedule.due, stream.total)
            meant, either = _churned(stream.cycle, stream.total, destination.kinds, changes, mine, dues)
        expected = out.accepted & meant
        missing = (expected & ~taken).bit_count()
        row.expected += expected.bit_count()
        row.either_way += (out.accepted & either).bit_count()
        row.taken += taken.bit_count()
        row.lost += missing if surely_lost else 0
        row.undelivered += 0 if surely_lost else missing
        row.duplicated += found.again_unflagged
        row.redelivered += found.again_flagged
        row.out_of_order += found.out_of_order
        row.in_doubt += (arrived & out.unanswered & (meant | either)).bit_count()
        row.misrouted += (arrived & (out.refused | ~(meant | either))).bit_count() + found.strays
    return row


class _Dues(Sequence[int]):
    """The times at which the messages of a stream were due, ns, as a sequence to bisect."""

    def __init__(self, due: Any, total: int) -> None:
        self._due = due
        self._total = total

    def __len__(self) -> int:
        return self._total

    def __getitem__(self, number: Any) -> Any:
        return int(self._due(number) * 1e9)


def _churned(
    cycle: Sequence[int],
    total: int,
    kinds: frozenset[int],
    changes: Sequence[Change],
    cells: Sequence[int],
    dues: Sequence[int],
) -> tuple[int, int]:
    """What was surely meant for a destination, and what may have been.

    A message is judged between when it was due and when it was accepted: a change that lies wholly before the one or
    after the other has not touched it.
    """
    meant, may_be = 0, 0
    state, settled_from = kinds, 0
    for change in (*sorted(changes, key=lambda change: change.begin), None):
        begin = 1 << 62 if change is None else change.begin
        # messages due from settled_from on, and accepted before this change began, were judged under ``state``
        upto = total if change is None else bisect_left(dues, begin)
        span, late = _bits(settled_from, upto), 0
        if change is not None:
            late = _accepted_after(cells, upto, begin)
        meant |= span & mask(cycle, state, total)
        if change is None:
            break
        following = max(bisect_left(dues, change.end), settled_from)
        touched = (late | _bits(upto, following)) if following > upto else late
        may_be |= touched & mask(cycle, state | change.kinds, total)
        state, settled_from = change.kinds, following
    return meant & ~may_be, may_be


_NEARLY = 50_000
"""Answers in time in a row, beyond which no late one is looked for."""


def _bits(start: int, end: int) -> int:
    return ((1 << end) - 1) & ~((1 << start) - 1) if end > start else 0


def _accepted_after(cells: Sequence[int], end: int, moment: int) -> int:
    """Those of the first ``end`` without an answer before ``moment``; the answers come nearly in order."""
    found = bytearray(end // 8 + 1)
    in_time = 0
    for number in range(end - 1, -1, -1):
        if cells[number] == 0 or cells[number] > moment:
            found[number >> 3] |= 1 << (number & 7)
            in_time = 0
        else:
            in_time += 1
            if in_time > _NEARLY:
                break
    return int.from_bytes(found, "little")
