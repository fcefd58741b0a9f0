"""What RabbitMQ itself dropped: said once, by whichever front reads of it first.  What was not over goes to the
fejlkø."""

from __future__ import annotations

import asyncio

from broker.clock import Clock
from broker.engine.rabbitmq.box import Hands, Rabbitboks
from broker.engine.rabbitmq.channel import Channel, Channels, Message
from broker.engine.rabbitmq.letter import Delivery, Letter, Unreadable, read
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.publisher import Publisher
from broker.engine.rabbitmq.queues import Queues
from broker.errors import StoreError
from broker.ports import Died

EXPIRED = "expired"
"""RabbitMQ's word for it."""
PREFETCH = 100
RETRY = 1.0


class Obituaries:
    """Consumes the queue of what RabbitMQ dropped from `start` to `close`, on as many channels as that takes."""

    def __init__(
        self, channels: Channels, queues: Queues, hands: Hands, publisher: Publisher, clock: Clock, died: Died
    ) -> None:
        self._channels = channels
        self._queues = queues
        self._hands = hands
        self._publisher = publisher
        self._clock = clock
        self._died = died
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._consume()
            except StoreError:
                await asyncio.sleep(RETRY)

    async def _consume(self) -> None:
        """Until RabbitMQ ends it.  Raises StoreError."""
        queue = self._queues.names.expired
        await self._queues.declare(queue)
        channel = await self._channels.channel()
        ended = asyncio.Event()
        channel.on_closed = lambda _: ended.set()
        channel.on_cancelled = ended.set
        await channel.consume(queue, "udloebet", PREFETCH, self._take)
        await ended.wait()
        self._queues.declared.discard(queue)
        await channel.close()

    def _take(self, message: Message) -> None:
        channel: Channel = message.channel
        try:
            one = read(channel, message.tag, message.header, message.body)
        except Unreadable:
            channel.ack(message.tag)
            return
        box = self._hands.boxes.get(one.dueslag)
        if box is not None:
            box.changed += 1
            if one.origin == self._queues.names.queue(Kind.HELD, one.dueslag):
                box.held -= 1
            else:
                box.ready -= 1
        if one.why == EXPIRED:
            channel.ack(message.tag)
            self._died("expired", one.id, one.dueslag, one.besked_id, "GyldighedTil is passed")
        else:
            self._keep(one, box)

    def _keep(self, one: Delivery, box: Rabbitboks | None) -> None:
        """Not ours to lose: a limit that somebody set on the queue, as by a policy."""
        reason = f"RabbitMQ has dropped it ({one.why or 'it does not say why'})"
        letter = Letter(
            one.id, one.dueslag, one.abonnement, one.keep, one.kept, Kind.DEAD, one.attempts, True, reason,
            self._clock.now(),
        )  # fmt: skip
        self._publisher.publish(letter, lambda: one.channel.ack(one.tag))
        if box is not None:
            box.dead += 1
        self._died("dead", one.id, one.dueslag, one.besked_id, reason)
