"""Declaring, counting, purging and deleting queues, on channels that an error may close."""

from __future__ import annotations

import asyncio
from typing import Any

from pamqp import base, commands

from broker.engine.rabbitmq.channel import Channel, ChannelClosed
from broker.engine.rabbitmq.line import Line
from broker.engine.rabbitmq.names import Names

NOT_FOUND, LOCKED, INEQUIVALENT = 404, 405, 406


class Queues:
    """One call at a time; a queue that was declared once is taken to be there until RabbitMQ says otherwise."""

    def __init__(self, line: Line, names: Names) -> None:
        self.names = names
        self.declared: set[str] = set()
        self._line = line
        self._channel: Channel | None = None
        self._turn = asyncio.Lock()

    async def declare(self, queue: str) -> None:
        """See that it is there.  One that somebody made with other arguments is used as it is.  Raises StoreError."""
        if queue in self.declared:
            return
        arguments: Any = self.names.arguments(queue)
        try:
            await self._call(commands.Queue.Declare(0, queue, False, True, False, False, False, arguments))
        except ChannelClosed as error:
            if error.code != INEQUIVALENT:
                raise
        self.declared.add(queue)

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

    async def purge(self, queue: str) -> int:
        """Drop what is ready; how many.  Raises StoreError."""
        if await self.count(queue) is None:
            return 0
        return int((await self._call(commands.Queue.Purge(0, queue))).message_count)

    async def delete(self, queue: str) -> None:
        """With all it holds.  Raises StoreError."""
        await self._call(commands.Queue.Delete(0, queue))
        self.declared.discard(queue)

    async def _call(self, method: base.Frame) -> Any:
        async with self._turn:
            if self._channel is None or self._channel.closed is not None:
                self._channel = await (await self._line.ready()).channel()
            return await self._channel.call(method)
