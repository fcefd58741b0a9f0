"""The engine of one process: queue logic on the loop thread, group commit into a store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager

from broker.clock import Clock
from broker.core.stored import StoredBesked
from broker.engine.alone import Alone
from broker.engine.caretaker import Caretaker
from broker.engine.commit import Committer
from broker.engine.dueslag import Box
from broker.engine.expiry import Expiry
from broker.engine.fejlkoe import Fejlkoe
from broker.engine.handout import Handout
from broker.engine.store import Batch, Entry, Pending, State, Store
from broker.lease import Lease
from broker.meters import Meters
from broker.ports import Condemned, Consumer, Depth, Died, Glimpse, Leverance, Outcome, Routing

MEMORY_LIMIT = 64 * 1024 * 1024
TIDY_EVERY = 4096
"""Messages between rounds of housekeeping."""


class EmbeddedEngine:
    """`broker.ports.Engine` over a `Store`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        on_died: Died | None = None,
        on_blocked: Callable[[str | None], None] | None = None,
        memory_limit: int = MEMORY_LIMIT,
        redelivery_limit: int = 0,
        meters: Meters | None = None,
    ) -> None:
        """``redelivery_limit``: times that a delivery may come back before it goes to the fejlkø; 0 = no limit."""
        self._store = store
        self._clock = clock
        self._on_died = on_died
        self._redelivery_limit = redelivery_limit
        self._commits = Committer(store, clock, self._stored, on_blocked, Meters() if meters is None else meters)
        self._handout = Handout(store, clock, self._commits, memory_limit, self._expired)
        self._expiry = Expiry(store, clock, self._commits, self._handout, self._died)
        self._fejlkoe = Fejlkoe(store, clock, self._commits, self._handout, self._died)
        self._caretaker = Caretaker(store, self._commits, self._handout)
        self._alone = Alone()
        self._inflight: dict[tuple[str, str], Pending] = {}
        self._tidy: asyncio.TimerHandle | None = None
        self._tidy_at = TIDY_EVERY
        self._open = False

    async def open(self) -> None:
        """Read what is there.  Raises StoreError."""
        found = await self._store.open()
        self._commits.last_id, self._commits.last_seq = found.last_id, found.last_seq
        self._tidy_at = found.last_seq + TIDY_EVERY
        for name, (ready, held, dead) in found.counts.items():
            self._handout.boxes[name] = Box(name, ready, held, dead)
        self._open = True
        self._expiry.arm(found.next_expiry)
        self._commits.background(self._tidy_up)

    async def close(self) -> None:
        """Flush, note what is out, release files.  What could not be stored (blocked) was never answered."""
        if not self._open:
            return
        self._open = False
        self._expiry.stop()
        if self._tidy is not None:
            self._tidy.cancel()
        for box in self._handout.boxes.values():
            for entry in (box.out or {}).values():
                self._touch(entry)
        await self._commits.close()
        await self._store.close(clean=not self._commits.unwritten())

    @property
    def blocked(self) -> str | None:
        return self._commits.blocked

    # the way in
    def accept(self, besked: StoredBesked, routing: Sequence[Routing], done: Callable[[Outcome], None]) -> None:
        key = (besked.afsender, besked.besked_id)
        twin = self._inflight.get(key)
        if twin is not None:
            if twin.twins is None:
                twin.twins = []
            twin.twins.append((besked.digest, done))
            return
        commits = self._commits
        commits.last_seq += 1
        besked.seq = commits.last_seq
        pending = Pending(besked, routing, done, commits.last_id + 1)
        commits.last_id += len(routing)
        self._inflight[key] = pending
        commits.batch.beskeder.append(pending)
        commits.urgent()

    async def flushed(self) -> None:
        await self._commits.flushed()

    def _stored(self, batch: Batch, known: dict[int, bytes]) -> None:
        """A batch is durable: answer, let go, and hand out."""
        handout = self._handout
        dirty: dict[str, Box] = {}
        for name in batch.handed:
            box = handout.boxes.get(name)
            if box is not None:
                box.handed = True
                dirty[name] = box
        if batch.gone:
            handout.leaving.difference_update([gone[2] for gone in batch.gone])
        for position, pending in enumerate(batch.beskeder):
            digest = known.get(position) if known else None
            self._answer(pending, digest)
            if digest is None:
                self._queue(pending, dirty)
        for box in dirty.values():
            if box.consumers:
                handout.dispatch(box)
        if self._commits.last_seq >= self._tidy_at:
            self._tidy_at = self._commits.last_seq + TIDY_EVERY
            self._commits.background(self._tidy_up)

    def _answer(self, pending: Pending, digest: bytes | None) -> None:
        besked = pending.besked
        del self._inflight[besked.afsender, besked.besked_id]
        if digest is None:
            self._tell(pending.done, Outcome.ACCEPTED)
        else:
            self._tell(pending.done, Outcome.KNOWN if digest == besked.digest else Outcome.CONFLICT)
        if pending.twins:
            first = besked.digest if digest is None else digest
            for its_digest, done in pending.twins:
                self._tell(done, Outcome.KNOWN if first == its_digest else Outcome.CONFLICT)

    def _tell(self, done: Callable[[Outcome], None], outcome: Outcome) -> None:
        try:
            done(outcome)
        except Exception as error:  # a bug of the caller must not cost other senders their answers
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"engine: a callback failed: {error}", "exception": error}
            )

    def _queue(self, pending: Pending, dirty: dict[str, Box]) -> None:
        besked = pending.besked
        handout = self._handout
        id = pending.first
        for routing in pending.routing:
            box = handout.boxes.get(routing.dueslag) or handout.box(routing.dueslag)
            if routing.held:
                box.held += 1
            else:
                if box.live and box.consumers:
                    entry = Entry(id, box.name, routing.abonnement, routing.keep, 0, False, besked.seq, besked)
                    entry.besked_id, entry.expires = besked.besked_id, besked.expires
                    entry.size = len(besked.data)
                    handout.add(box, entry)
                else:
                    box.ready += 1
                    box.live = False
                dirty[box.name] = box
            id += 1
        if besked.expires is not None and pending.routing:
            self._expiry.arm(besked.expires)

    # the way out
    def attach(self, dueslag: str, consumer: Consumer) -> None:
        box = self._handout.box(dueslag)
        box.add_consumer(consumer)
        self._handout.dispatch(box)

    def detach(self, dueslag: str, consumer: Consumer) -> None:
        box = self._handout.boxes.get(dueslag)
        if box is None:
            return
        box.remove_consumer(consumer)
        if not box.consumers:
            self._handout.evict(box)

    def kick(self, dueslag: str) -> None:
        box = self._handout.boxes.get(dueslag)
        if box is not None and box.consumers:
            self._handout.dispatch(box)

    async def get(self, dueslag: str) -> Leverance | None:
        return await self._handout.get(dueslag)

    def ack(self, leverancer: Iterable[Leverance]) -> None:
        boxes, gone, leaving = self._handout.boxes, self._commits.batch.gone, self._handout.leaving
        for leverance in leverancer:
            box = boxes.get(leverance.dueslag)
            if box is None or not box.out:
                continue
            entry = box.out.pop(leverance.id, None)
            if entry is not leverance:
                if entry is not None:  # out again, by another handle
                    box.out[entry.id] = entry
                continue
            gone.append((leverance.dueslag, State.READY, leverance.id, leverance.seq))
            leaving.add(leverance.id)
        self._settled()

    def requeue(self, leverancer: Iterable[Leverance], *, counted: bool = True) -> None:
        limit = self._redelivery_limit if counted else 0
        back: dict[str, list[Entry]] = {}
        for leverance in leverancer:
            entry = self._from_out(leverance)
            if entry is None:
                continue
            if limit and entry.attempts >= limit:
                self._fejlkoe.take(entry, f"redelivery limit of {limit} reached")
            else:
                self._touch(entry)
                back.setdefault(entry.dueslag, []).append(entry)
        for name, entries in back.items():
            self._handout.bring_back(self._handout.boxes[name], entries)
        self._settled()
        for name in back:
            self.kick(name)

    def reject(self, leverancer: Iterable[Leverance], reason: str) -> None:
        for leverance in leverancer:
            entry = self._from_out(leverance)
            if entry is not None:
                self._fejlkoe.take(entry, reason)
        self._settled()

    def _from_out(self, leverance: Leverance) -> Entry | None:
        """The delivery, where it is this handle that has it out: the same one may be out again by another."""
        box = self._handout.boxes.get(leverance.dueslag)
        if box is None or not box.out or box.out.get(leverance.id) is not leverance:
            return None
        return box.out.pop(leverance.id)

    def _touch(self, entry: Entry) -> None:
        entry.attempts += 1
        entry.redelivered = True
        self._commits.batch.touched[entry.id] = entry

    def _settled(self) -> None:
        self._commits.lazy()

    def _expired(self, entry: Entry) -> None:
        self._commits.batch.gone.append((entry.dueslag, State.READY, entry.id, entry.seq))
        self._handout.leaving.add(entry.id)
        self._settled()
        self._died("expired", entry.id, entry.dueslag, entry.besked_id, "GyldighedTil is passed")

    def _died(self, what: str, leverance_id: int, dueslag: str, besked_id: str, reason: str) -> None:
        if self._on_died is not None:
            self._on_died(what, leverance_id, dueslag, besked_id, reason)

    def sole(self, dueslag: str) -> AbstractAsyncContextManager[Lease]:
        return self._alone.held(dueslag)

    # the caretaker's side
    def depth(self, dueslag: str) -> Depth:
        box = self._handout.boxes.get(dueslag)
        return box.depth() if box is not None else Depth()

    async def peek(
        self, dueslag: str, *, state: str | None = None, after: int = 0, limit: int = 100, body: bool = True
    ) -> list[Glimpse]:
        return await self._caretaker.peek(dueslag, state, after, limit, body)

    async def find(self, besked_id: str) -> list[StoredBesked]:
        return await self._caretaker.find(besked_id)

    async def purge(self, dueslag: str) -> int:
        return await self._caretaker.purge(dueslag)

    async def drop(self, dueslag: str) -> None:
        self._fejlkoe.dropped(dueslag)
        await self._caretaker.drop(dueslag)

    async def release(self, dueslag: str, abonnement: str) -> int:
        return await self._caretaker.release(dueslag, abonnement)

    async def revive(self, dueslag: str, ids: Sequence[int] | None = None) -> int:
        return await self._caretaker.revive(dueslag, ids)

    async def bury(self, dueslag: str, ids: Sequence[int] | None = None) -> int:
        return await self._caretaker.bury(dueslag, ids)

    async def condemn(self, dueslag: str, abonnement: str, besked: StoredBesked, reason: str) -> Condemned:
        condemned = await self._fejlkoe.condemn(dueslag, abonnement, besked, reason)
        if condemned is Condemned.ADDED:
            self._expiry.arm(besked.expires)
        return condemned

    async def reset(self) -> None:
        await self._caretaker.reset()
        self._expiry.stop()

    async def expire(self) -> int:
        """Drop what has expired by now (a timer does it when time comes); how many."""
        return await self._expiry.run()

    def bytes_in_memory(self) -> int:
        """What ready deliveries in memory are counted for against ``memory_limit``."""
        return self._handout.used

    # housekeeping
    async def tidy(self) -> None:
        """Do the housekeeping that is due now (it is done by and by without being asked)."""
        while await self._commits.do(lambda: self._store.tidy(self._clock.now(), newest=True)) == 0:
            pass

    async def _tidy_up(self) -> None:
        wait = await self._store.tidy(self._clock.now())
        if wait is None or not self._open or self._tidy is not None:
            return
        self._tidy = asyncio.get_running_loop().call_later(max(0.001, wait), self._tidy_again)

    def _tidy_again(self) -> None:
        self._tidy = None
        self._commits.background(self._tidy_up)
