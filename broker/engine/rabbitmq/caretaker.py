"""What a caretaker does to the queues of a dueslag: look, find, purge, drop, release, revive, bury, expire, reset."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

from pamqp import commands

from broker.clock import Clock
from broker.core.stored import StoredBesked
from broker.engine.rabbitmq.box import Rabbitboks
from broker.engine.rabbitmq.channel import Channels
from broker.engine.rabbitmq.handout import Handout
from broker.engine.rabbitmq.known import Known
from broker.engine.rabbitmq.lease import Locks
from broker.engine.rabbitmq.letter import Delivery
from broker.engine.rabbitmq.moves import AT_ONCE, Moves
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.publisher import Publisher
from broker.engine.rabbitmq.queues import Queues
from broker.engine.rabbitmq.walk import SETTLING, Walk, walking
from broker.ports import Died, Glimpse


class Caretaker:
    """What is done to a dueslag is done by one caretaker at a time in this front, while it hands out nothing; what is
    done to its pause queue and fejlkø, by one on all fronts.  All raise StoreError where RabbitMQ is away."""

    def __init__(
        self, channels: Channels, queues: Queues, locks: Locks, handout: Handout, publisher: Publisher, known: Known,
        clock: Clock, died: Died,
    ) -> None:  # fmt: skip
        self._channels = channels
        self._queues = queues
        self._locks = locks
        self._handout = handout
        self._hands = handout.hands
        self._publisher = publisher
        self._known = known
        self._clock = clock
        self._died = died

    @asynccontextmanager
    async def quiet(self, dueslag: str, *, alone: bool = True) -> AsyncIterator[Rabbitboks]:
        """The dueslag hands out nothing here; ``alone``: and no other front's caretaker is at it."""
        box = self._hands.box(dueslag)
        async with box.lock:
            box.still += 1
            try:
                while box.moving:
                    await asyncio.wait(box.moving)
                if alone:
                    async with self._locks.shortly(self._queues.names.lock(f"{dueslag}.vagt")):
                        yield box
                else:
                    yield box
            finally:
                box.still -= 1
                box.changed += 1
                self._handout.dispatch(box)

    @asynccontextmanager
    async def walk(self, dueslag: str, kind: Kind, limit: int | None = None) -> AsyncIterator[Walk | None]:
        """Through one of its queues; None where there is nothing in it."""
        queue = self._queues.names.queue(kind, dueslag)
        if not await self._queues.count(queue):
            yield None
            return
        marks = self._handout.marks if kind is Kind.MAIN else None
        async with walking(self._channels, queue, marks, limit) as found:
            yield found

    # look
    async def peek(self, dueslag: str, state: str | None, after: int, limit: int, body: bool) -> list[Glimpse]:
        if dueslag not in self._hands.boxes and not await self._exists(dueslag):
            return []
        seen: dict[int, Glimpse] = {}
        async with self.quiet(dueslag, alone=state in (None, "held", "dead")) as box:
            if state in (None, "ready"):
                await self._look(dueslag, Kind.MAIN, "ready", seen, after, limit, body)
            for one in box.in_hand() if state in (None, "ready") else ():
                seen[one.id] = _glimpse(one, "ready", body)
            for entry in (box.out or {}).values() if state in (None, "out") else ():
                assert isinstance(entry, Delivery)
                seen[entry.id] = _glimpse(entry, "out", body)
            if state in (None, "held"):
                await self._look(dueslag, Kind.HELD, "held", seen, after, limit, body)
            if state == "dead":
                await self._look(dueslag, Kind.DEAD, "dead", seen, after, limit, body)
        return [seen[id] for id in sorted(seen) if id > after][:limit]

    async def _look(
        self, dueslag: str, kind: Kind, state: str, seen: dict[int, Glimpse], after: int, limit: int, body: bool
    ) -> None:
        async with self.walk(dueslag, kind, None if after else limit) as walk:
            found = 0
            if walk is not None:
                async for delivery in walk:
                    if delivery.id > after:
                        seen[delivery.id] = _glimpse(delivery, state, body)
                        found += 1
                        if found >= limit:
                            return

    async def _exists(self, dueslag: str) -> bool:
        return any([await self._queues.count(self._queues.names.queue(kind, dueslag)) is not None for kind in Kind])

    async def find(self, besked_id: str) -> list[StoredBesked]:
        found: dict[str, StoredBesked] = {}
        for afsender, dueslag in await self._known.places(besked_id):
            if afsender not in found:
                besked = await self._find_in(dueslag, afsender, besked_id)
                if besked is not None:
                    found[afsender] = besked
        return list(found.values())

    async def _find_in(self, dueslag: str, afsender: str, besked_id: str) -> StoredBesked | None:
        box = self._hands.box(dueslag)
        here = [*box.in_hand(), *(box.out or {}).values()]
        for delivery in here:
            assert isinstance(delivery, Delivery)
            if (delivery.kept.afsender, delivery.besked_id) == (afsender, besked_id):
                return delivery.kept
        async with self.quiet(dueslag):
            for kind in Kind:
                async with self.walk(dueslag, kind) as walk:
                    if walk is not None:
                        async for one in walk:
                            if (one.kept.afsender, one.besked_id) == (afsender, besked_id):
                                return one.kept
        return None

    # change
    async def purge(self, dueslag: str) -> int:
        async with self.quiet(dueslag) as box:
            count = await self._purge_main(box)
            count += await self._queues.purge(self._queues.names.queue(Kind.HELD, dueslag))
            box.held = 0
            return count

    async def _purge_main(self, box: Rabbitboks) -> int:
        feed = self._handout.feed(box)
        await self._all_back(box)
        if await self._queues.count(feed.queue) is None:
            return 0
        channel = await feed.channel()  # behind what was given back on it
        count = int((await channel.call(commands.Queue.Purge(0, feed.queue))).message_count)
        box.ready = 0
        return count

    async def drop(self, dueslag: str) -> None:
        box = self._hands.box(dueslag)
        box.drops += 1
        self._handout.gone(box)
        async with box.lock:
            await self._handout.remove(box)
            for kind in Kind:
                await self._queues.delete(self._queues.names.queue(kind, dueslag))
            self._handout.gone(box)

    async def release(self, dueslag: str, abonnement: str) -> int:
        async with self.quiet(dueslag) as box:
            count = await self._move(box, Kind.HELD, lambda one: one.abonnement == abonnement, None)
            box.held -= count
            return count

    async def revive(self, dueslag: str, ids: Sequence[int] | None) -> int:
        wanted = None if ids is None else set(ids)
        if wanted == set():
            return 0
        async with self.quiet(dueslag) as box:
            count = await self._move(
                box, Kind.DEAD, lambda one: wanted is None or one.id in wanted, len(wanted) if wanted else None
            )
            box.dead -= count
            return count

    async def _move(self, box: Rabbitboks, kind: Kind, wanted: Callable[[Delivery], bool], most: int | None) -> int:
        """Into the dueslag, those that are wanted; at most ``most`` are."""
        names = self._queues.names
        moves = Moves(self._publisher, partial(self.walk, box.name))
        async with self.walk(box.name, kind) as source:
            if source is None:
                return 0
            chosen = _chosen(source, wanted, most)
            await self._all_back(box)
            there = await self._queues.count(names.queue(kind, box.name)) or 0
            waiting = await self._queues.count(names.queue(Kind.MAIN, box.name)) or 0
            again = kind is Kind.DEAD
            if there > AT_ONCE or waiting > AT_ONCE:
                await moves.to_the_end(box, chosen, source, again=again)
            elif few := [one async for one in chosen]:
                await moves.in_order(box, few, source, again=again)
        return moves.count

    async def _all_back(self, box: Rabbitboks) -> None:
        """Nothing ready is in this front's hands, but in RabbitMQ, and to be seen there."""
        given = box.in_memory()
        self._handout.give_back(box)
        feed = self._handout.feed(box)
        await feed.idle()
        await feed.heard()
        deadline = asyncio.get_running_loop().time() + SETTLING
        while given and asyncio.get_running_loop().time() < deadline:
            if (await self._queues.count(feed.queue) or 0) >= box.ready:
                return
            await asyncio.sleep(0.001)

    async def bury(self, dueslag: str, ids: Sequence[int] | None) -> int:
        async with self.quiet(dueslag) as box:
            if ids is None:
                count = await self._queues.purge(self._queues.names.queue(Kind.DEAD, dueslag))
            else:
                count = await self._bury(dueslag, set(ids))
            box.dead -= count
            return count

    async def _bury(self, dueslag: str, wanted: set[int]) -> int:
        count = 0
        async with self.walk(dueslag, Kind.DEAD) as walk:
            if walk is not None:
                async for one in walk:
                    if one.id in wanted:
                        walk.ack(one)
                        count += 1
                        if count == len(wanted):
                            break
        return count

    async def expire(self) -> int:
        """Drop what has expired in the dueslag that this front knows (RabbitMQ does it where it comes to the head)."""
        count = 0
        for dueslag in [*self._hands.boxes]:
            async with self.quiet(dueslag) as box:
                for one in [one for one in box.in_hand() if self._is_expired(one)]:
                    self._hands.remove(box, {one.id})
                    self._handout.ack(one)
                    self._say_expired(one)
                    count += 1
                for kind in (Kind.MAIN, Kind.HELD):
                    count += await self._expire(box, kind)
        return count

    async def _expire(self, box: Rabbitboks, kind: Kind) -> int:
        count = 0
        async with self.walk(box.name, kind) as walk:
            if walk is not None:
                async for one in walk:
                    if self._is_expired(one):
                        walk.ack(one)
                        self._say_expired(one)
                        count += 1
        if kind is Kind.MAIN:
            box.ready -= count
        else:
            box.held -= count
        return count

    def _is_expired(self, one: Delivery) -> bool:
        return one.expires is not None and one.expires <= self._clock.now()

    def _say_expired(self, one: Delivery) -> None:
        self._died("expired", one.id, one.dueslag, one.besked_id, "GyldighedTil is passed")

    async def reset(self) -> None:
        for dueslag in [*self._hands.boxes]:
            async with self.quiet(dueslag) as box:
                for entry in (box.out or {}).values():
                    assert isinstance(entry, Delivery)
                    self._handout.ack(entry)
                box.out = None
                await self._purge_main(box)
                for kind in (Kind.HELD, Kind.DEAD):
                    await self._queues.purge(self._queues.names.queue(kind, dueslag))
                box.ready = box.held = box.dead = 0
        await self._known.clear()


async def _chosen(walk: Walk, wanted: Callable[[Delivery], bool], most: int | None) -> AsyncIterator[Delivery]:
    count = 0
    async for one in walk:
        if wanted(one):
            yield one
            count += 1
            if count == most:
                return


def _glimpse(one: Delivery, state: str, body: bool) -> Glimpse:
    besked = one.kept if body else replace(one.kept, data=b"")
    return Glimpse(
        one.id, one.dueslag, one.abonnement, state, one.attempts, one.redelivered, one.keep, besked, one.reason,
        one.died, one.size,
    )  # fmt: skip
