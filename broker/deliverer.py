"""The way out: a delivery made into bytes at the moment it goes, and witnessed in the trace."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from broker.clock import Clock
from broker.kuvert import splice_route
from broker.meters import Meters
from broker.ports import Leverance, Login, Rendered
from broker.trace import Record, Trace


class Deliverer:
    """Renders deliveries and notes what becomes of them."""

    def __init__(self, trace: Trace, clock: Clock, meters: Meters) -> None:
        self._trace = trace
        self._clock = clock
        self._meters = meters
        self._turn: dict[tuple[str, str, int, str], list[tuple[int, str, str]]] = {}
        """Delivered in this turn: seq, BeskedId and TransaktionsId by dueslag, abonnement, attempts and system."""

    def render(self, leverance: Leverance) -> Rendered:
        """The stored bytes with this delivery's Leverancerute spliced in and TilladtModtager trimmed."""
        besked = leverance.besked
        assert besked is not None
        now = self._clock.now()
        body = splice_route(
            besked.data,
            besked.cuts,
            received=besked.received,
            delivered=now,
            source_system=besked.afsender,
            abonnement=leverance.abonnement,
            attempts=_attempt(leverance),
            keep=leverance.keep,
        )
        return Rendered(body, besked.transaktions_id, int(now))

    def delivered(self, leverance: Leverance, login: Login) -> None:
        """One delivery has been handed to a connection of this system.

        What goes to one dueslag in one turn of the loop is one record: under load that is hundreds.
        """
        self._meters.delivered += 1
        if leverance.redelivered:
            self._meters.redelivered += 1
        if not self._turn:
            asyncio.get_running_loop().call_soon(self._note_turn)
        key = (leverance.dueslag, leverance.abonnement, leverance.attempts, login.system.id)
        besked = leverance.besked
        assert besked is not None
        self._turn.setdefault(key, []).append((leverance.seq, besked.besked_id, besked.transaktions_id))

    def _note_turn(self) -> None:
        turn, self._turn = self._turn, {}
        now = self._clock.now()
        for (dueslag, abonnement, attempts, system), handed in turn.items():
            seqs = tuple([seq for seq, _, _ in handed])
            _, besked_id, transaktions_id = handed[0] if len(handed) == 1 else (0, None, None)
            self._trace.add(
                Record(now, "delivered", seqs, besked_id, transaktions_id, system, dueslag, abonnement, attempts + 1)
            )

    def settled(self, leverancer: Sequence[Leverance], what: str, login: Login) -> None:
        """Deliveries were acked, requeued or rejected by this system: one record per dueslag."""
        self._meters.settled[what] += len(leverancer)
        by_dueslag: dict[str, list[int]] = {}
        for leverance in leverancer:
            by_dueslag.setdefault(leverance.dueslag, []).append(leverance.seq)
        now = self._clock.now()
        for dueslag, seqs in by_dueslag.items():
            self._trace.add(Record(now, what, tuple(seqs), None, None, login.system.id, dueslag))


def _attempt(leverance: Leverance) -> int:
    """AntalLeveranceforsoeg: at least 2 for what may have been delivered before.

    After a kill the number of attempts is that of the last one recorded; the flag is what then tells (ADR 0004), and
    a receiver of pushes sees nothing but the number.
    """
    attempts = leverance.attempts + 1
    return 2 if attempts == 1 and leverance.redelivered else attempts
