"""Declaring, counting, purging and deleting queues, on channels that an error may close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from pamqp import base, commands

from broker.engine.rabbitmq.channel import Channel, ChannelClosed, Channels
from broker.engine.rabbitmq.names import Names

TOGETHER = 200
"""Questions that are under way at once."""
NOT_FOUND, LOCKED, INEQUIVALENT = 404, 405, 406


class Queues:
    """One caller at a time; a queue that was declared once is taken to be there until RabbitMQ says otherwise."""

    def __init__(
        self, channels: Channels, names: Names, declared: set[str], made: Callable[[str], None] | None = None
    ) -> None:
        """``declared``: what is there, as this front knows; ``made`` hears of what this one has declared."""
        self.names = names
        self.declared = declared
        self._made = made
        self._channels = channels
        self._channel: Channel | None = None
        self._turn = asyncio.Lock()

    async def declare(self, queue: str) -> None:
        """See that it is there.  One that somebody made with other arguments is used as it is.  Raises StoreError."""
        if queue in self.declared:
            return
        try:
            await self._declare(queue)
        except ChannelClosed as error:
            if error.code != INEQUIVALENT:
                raise
        self.declared.add(queue)
        if self._made is not None:
            self._made(queue)

    async def count(self, queue: str) -> int | None:
        """Ready messages, None = there is no such queue.  Raises StoreError."""
        try:
            answer = await self._call(commands.Queue.Declare(0, queue, True))
        except ChannelClosed as error:
            if error.code != NOT_FOUND:
                raise
            self.declared.discard(queue)
            return None
        self.declared.add(queue)
        return int(answer.message_count)

    async def counts(self, queues: Sequence[str]) -> dict[str, int]:
        """Ready messages of many, without those that are not there; asked in one go.  Raises StoreError."""
        found: dict[str, int] = {}
        rest = list(queues)
        while rest:
            batch = rest[:TOGETHER]
            answers = await self._ask([commands.Queue.Declare(0, queue, True) for queue in batch])
            for queue, answer in zip(batch, answers, strict=True):
                if not isinstance(answer, BaseException):
                    found[queue] = int(answer.message_count)
                elif isinstance(answer, ChannelClosed) and answer.code == NOT_FOUND:
                    self.declared.discard(queue)
                    rest.remove(queue)
                    break  # the channel went with it: what was asked after has no answer
                else:
                    raise answer
            rest = [queue for queue in rest if queue not in found]
        return found

    async def purge(self, queue: str) -> int:
        """Drop what is ready; how many.  Raises StoreError."""
        if await self.count(queue) is None:
            return 0
        return int((await self._call(commands.Queue.Purge(0, queue))).message_count)

    async def delete(self, queue: str) -> None:
        """With all it holds.  Raises StoreError."""
        await self._call(commands.Queue.Delete(0, queue))
        self.declared.discard(queue)

    async def _declare(self, queue: str) -> None:
        async with self._turn:
            channel = await self._open()
            arguments: Any = self.names.arguments(queue, channel.link.version)
            await channel.call(commands.Queue.Declare(0, queue, False, True, False, False, False, arguments))

    async def _call(self, method: base.Frame) -> Any:
        async with self._turn:
            return await (await self._open()).call(method)

    async def _ask(self, methods: Sequence[base.Frame]) -> list[Any]:
        """The answers, or why there is none."""
        async with self._turn:
            channel = await self._open()
            return await asyncio.gather(*[channel.ask(one) for one in methods], return_exceptions=True)

    async def _open(self) -> Channel:
        if self._channel is None or self._channel.closed is not None:
            self._channel = await self._channels.channel()
        return self._channel
