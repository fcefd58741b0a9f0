"""The ledger of a receiver of pushed messages: what came, what was done with it, and what is wrong with that."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Act:
    """What to do with one request; ``delay`` seconds before."""

    kode: int = 20
    tekst: str = ""
    http_status: int = 200
    how: str = "answer"
    """answer, garbage, hang, reset (RST within the answer) or drop (closed without one)."""
    delay: float = 0.0

    @property
    def takes(self) -> bool:
        return self.how == "answer" and self.http_status == 200 and self.kode == 20


OK = Act()


@dataclass(slots=True, eq=False)
class Arrival:
    """One request, as it came."""

    path: str
    connection: int
    """Number of the connection that it came by."""
    content_type: str
    body: bytes
    at: float
    """Seconds, `time.monotonic`."""
    besked_id: str = ""
    forsoeg: int = 0
    """AntalLeveranceforsoeg."""
    abonnement: str = ""
    problem: str = ""
    """What a strict receiver has against it; "" = nothing."""
    era: int = 0
    """`Receiver.era` when it came."""
    caller: bytes | None = None
    """DER of the client certificate."""
    act: Act = OK
    ended: bool = False
    """It is being answered, or never will be."""
    answered: bool = False
    """The whole answer was written, to somebody who was still there."""

    @property
    def taken(self) -> bool:
        return self.act.takes and not self.problem


@dataclass(frozen=True, slots=True)
class Receipts:
    """The ledger of one path, that is: of one dueslag."""

    arrivals: tuple[Arrival, ...]
    overlaps: tuple[tuple[Arrival, Arrival], ...] = ()
    """Second of each pair began while the first was still to be answered."""

    @property
    def order(self) -> list[str]:
        """BeskedIds in the order in which they came first."""
        return list(dict.fromkeys(one.besked_id for one in self.arrivals))

    @property
    def runs(self) -> list[str]:
        """BeskedIds as they came, repeats in a row once."""
        return [besked_id for besked_id, _ in itertools.groupby(one.besked_id for one in self.arrivals)]

    @property
    def problems(self) -> list[str]:
        return [one.problem for one in self.arrivals if one.problem]

    @property
    def taken(self) -> set[str]:
        return {one.besked_id for one in self.arrivals if one.taken}

    @property
    def flagged(self) -> int:
        """How many came again with a higher AntalLeveranceforsoeg."""
        return sum(1 for before, one in self._repeats() if one.forsoeg > before.forsoeg)

    @property
    def as_if_new(self) -> list[Arrival]:
        """Came again, and said that it was the first attempt."""
        return [one for _, one in self._repeats() if one.forsoeg <= 1]

    @property
    def taken_again(self) -> list[Arrival]:
        """Came again although it had been taken, and the answer sent."""
        taken: set[str] = set()
        again = []
        for one in self.arrivals:
            if one.besked_id in taken:
                again.append(one)
            if one.taken and one.answered:
                taken.add(one.besked_id)
        return again

    @property
    def unflagged(self) -> list[Arrival]:
        """Came again with no higher AntalLeveranceforsoeg."""
        return [one for before, one in self._repeats() if one.forsoeg <= before.forsoeg]

    def attempts(self, besked_id: str) -> list[int]:
        """AntalLeveranceforsoeg of each arrival of one message."""
        return [one.forsoeg for one in self.arrivals if one.besked_id == besked_id]

    def check(self, sent: list[str]) -> None:
        """Everything came, valid, in order, one at a time; what was not taken came again at once, and flagged."""
        assert self.problems == []
        assert self.order == sent
        assert self.runs == sent, "a message that is tried again holds those behind it"
        assert self.unflagged == []
        assert self.taken == set(sent)
        assert not [(a.besked_id, b.besked_id) for a, b in self.overlaps if a.answered], "one at a time"
        assert {one.content_type for one in self.arrivals} <= {"application/xml"}

    def _repeats(self) -> Iterator[tuple[Arrival, Arrival]]:
        before: dict[str, Arrival] = {}
        for one in self.arrivals:
            if one.besked_id in before:
                yield before[one.besked_id], one
            before[one.besked_id] = one
