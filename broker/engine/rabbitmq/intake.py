"""The way in: known or new, published to every dueslag, answered when RabbitMQ has confirmed all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from broker.engine.rabbitmq.known import Claim, Claimed, Known
from broker.engine.rabbitmq.letter import Letter, pack_besked
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.publisher import Publisher
from broker.errors import StoreError
from broker.ports import Outcome, Routing, StoredBesked

_log = structlog.get_logger(__name__)

MAX_BATCH = 500
BUSY_DELAY = 0.1
"""Seconds until a message that another front is at is asked for again."""
RETRY = 0.5
"""Seconds until what remembers is asked again when it could not."""

Done = Callable[[Outcome], None]


@dataclass(slots=True, eq=False)
class Pending:
    """One accept that is not answered."""

    number: int
    besked: StoredBesked
    routing: Sequence[Routing]
    done: Done
    claim: Claim
    left: int = 0
    """Publishes that are not confirmed."""
    twins: list[tuple[StoredBesked, Sequence[Routing], Done]] = field(default_factory=list)
    """Resends that came meanwhile."""


class Intake:
    """Two lines of batches: what is claimed, and what is noted as done; any number of publishes between."""

    def __init__(
        self, known: Known, publisher: Publisher, next_id: Callable[[], int],
        queued: Callable[[Routing], None], troubled: Callable[[str | None], None],
    ) -> None:  # fmt: skip
        """``queued`` hears of every delivery that is in RabbitMQ, ``troubled`` why nothing can be remembered."""
        self._known = known
        self._publisher = publisher
        self._next_id = next_id
        self._queued = queued
        self._troubled = troubled
        self._loop = asyncio.get_running_loop()
        self._inflight: dict[tuple[str, str], Pending] = {}
        self._unanswered: dict[int, None] = {}
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._count = 0
        self._claims: list[Pending] = []
        self._confirmed: list[Pending] = []
        self._claiming: asyncio.Task[None] | None = None
        self._noting: asyncio.Task[None] | None = None

    def accept(self, besked: StoredBesked, routing: Sequence[Routing], done: Done) -> None:
        """As `broker.ports.Engine.accept`."""
        key = (besked.afsender, besked.besked_id)
        twin = self._inflight.get(key)
        if twin is not None:
            twin.twins.append((besked, routing, done))
            return
        besked.seq = self._next_id()
        self._count += 1
        places = tuple(dict.fromkeys([one.dueslag for one in routing]))
        claim = Claim(besked.afsender, besked.besked_id, besked.digest, besked.received, places)
        pending = Pending(self._count, besked, routing, done, claim)
        self._inflight[key] = pending
        self._unanswered[pending.number] = None
        self._claim(pending)

    async def answered(self) -> None:
        """Returns when all accepted so far are answered."""
        if self._unanswered:
            waiter = self._loop.create_future()
            self._waiters.append((self._count, waiter))
            await waiter

    def unanswered(self) -> int:
        return len(self._unanswered)

    async def close(self) -> None:
        """What is not answered never will be."""
        tasks = [task for task in (self._claiming, self._noting) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._inflight.clear()
        self._unanswered.clear()
        self._wake()

    # inside
    def _claim(self, pending: Pending) -> None:
        self._claims.append(pending)
        if self._claiming is None:
            self._claiming = self._loop.create_task(self._claim_all())

    async def _claim_all(self) -> None:
        try:
            while self._claims:
                batch, self._claims = self._claims[:MAX_BATCH], self._claims[MAX_BATCH:]
                answers = await self._persist(partial(self._known.claim, [one.claim for one in batch]))
                for pending, claimed in zip(batch, answers, strict=True):
                    self._judged(pending, claimed)
        finally:
            self._claiming = None

    def _judged(self, pending: Pending, claimed: Claimed) -> None:
        if claimed is Claimed.NEW or claimed is Claimed.AGAIN:
            self._publish(pending, claimed is Claimed.AGAIN)
        elif claimed is Claimed.BUSY:
            self._loop.call_later(BUSY_DELAY, self._claim, pending)
        else:
            self._answer(pending, Outcome.KNOWN if claimed is Claimed.KNOWN else Outcome.CONFLICT)

    def _publish(self, pending: Pending, doubled: bool) -> None:
        besked, routing = pending.besked, pending.routing
        pending.left = len(routing)
        if not routing:
            self._note(pending)
            return
        head = pack_besked(besked)
        for one in routing:
            kind = Kind.HELD if one.held else Kind.MAIN
            letter = Letter(
                self._next_id(), one.dueslag, one.abonnement, one.keep, besked, kind, redelivered=doubled, head=head
            )
            self._publisher.publish(letter, partial(self._one_confirmed, pending, one))

    def _one_confirmed(self, pending: Pending, routing: Routing) -> None:
        self._queued(routing)
        pending.left -= 1
        if not pending.left:
            self._note(pending)

    def _note(self, pending: Pending) -> None:
        self._confirmed.append(pending)
        if self._noting is None:
            self._noting = self._loop.create_task(self._note_all())

    async def _note_all(self) -> None:
        try:
            while self._confirmed:
                batch, self._confirmed = self._confirmed[:MAX_BATCH], self._confirmed[MAX_BATCH:]
                await self._persist(partial(self._known.done, [one.claim for one in batch]))
                for pending in batch:
                    self._answer(pending, Outcome.ACCEPTED)
        finally:
            self._noting = None

    async def _persist(self, work: Callable[[], object]) -> list[Claimed]:
        """Until it succeeds: senders wait meanwhile."""
        troubled = False
        while True:
            try:
                found = await work()  # type: ignore[misc]
            except StoreError as error:
                troubled = True
                self._troubled(str(error))
                await asyncio.sleep(RETRY)
                continue
            if troubled:
                self._troubled(None)
            return found  # type: ignore[no-any-return]

    def _answer(self, pending: Pending, outcome: Outcome) -> None:
        besked = pending.besked
        self._inflight.pop((besked.afsender, besked.besked_id), None)
        self._unanswered.pop(pending.number, None)
        self._tell(pending.done, outcome)
        for twin, routing, done in pending.twins:
            if outcome is not Outcome.CONFLICT:
                self._tell(done, Outcome.KNOWN if twin.digest == besked.digest else Outcome.CONFLICT)
            elif twin.digest == besked.digest:
                self._tell(done, Outcome.CONFLICT)
            else:  # what it conflicts with may be this very one
                self.accept(twin, routing, done)
        if self._waiters:
            self._wake()

    def _wake(self) -> None:
        first = next(iter(self._unanswered), self._count + 1)
        for number, waiter in self._waiters:
            if number < first and not waiter.done():
                waiter.set_result(None)
        self._waiters = [one for one in self._waiters if not one[1].done()]

    def _tell(self, done: Done, outcome: Outcome) -> None:
        try:
            done(outcome)
        except Exception as error:  # a bug of the caller must not cost other senders their answers
            self._loop.call_exception_handler({"message": f"engine: a callback failed: {error}", "exception": error})
