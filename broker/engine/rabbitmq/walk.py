"""Looking through a queue: taking what is in it, one by one, and giving back what is to stay."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pamqp import commands, frame

from broker.engine.rabbitmq.channel import Channel, ChannelClosed, Channels, Message
from broker.engine.rabbitmq.letter import Delivery, Marks, Unreadable, read
from broker.engine.rabbitmq.queues import NOT_FOUND

FIRST = 500
LARGEST = 65_535
"""Unsettled deliveries that one consumer may have."""
QUIET = 0.25
"""Seconds without a delivery after which RabbitMQ is asked whether there is more."""
QUIETS = 8
"""So many in a row, and what was expected went elsewhere."""
AHEAD = 10
"""Priority over those who consume."""
SETTLING = 0.3
"""Seconds that what was given back is waited for to be ready again, where nobody else takes it."""


class Walk:
    """Iterates over the deliveries of a queue in its order.  What is not acked goes back when the walk ends, in order;
    with ``marks`` (a dueslag's own queue) that is not counted as an attempt."""

    def __init__(self, channel: Channel, queue: str, limit: int | None, marks: Marks | None) -> None:
        self._channel = channel
        self._queue = queue
        self._limit = limit
        self._marks = marks
        self._came: asyncio.Queue[Message] = asyncio.Queue()
        self._taken: dict[int, tuple[int, int]] = {}
        """By tag: id, and what `Marks` is to know of it when it is given back."""
        self._consumers: list[str] = []
        self._capacity = 0
        self._seen = 0

    async def __aiter__(self) -> AsyncIterator[Delivery]:
        expected = await self._count()
        quiets = 0
        while self._limit is None or self._seen < self._limit:
            if self._seen >= expected and self._came.empty():
                expected = self._seen + await self._count()
                if self._seen >= expected:
                    return
            await self._widen()
            message = await self._next()
            if message is not None:
                quiets = 0
                self._seen += 1
                if (delivery := self._take(message)) is not None:
                    yield delivery
            elif self._came.empty():
                quiets += 1
                left = await self._count()
                if left or quiets >= QUIETS:
                    expected = self._seen + left

    def ack(self, delivery: Delivery) -> None:
        """It leaves the queue."""
        self._taken.pop(delivery.tag, None)
        self._channel.ack(delivery.tag)

    async def end(self) -> None:
        """Give back the rest, and wait until it is there again."""
        tags, self._consumers = self._consumers, []
        await asyncio.gather(*[self._channel.call(commands.Basic.Cancel(tag)) for tag in tags])
        while not self._came.empty():
            self._take(self._came.get_nowait())
        if self._taken:
            if self._marks is not None:
                for id, offset in self._taken.values():
                    self._marks.set(id, offset)
            before = await self._count()
            self._channel.link.send(frame.marshal(commands.Basic.Nack(0, True, True), self._channel.number))
            deadline = asyncio.get_running_loop().time() + SETTLING
            while asyncio.get_running_loop().time() < deadline:
                if await self._count() >= before + len(self._taken):
                    break
                await asyncio.sleep(0.001)
        await self._channel.close()

    # inside
    def _take(self, message: Message) -> Delivery | None:
        try:
            delivery = read(self._channel, message.tag, message.header, message.body)
        except Unreadable:
            self._taken[message.tag] = (0, 0)
            return None
        if self._marks is not None:
            self._marks.apply(delivery)
            delivery.redelivered = delivery.redelivered or delivery.attempts > 0
        self._taken[message.tag] = (delivery.id, delivery.offset_when_back())
        return delivery

    async def _count(self) -> int:
        answer: Any = await self._channel.call(commands.Queue.Declare(0, self._queue, True))
        return int(answer.message_count)

    async def _widen(self) -> None:
        """One consumer more where all that may be unsettled is."""
        if self._capacity > len(self._taken) + self._came.qsize():
            return
        size = min(LARGEST, max(FIRST, self._capacity))
        if self._limit is not None:
            size = min(size, self._limit)
        self._capacity += size
        tag = f"w{self._channel.next_tag()}"
        self._consumers.append(tag)
        await self._channel.consume(self._queue, tag, size, self._came.put_nowait, AHEAD)

    async def _next(self) -> Message | None:
        if not self._came.empty():
            return self._came.get_nowait()
        try:
            async with asyncio.timeout(QUIET):
                return await self._came.get()
        except TimeoutError:
            if self._channel.closed is not None:
                raise ChannelClosed(self._channel.closed) from None
            return None


@asynccontextmanager
async def walking(
    channels: Channels, queue: str, marks: Marks | None = None, limit: int | None = None
) -> AsyncIterator[Walk | None]:
    """A walk through a queue, None where there is no such queue.  Raises StoreError."""
    channel = await channels.channel()
    try:
        await channel.call(commands.Queue.Declare(0, queue, True))
    except ChannelClosed as error:
        if error.code != NOT_FOUND:
            raise
        yield None
        return
    walk = Walk(channel, queue, limit, marks)
    try:
        yield walk
    finally:
        if channel.closed is None:
            await walk.end()
