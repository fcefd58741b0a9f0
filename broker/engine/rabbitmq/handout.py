"""The way out: from RabbitMQ into this front's hands, from there to consumers, and what they say of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import structlog

from broker.clock import Clock
from broker.engine.rabbitmq.box import Hands, Rabbitboks
from broker.engine.rabbitmq.channel import Channel, Channels, Message
from broker.engine.rabbitmq.feed import Feed
from broker.engine.rabbitmq.letter import Delivery, Marks, Unreadable, read
from broker.engine.rabbitmq.queues import Queues
from broker.ports import Died, Leverance

_log = structlog.get_logger(__name__)

IDLE = 2.0
"""Seconds that deliveries nobody takes stay in this front's hands before other fronts may have them."""


class Handout:
    """The dueslag of this front, their feeds, and what is out."""

    def __init__(
        self, channels: Channels, queues: Queues, clock: Clock, hands: Hands, prefetch: int, died: Died,
        unreadable: Callable[[Message], None],
    ) -> None:  # fmt: skip
        self.hands = hands
        self.marks = Marks()
        self.told: set[Channel] = set()
        """Channels on which something was settled since `tell`."""
        self.kept: set[str] = set()
        """Dueslag that this front works alone: nobody waits for what is read ahead, and given back it would come
        again before what is out."""
        self._channels = channels
        self._queues = queues
        self._clock = clock
        self._prefetch = prefetch
        self._died = died
        self._unreadable = unreadable
        self._feeds: dict[str, Feed] = {}
        self._loop = asyncio.get_running_loop()

    def feed(self, box: Rabbitboks) -> Feed:
        feed = self._feeds.get(box.name)
        if feed is None:
            feed = self._feeds[box.name] = Feed(
                self._channels,
                self._queues,
                box.name,
                self._prefetch,
                arrived=lambda message: self._arrived(box, message),
                starving=lambda capacity: self._starving(box, capacity),
                gone=lambda: self.gone(box),
                lost=lambda: self._lost(box),
            )
        return feed

    async def tell(self) -> None:
        """Returns when RabbitMQ has read what was said of deliveries so far."""
        channels, self.told = self.told, set()
        for channel in channels:
            if channel.closed is None:
                await channel.heard()

    async def close(self) -> None:
        """What is in hand or out goes back to RabbitMQ."""
        await asyncio.gather(*[feed.close() for feed in self._feeds.values()])

    # to consumers
    def dispatch(self, box: Rabbitboks) -> None:
        """Hand out while there is something here and somebody with room; see that more comes."""
        if box.dispatching or box.still:
            return
        box.dispatching = True
        try:
            while box.consumers and box.first() is not None:
                consumer = box.next_consumer()
                if consumer is None:
                    return
                delivery = self.hands.pop(box)
                if self._expired(delivery):
                    continue
                box.remember_out(delivery)
                box.touched = self._loop.time()
                box.changed += 1
                consumer.deliver(delivery)
                if box.still:
                    return
        finally:
            box.dispatching = False
        if self._has_room(box):
            feed = self.feed(box)
            feed.wanted = True
            feed.poke()

    async def get(self, box: Rabbitboks) -> Leverance | None:
        """The next ready delivery; it is then out.  Raises StoreError."""
        feed = self.feed(box)
        while True:
            while box.still:
                async with box.lock:
                    pass
            if box.first() is None:
                if not box.consumers:
                    await feed.idle()
                if feed.queue not in self._queues.declared and await self._queues.count(feed.queue) is None:
                    return None
                message = await (await feed.channel()).get(feed.queue)
                if message is None:
                    if box.first() is None:
                        return None
                    continue
                self._arrived(box, message, asked=True)
                if box.first() is None:
                    continue
            delivery = self.hands.pop(box)
            if not self._expired(delivery):
                box.remember_out(delivery)
                box.touched = self._loop.time()
                box.changed += 1
                return delivery

    def give_back(self, box: Rabbitboks) -> None:
        """Hold nothing ready of this dueslag here: other fronts may have it."""
        self.feed(box).halt()
        for delivery in self.hands.empty(box):
            self._return(box, delivery)

    def tick(self) -> None:
        """Give back what nobody has taken for a while."""
        now = self._loop.time()
        for box in [*self.hands.boxes.values()]:
            if box.name in self.kept or box.still or not box.in_memory():
                continue
            if now - box.touched > IDLE and not self._has_room(box):
                self.give_back(box)

    # what is said of it
    def ack(self, delivery: Delivery) -> None:
        """It is settled for good."""
        channel: Channel = delivery.channel
        if channel.closed is None:
            channel.ack(delivery.tag)
            self.told.add(channel)
        else:
            self.hands.box(delivery.dueslag).forget_settled(delivery.id)

    def from_out(self, leverance: Leverance) -> Delivery | None:
        """The delivery, where it is this handle that has it out: the same one may be out again by another."""
        box = self.hands.boxes.get(leverance.dueslag)
        if box is None or not box.out or box.out.get(leverance.id) is not leverance:
            return None
        box.changed += 1
        delivery = box.out.pop(leverance.id)
        assert isinstance(delivery, Delivery)
        return delivery

    def back(self, deliveries: Iterable[Delivery]) -> None:
        """These were out and are ready again, in their places."""
        boxes: dict[str, Rabbitboks] = {}
        for delivery in deliveries:
            box = boxes[delivery.dueslag] = self.hands.box(delivery.dueslag)
            delivery.besked = delivery.kept
            if delivery.channel.closed is None:
                self.hands.put_back(box, delivery)
            else:  # RabbitMQ has it already, and says so when it hands it out
                self.marks.note(delivery)
                box.ready += 1
            box.touched = self._loop.time()
        for box in boxes.values():
            if box.consumers:
                self.dispatch(box)

    # inside
    def _arrived(self, box: Rabbitboks, message: Message, asked: bool = False) -> None:
        try:
            delivery = read(message.channel, message.tag, message.header, message.body)
        except Unreadable as error:
            _log.error("a message in a dueslag is none of ours", dueslag=box.name, reason=str(error))
            self._unreadable(message)
            return
        box.changed += 1
        if self._seen(box, delivery):
            return
        self.marks.apply(delivery)
        delivery.redelivered = delivery.redelivered or delivery.attempts > 0
        feed = self.feed(box)
        if not asked and (feed.halting or not feed.wanted):
            self.marks.note(delivery)
            delivery.channel.requeue(delivery.tag)
            return
        box.ready -= 1
        if not box.in_memory():
            box.touched = self._loop.time()
        self.hands.append(box, delivery)
        if not asked:
            self.dispatch(box)
            if self.hands.used > self.hands.limit:
                self._relieve()

    def _seen(self, box: Rabbitboks, delivery: Delivery) -> bool:
        """Whether it is one that this front knows: settled while RabbitMQ was away, out since then, or published
        twice."""
        if box.settled.pop(delivery.id, self) is None:
            delivery.channel.ack(delivery.tag)
            return True
        out = box.out.get(delivery.id) if box.out else None
        if out is not None:
            assert isinstance(out, Delivery)
            if out.channel.closed is None:
                delivery.channel.ack(delivery.tag)
            else:
                out.channel, out.tag, out.count = delivery.channel, delivery.tag, delivery.count
            return True
        if delivery.redelivered and box.holds(delivery.id) is not None:
            delivery.channel.ack(delivery.tag)
            return True
        return False

    def _return(self, box: Rabbitboks, delivery: Delivery) -> None:
        self.marks.note(delivery)
        box.ready += 1
        box.changed += 1
        delivery.channel.requeue(delivery.tag)
        self.told.add(delivery.channel)

    def _expired(self, delivery: Delivery) -> bool:
        if delivery.expires is None or delivery.expires > self._clock.now():
            return False
        self.ack(delivery)
        self._died("expired", delivery.id, delivery.dueslag, delivery.besked_id, "GyldighedTil is passed")
        return True

    def _has_room(self, box: Rabbitboks) -> bool:
        return any(consumer.has_room() for consumer in box.consumers)

    def _starving(self, box: Rabbitboks, capacity: int) -> bool:
        return len(box.out or ()) >= capacity and not box.in_memory() and self._has_room(box)

    def _relieve(self) -> None:
        """Too much is here: what is behind consumers without room goes back."""
        for box in [*self.hands.boxes.values()]:
            if box.in_memory() and not box.still and not self._has_room(box):
                self.give_back(box)

    def _lost(self, box: Rabbitboks) -> None:
        """The channel went: RabbitMQ has all of it back; what is out stays out here."""
        for delivery in self.hands.empty(box):
            self.marks.note(delivery)
            box.ready += 1
        box.changed += 1
        self._loop.call_soon(self.dispatch, box)

    async def remove(self, box: Rabbitboks) -> None:
        """Nothing of this dueslag comes any more."""
        feed = self._feeds.pop(box.name, None)
        if feed is not None:
            await feed.close()
        self.hands.boxes.pop(box.name, None)

    def gone(self, box: Rabbitboks) -> None:
        """The queue was deleted, here or by another front: the dueslag was removed."""
        self.hands.empty(box)
        box.out = None
        box.ready = box.held = box.dead = 0
        box.settled.clear()
        box.changed += 1
        consumers, box.consumers = box.consumers, ()
        for consumer in consumers:
            consumer.dueslag_gone()
