"""Working alone among all fronts: an exclusive queue as lock, which RabbitMQ takes back when its holder's connection
goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pamqp import commands

from broker.engine.rabbitmq.channel import Channel, ChannelClosed
from broker.engine.rabbitmq.line import Line
from broker.engine.rabbitmq.queues import LOCKED
from broker.errors import StoreError

AGAIN = 0.5
"""Seconds between attempts to take over."""
CARETAKER_AGAIN = 0.02
CARETAKER_PATIENCE = 30.0
"""Seconds that a caretaker waits for one on another front."""


class Lease:
    """Held from the time it is handed over until ``lost`` is set: RabbitMQ, or the way to it, went; another front may
    hold it from then on."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()


class Locks:
    """Of one front.  RabbitMQ gives an exclusive queue to a connection, and all here are on one: who is first in this
    front is settled here."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._here: dict[str, asyncio.Lock] = {}

    @asynccontextmanager
    async def held(self, queue: str) -> AsyncIterator[Lease]:
        """Waits until it is ours, as long as it takes."""
        async with self._here.setdefault(queue, asyncio.Lock()), self._held(queue) as lease:
            yield lease

    @asynccontextmanager
    async def _held(self, queue: str) -> AsyncIterator[Lease]:
        while True:
            try:
                lease, channel = await self._try(queue)
                break
            except StoreError:
                await asyncio.sleep(AGAIN)
        try:
            yield lease
        finally:
            await _release(channel, queue)

    @asynccontextmanager
    async def shortly(self, queue: str) -> AsyncIterator[None]:
        """For a caretaker's work.  Raises StoreError where it is not to be had in good time."""
        deadline = asyncio.get_running_loop().time() + CARETAKER_PATIENCE
        while True:
            try:
                _, channel = await self._try(queue)
                break
            except ChannelClosed as error:
                if error.code != LOCKED or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(CARETAKER_AGAIN)
        try:
            yield
        finally:
            await _release(channel, queue)

    async def _try(self, queue: str) -> tuple[Lease, Channel]:
        channel = await (await self._line.ready()).channel()
        await channel.call(commands.Queue.Declare(0, queue, False, False, True, True))
        lease = Lease()
        channel.on_closed = lambda _: lease.lost.set()
        return lease, channel


async def _release(channel: Channel, queue: str) -> None:
    if channel.closed is None:
        try:
            await channel.call(commands.Queue.Delete(0, queue))
            channel.on_closed = None
            await channel.close()
        except ChannelClosed:
            return
