"""What RabbitMQ itself dropped because its time was over: said once, by whichever front reads of it first."""

from __future__ import annotations

import asyncio

from broker.engine.rabbitmq.box import Hands
from broker.engine.rabbitmq.channel import Channel, Message
from broker.engine.rabbitmq.letter import Unreadable, read
from broker.engine.rabbitmq.line import Line
from broker.engine.rabbitmq.link import Link
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.queues import Queues
from broker.errors import StoreError
from broker.ports import Died

PREFETCH = 100
RETRY = 1.0


class Obituaries:
    """Consumes the queue of expired messages while there is a connection."""

    def __init__(self, line: Line, queues: Queues, hands: Hands, died: Died) -> None:
        self._line = line
        self._queues = queues
        self._hands = hands
        self._died = died
        self._task: asyncio.Task[None] | None = None

    def up(self, link: Link) -> None:
        """There is a connection again."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._begin(link))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _begin(self, link: Link) -> None:
        while link.lost is None:
            try:
                queue = self._queues.names.expired
                await self._queues.declare(queue)
                channel = await link.channel()
                await channel.consume(queue, "udloebet", PREFETCH, self._take)
                return
            except StoreError:
                await asyncio.sleep(RETRY)

    def _take(self, message: Message) -> None:
        channel: Channel = message.channel
        channel.ack(message.tag)
        try:
            one = read(channel, message.tag, message.header, message.body)
        except Unreadable:
            return
        box = self._hands.boxes.get(one.dueslag)
        if box is not None:
            box.changed += 1
            if one.origin == self._queues.names.queue(Kind.HELD, one.dueslag):
                box.held -= 1
            else:
                box.ready -= 1
        self._died("expired", one.id, one.dueslag, one.besked_id, "GyldighedTil is passed")
