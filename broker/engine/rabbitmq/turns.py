"""Which front works a dueslag alone (`broker.ports.Engine.sole`): RabbitMQ says whose turn it is, nobody asks.

Dueslag are shared out over a fixed number of parts, by their id.  A part is a quorum queue with a single active
consumer: each front that wants a dueslag of it consumes there, and whoever holds the message in it has its turn.
RabbitMQ hands the message on when its holder leaves or dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary
from zlib import crc32

import structlog

from broker.engine.rabbitmq.channel import Channel, Channels, Message
from broker.engine.rabbitmq.lease import Lease
from broker.engine.rabbitmq.queues import Queues
from broker.errors import StoreError

_log = structlog.get_logger(__name__)

PARTS = 64
"""The same on all fronts.  Fronts share work by parts, and what waits for its turn costs a channel for each."""
AHEAD = 100
"""Messages of a part that may be unsettled: one is enough, and each front brings one."""
AGAIN = 0.5
"""Seconds until what could not be done is tried again."""

PutToken = Callable[[str], Awaitable[None]]


class Turns:
    """Of one front."""

    def __init__(self, channels: Channels, queues: Queues, put_token: PutToken) -> None:
        """``put_token`` puts a message into a queue; raises StoreError."""
        self.parts: dict[int, Part] = {}
        self._channels = channels
        self._queues = queues
        self._put_token = put_token
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def held(self, dueslag: str) -> AsyncIterator[Lease]:
        """Waits until it is ours, as long as it takes; who is first in this front is settled here."""
        async with self._here.setdefault(dueslag, asyncio.Lock()):
            part = self._part(self.number(dueslag))
            lease = await part.join()
            try:
                yield lease
            finally:
                await part.leave()

    @staticmethod
    def number(dueslag: str) -> int:
        """The part that it is of; the same on all fronts."""
        return crc32(dueslag.encode()) % PARTS

    async def close(self) -> None:
        await asyncio.gather(*[part.close() for part in self.parts.values()])

    def _part(self, number: int) -> Part:
        part = self.parts.get(number)
        if part is None:
            part = self.parts[number] = Part(
                self._queues.names.part(number), self._channels, self._queues, self._put_token
            )
        return part


class Part:
    """One part, on this front: in line for it while somebody here wants one of its dueslag."""

    def __init__(self, queue: str, channels: Channels, queues: Queues, put_token: PutToken) -> None:
        self.queue = queue
        self.in_line = False
        """RabbitMQ knows that this front wants it."""
        self._channels = channels
        self._queues = queues
        self._put_token = put_token
        self._users = 0
        self._lease: Lease | None = None
        self._came = asyncio.Event()
        """There is a lease."""
        self._away = asyncio.Event()
        """RabbitMQ knows that this front is not in line."""
        self._away.set()
        self._ended = asyncio.Event()
        """The channel went, or nobody here wants it any more."""
        self._token: tuple[Channel, int] | None = None
        self._work: asyncio.Task[None] | None = None

    async def join(self) -> Lease:
        """Waits for the turn; `leave` is owed from then on."""
        self._users += 1
        try:
            if self._work is None or self._work.done():
                self._work = asyncio.get_running_loop().create_task(self._run(), name=f"turn {self.queue}")
            while (lease := self._lease) is None:
                await self._came.wait()
        except BaseException:
            await self.leave()
            raise
        return lease

    async def leave(self) -> None:
        """Returns when another front may have it, where nobody else here does."""
        self._users -= 1
        if not self._users and self._work is not None and not self._work.done():
            self._ended.set()
            await self._away.wait()

    async def close(self) -> None:
        """Whoever has it here has lost it."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    # inside
    async def _run(self) -> None:
        try:
            while self._users:
                try:
                    await self._stand_in_line()
                except StoreError as error:
                    _log.debug("not in line for pushing", part=self.queue, reason=str(error))
                    await asyncio.sleep(AGAIN)
        finally:
            self._lose()
            self._away.set()

    async def _stand_in_line(self) -> None:
        """Until the channel goes or nobody here wants it.  Raises StoreError."""
        self._ended.clear()
        await self._queues.declare(self.queue)
        channel = await self._channels.channel()
        self._away.clear()
        channel.on_closed = lambda _: self._gone()
        channel.on_cancelled = self._gone
        bringing = asyncio.get_running_loop().create_task(self._bring_token())
        try:
            await channel.consume(self.queue, "tur", AHEAD, self._take)
            self.in_line = True
            if self._users:
                await self._ended.wait()
        finally:
            self.in_line = False
            bringing.cancel()
            await asyncio.gather(bringing, return_exceptions=True)
            self._lose()
            channel.on_closed = None
            await channel.close()
            self._away.set()

    async def _bring_token(self) -> None:
        """There may be none in the queue, or one that has come back so often that RabbitMQ is about to drop it."""
        while True:
            try:
                return await self._put_token(self.queue)
            except StoreError as error:
                _log.debug("no token brought", part=self.queue, reason=str(error))
                await asyncio.sleep(AGAIN)

    def _take(self, message: Message) -> None:
        """It is this front's turn; the newest token is kept, and back in the queue when the channel goes."""
        if self._token is not None and self._token[0] is message.channel:
            message.channel.ack(self._token[1])
        self._token = (message.channel, message.tag)
        if self._lease is None:
            self._lease = Lease()
            self._came.set()

    def _gone(self) -> None:
        """The channel, or the queue: another front may have it from now on."""
        self._queues.declared.discard(self.queue)
        self._lose()
        self._ended.set()

    def _lose(self) -> None:
        lease, self._lease = self._lease, None
        self._came.clear()
        self._token = None
        if lease is not None:
            lease.lost.set()
