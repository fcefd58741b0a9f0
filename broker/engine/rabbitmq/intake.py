"""The way in: known or new, published to every dueslag, answered when RabbitMQ has confirmed all of it, or when that
takes too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from broker.core.stored import StoredBesked
from broker.engine.rabbitmq.known import Claim, Claimed, Known, Released
from broker.engine.rabbitmq.letter import Letter, pack_besked
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.publisher import Job, Publisher
from broker.errors import StoreError
from broker.ports import Outcome, Routing

MAX_BATCH = 500
BUSY_DELAY = 0.1
"""Seconds until a message that another front is at is asked for again."""
RETRY = 0.5
"""Seconds until what remembers is asked again when it could not."""

Done = Callable[[Outcome], None]
Troubled = Callable[[str, str | None], None]
"""Hears who cannot do it now and why; None = can again."""


@dataclass(slots=True, eq=False)
class Pending:
    """One accept, until it is answered and noted."""

    number: int
    besked: StoredBesked
    routing: Sequence[Routing]
    done: Done
    claim: Claim
    begun: float
    """Loop time at which it came."""
    left: int = 0
    """Publishes that are not confirmed."""
    claimed: Claimed | None = None
    asked: bool = False
    """It may stand in `Known` as this front's."""
    jobs: tuple[Job, ...] = ()
    confirmed: bool = False
    answered: bool = False
    twins: list[tuple[StoredBesked, Sequence[Routing], Done]] = field(default_factory=list)
    """Resends that came meanwhile."""

    def clean(self) -> bool:
        """Nothing of it can lie in RabbitMQ, of this front or of one before."""
        return self.claimed is Claimed.NEW and not any(job.sent for job in self.jobs)


class Intake:
    """Two lines of batches: what is claimed, and what is noted as done; any number of publishes between."""

    def __init__(
        self, known: Known, publisher: Publisher, next_id: Callable[[], int],
        queued: Callable[[Routing], None], troubled: Troubled, refusing: Callable[[], bool],
    ) -> None:  # fmt: skip
        """``queued`` hears of every delivery that is in RabbitMQ; ``refusing``: nothing new is taken now."""
        self._known = known
        self._publisher = publisher
        self._next_id = next_id
        self._queued = queued
        self._troubled = troubled
        self._refusing = refusing
        self._loop = asyncio.get_running_loop()
        self._inflight: dict[tuple[str, str], Pending] = {}
        self._unanswered: dict[int, Pending] = {}
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._count = 0
        self._claims: list[Pending] = []
        self._released: list[Released] = []
        """What was given up, and `Known` has not heard of."""
        self._confirmed: list[Pending] = []
        self._claiming: asyncio.Task[None] | None = None
        self._noting: asyncio.Task[None] | None = None
        publisher.on_refused = self._refused

    def accept(self, besked: StoredBesked, routing: Sequence[Routing], done: Done) -> None:
        """As `broker.ports.Engine.accept`."""
        key = (besked.afsender, besked.besked_id)
        twin = self._inflight.get(key)
        if twin is not None:
            if twin.answered:  # RabbitMQ has it, and only the note of that is missing
                self._tell_soon(done, _as_twin(besked, twin))
            else:
                twin.twins.append((besked, routing, done))
            return
        if self._refusing():
            self._tell_soon(done, Outcome.UNAVAILABLE)
            return
        besked.seq = self._next_id()
        self._count += 1
        places = tuple(dict.fromkeys([one.dueslag for one in routing]))
        besked.sent = digest = besked.digest  # asked for again with each letter
        claim = Claim(besked.afsender, besked.besked_id, digest, besked.received, places)
        pending = Pending(self._count, besked, routing, done, claim, self._loop.time())
        self._inflight[key] = pending
        self._unanswered[pending.number] = pending
        self._claim(pending)

    async def answered(self) -> None:
        """Returns when all accepted so far are answered."""
        if self._unanswered:
            waiter = self._loop.create_future()
            self._waiters.append((self._count, waiter))
            await waiter

    def give_up(self, before: float) -> None:
        """Answer what came before that loop time: taken where RabbitMQ has all of it; else it is to be sent again, and
        nothing more is done about it here."""
        late: list[Pending] = []
        for pending in self._unanswered.values():
            if pending.begun > before:
                break
            late.append(pending)
        if late:
            self._give_up(late)

    def _refused(self, jobs: set[Job]) -> None:
        """RabbitMQ never takes them (its max_message_size)."""
        self._give_up([one for one in self._unanswered.values() if not jobs.isdisjoint(one.jobs)])

    def _give_up(self, late: list[Pending]) -> None:
        lost = [one for one in late if not one.confirmed]
        self._publisher.withdraw({job for one in lost for job in one.jobs})
        self._released += [Released(one.claim, one.clean()) for one in lost if one.asked]
        for one in late:
            self._answer(one, Outcome.ACCEPTED if one.confirmed else Outcome.UNAVAILABLE)
        self._claims = [one for one in self._claims if not one.answered]
        self._start_claiming()

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
        if not pending.answered:
            self._claims.append(pending)
            self._start_claiming()

    def _start_claiming(self) -> None:
        if self._claiming is None and (self._claims or self._released):
            self._claiming = self._loop.create_task(self._claim_all())

    async def _claim_all(self) -> None:
        """Until nothing is left to ask, and what remembers answers: senders wait meanwhile."""
        troubled = False
        try:
            while self._claims or self._released or troubled:
                try:
                    await self._ask()
                except StoreError as error:
                    troubled = True
                    self._troubled("known", str(error))
                    await asyncio.sleep(RETRY)
                    continue
                if troubled:
                    troubled = False
                    self._troubled("known", None)
        finally:
            self._claiming = None

    async def _ask(self) -> None:
        """One question.  What was given up comes first: it may have been sent again.  Raises StoreError."""
        if self._released:
            released = self._released[:MAX_BATCH]
            await self._known.release(released)
            del self._released[: len(released)]
        elif not self._claims:
            await self._known.ping()
        else:
            batch, self._claims = self._claims[:MAX_BATCH], self._claims[MAX_BATCH:]
            for pending in batch:
                pending.asked = True
            try:
                answers = await self._known.claim([one.claim for one in batch])
            except StoreError:
                self._claims[:0] = [one for one in batch if not one.answered]
                raise
            for pending, claimed in zip(batch, answers, strict=True):
                if not pending.answered:
                    self._judged(pending, claimed)

    def _judged(self, pending: Pending, claimed: Claimed) -> None:
        pending.claimed = claimed
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
        jobs: list[Job] = []
        for one in routing:
            kind = Kind.HELD if one.held else Kind.MAIN
            letter = Letter(
                self._next_id(), one.dueslag, one.abonnement, one.keep, besked, kind, redelivered=doubled, head=head
            )
            jobs.append(self._publisher.publish(letter, partial(self._one_confirmed, pending, one)))
        pending.jobs = tuple(jobs)

    def _one_confirmed(self, pending: Pending, routing: Routing) -> None:
        self._queued(routing)
        pending.left -= 1
        if not pending.left:
            self._note(pending)

    def _note(self, pending: Pending) -> None:
        pending.confirmed = True
        self._confirmed.append(pending)
        if self._noting is None:
            self._noting = self._loop.create_task(self._note_all())

    async def _note_all(self) -> None:
        try:
            while self._confirmed:
                batch, self._confirmed = self._confirmed[:MAX_BATCH], self._confirmed[MAX_BATCH:]
                await self._note_done([one.claim for one in batch])
                for pending in batch:
                    if not pending.answered:
                        self._answer(pending, Outcome.ACCEPTED)
                    self._forget(pending)
        finally:
            self._noting = None

    async def _note_done(self, claims: list[Claim]) -> None:
        """Until it succeeds."""
        troubled = False
        while True:
            try:
                await self._known.done(claims)
            except StoreError as error:
                troubled = True
                self._troubled("noted", str(error))
                await asyncio.sleep(RETRY)
                continue
            if troubled:
                self._troubled("noted", None)
            return

    def _answer(self, pending: Pending, outcome: Outcome) -> None:
        besked = pending.besked
        pending.answered = True
        if outcome is not Outcome.ACCEPTED:
            self._forget(pending)
        self._unanswered.pop(pending.number, None)
        self._tell(pending.done, outcome)
        twins, pending.twins = pending.twins, []
        for twin, routing, done in twins:
            if outcome is Outcome.UNAVAILABLE:
                self._tell(done, outcome)
            elif outcome is not Outcome.CONFLICT:
                self._tell(done, _as_twin(twin, pending))
            elif twin.digest == besked.digest:
                self._tell(done, Outcome.CONFLICT)
            else:  # what it conflicts with may be this very one
                self.accept(twin, routing, done)
        if self._waiters:
            self._wake()

    def _forget(self, pending: Pending) -> None:
        """There is nothing more to be done about it."""
        key = (pending.besked.afsender, pending.besked.besked_id)
        if self._inflight.get(key) is pending:
            del self._inflight[key]

    def _wake(self) -> None:
        first = next(iter(self._unanswered), self._count + 1)
        for number, waiter in self._waiters:
            if number < first and not waiter.done():
                waiter.set_result(None)
        self._waiters = [one for one in self._waiters if not one[1].done()]

    def _tell_soon(self, done: Done, outcome: Outcome) -> None:
        """Nobody is called back before `accept` has returned."""
        self._loop.call_soon(self._tell, done, outcome)

    def _tell(self, done: Done, outcome: Outcome) -> None:
        try:
            done(outcome)
        except Exception as error:  # a bug of the caller must not cost other senders their answers
            self._loop.call_exception_handler({"message": f"engine: a callback failed: {error}", "exception": error})


def _as_twin(besked: StoredBesked, of: Pending) -> Outcome:
    return Outcome.KNOWN if besked.digest == of.besked.digest else Outcome.CONFLICT
