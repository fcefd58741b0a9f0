"""From the pause queue or the fejlkø back into a dueslag, to their places where that can be done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from broker.engine.rabbitmq.box import Rabbitboks
from broker.engine.rabbitmq.letter import Delivery, Letter
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.publisher import Publisher
from broker.engine.rabbitmq.walk import Walk

AT_ONCE = 1_000
"""Deliveries that are put in order: more wait in the dueslag, or come back, and those that come back go to its end."""
MOST_UNDER_WAY = 2_000
"""Publishes that a move between queues has under way."""

Walking = Callable[[Kind], AbstractAsyncContextManager[Walk | None]]


class Moves:
    """Each is published to the dueslag and acked where it was when that is confirmed; a kill between leaves both, and
    so what is moved, but for the first time from the pause queue, is flagged redelivered."""

    def __init__(self, publisher: Publisher, walking: Walking) -> None:
        self.count = 0
        self._publisher = publisher
        self._walking = walking
        self._left = 0
        self._moved = asyncio.Event()

    async def in_order(self, box: Rabbitboks, chosen: list[Delivery], source: Walk, *, again: bool) -> None:
        """``chosen``, of ``source``, among what waits; what waits and was accepted later is published anew behind
        them.  ``again``: they were delivered before."""
        first = min(one.id for one in chosen)
        async with self._walking(Kind.MAIN) as main:
            later = [one async for one in _of(main) if one.id > first]
            moved = {one.id for one in chosen}
            for one in sorted((*chosen, *later), key=lambda one: one.id):
                if one.id in moved:
                    self._publish(one, source, again or one.count > 0)
                else:
                    assert main is not None
                    self._publish(one, main, True)
            await self._end()
        self.count += len(chosen)
        box.ready += len(chosen)

    async def to_the_end(self, box: Rabbitboks, chosen: AsyncIterator[Delivery], source: Walk, *, again: bool) -> None:
        """However many there are."""
        async for one in chosen:
            self._publish(one, source, again or one.count > 0)
            self.count += 1
            while self._left >= MOST_UNDER_WAY:
                await self._next()
        await self._end()
        box.ready += self.count

    def _publish(self, one: Delivery, source: Walk, redelivered: bool) -> None:
        self._left += 1
        copy = Letter(
            one.id, one.dueslag, one.abonnement, one.keep, one.kept, Kind.MAIN, one.attempts,
            redelivered or one.redelivered,
        )  # fmt: skip
        self._publisher.publish(copy, lambda: self._confirmed(source, one))

    def _confirmed(self, source: Walk, one: Delivery) -> None:
        source.ack(one)
        self._left -= 1
        self._moved.set()

    async def _next(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    async def _end(self) -> None:
        while self._left:
            await self._next()


async def _of(walk: Walk | None) -> AsyncIterator[Delivery]:
    if walk is not None:
        async for one in walk:
            yield one
