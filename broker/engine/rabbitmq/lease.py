"""Working alone among all fronts: the lease for it, and locks for as long as a caretaker's work takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pamqp import commands

from broker.engine.rabbitmq.channel import Channel, ChannelClosed, Channels
from broker.engine.rabbitmq.queues import LOCKED

AGAIN = 0.02
"""Seconds between attempts."""
PATIENCE = 30.0
"""Seconds that a caretaker waits for one on another front."""


class Lease:
    """Held from the time it is handed over until ``lost`` is set: RabbitMQ, or the way to it, went; another front may
    hold it from then on."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()


class Locks:
    """Exclusive queues, which RabbitMQ takes back when the connection of their holder goes."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    @asynccontextmanager
    async def shortly(self, queue: str) -> AsyncIterator[None]:
        """Raises StoreError where it is not to be had in good time."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                channel = await self._try(queue)
                break
            except ChannelClosed as error:
                if error.code != LOCKED or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(AGAIN)
        try:
            yield
        finally:
            await _release(channel, queue)

    async def _try(self, queue: str) -> Channel:
        channel = await self._channels.channel()
        await channel.call(commands.Queue.Declare(0, queue, False, False, True, True))
        return channel


async def _release(channel: Channel, queue: str) -> None:
    if channel.closed is None:
        try:
            await channel.call(commands.Queue.Delete(0, queue))
            await channel.close()
        except ChannelClosed:
            return
