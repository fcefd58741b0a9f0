"""The engine of several processes: dueslag are quorum queues of a RabbitMQ that any number of fronts share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from broker.clock import Clock
from broker.core.stored import StoredBesked
from broker.engine.rabbitmq import frames
from broker.engine.rabbitmq.address import Address
from broker.engine.rabbitmq.box import Hands
from broker.engine.rabbitmq.caretaker import Caretaker
from broker.engine.rabbitmq.channel import Message
from broker.engine.rabbitmq.counts import Counts
from broker.engine.rabbitmq.expired import Obituaries
from broker.engine.rabbitmq.fejlkoe import Fejlkoe
from broker.engine.rabbitmq.handout import Handout
from broker.engine.rabbitmq.intake import Intake
from broker.engine.rabbitmq.known import Known
from broker.engine.rabbitmq.lease import Lease, Locks
from broker.engine.rabbitmq.letter import Delivery
from broker.engine.rabbitmq.line import Line
from broker.engine.rabbitmq.lines import Lines
from broker.engine.rabbitmq.link import Link
from broker.engine.rabbitmq.names import Names
from broker.engine.rabbitmq.news import News
from broker.engine.rabbitmq.numbers import Numbers
from broker.engine.rabbitmq.publisher import Publisher
from broker.engine.rabbitmq.queues import Queues
from broker.engine.rabbitmq.trouble import Trouble
from broker.engine.rabbitmq.turns import Turns
from broker.errors import StoreError
from broker.ports import Condemned, Consumer, Depth, Died, Glimpse, Leverance, Outcome, Routing

TICK = 0.5
SLOW = 5.0
"""Seconds without a confirm, while one is waited for, after which senders are held."""
COUNTING = 2.0
LAST_WORDS = 5.0
"""Seconds that `RabbitmqEngine.close` waits for confirms."""


class RabbitmqEngine:
    """`broker.ports.Engine` over RabbitMQ; what it means otherwise is in `broker.engine.rabbitmq.deviations`."""

    def __init__(
        self, address: Address, clock: Clock, known: Known, names: Names, *, on_died: Died | None,
        on_blocked: Callable[[str | None], None] | None, prefetch: int, memory_limit: int, redelivery_limit: int,
        name: str, heartbeat: int, patience: float,
    ) -> None:  # fmt: skip
        """To be made on the running loop; see `open_rabbitmq_engine`."""
        self._on_died = on_died
        self._redelivery_limit = redelivery_limit
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._known = known
        self._trouble = Trouble(on_blocked)
        self._sending = Line(
            address, f"{name} (in)", heartbeat, on_up=self._sending_up, on_down=self._sending_down,
            on_blocked=self._resources,
        )  # fmt: skip
        self._taking = Lines(
            _taking_line(address, f"{name} (out)", heartbeat),
            lambda number: _taking_line(address, f"{name} (out {number})", heartbeat),
        )
        hands = self._hands = Hands(memory_limit)
        numbers = Numbers()
        declared: set[str] = set()
        queues = Queues(self._taking, names, declared, self._tell)
        self._publisher = Publisher(self._sending, Queues(self._sending, names, declared, self._tell), clock)
        self._handout = Handout(self._taking, queues, clock, hands, prefetch, self._died, self._unreadable)
        self._intake = Intake(
            known, self._publisher, numbers.next, self._queued, self._trouble.set, lambda: self._trouble.refusing
        )
        self._turns = Turns(self._taking, queues, self._put_token)
        locks = Locks(self._taking)
        self._caretaker = Caretaker(
            self._taking, queues, locks, self._handout, self._publisher, known, clock, self._died
        )
        self._fejlkoe = Fejlkoe(self._handout, self._publisher, self._caretaker, clock, self._died, numbers.next)
        self._counts = Counts(queues, hands, self._publisher.pending)
        self._news = News(self._taking, self._sending, names, self._counts.found, self._counts.look_again)
        self._obituaries = Obituaries(self._taking, queues, hands, self._publisher, clock, self._died)
        self._names = names
        self._ticking: asyncio.Task[None] | None = None
        self._open = False

    async def open(self) -> None:
        """Connect.  Raises StoreError where RabbitMQ, or what remembers BeskedIds, is not reached."""
        await self._known.open()
        try:
            await self._sending.open()
            await self._taking.open()
        except StoreError:
            await self._sending.close()
            await self._known.close()
            raise
        self._open = True
        self._obituaries.start()
        self._news.start()
        self._counts.start()
        self._ticking = self._loop.create_task(self._tick())

    async def close(self) -> None:
        """Wait a little for what is under way; give back to RabbitMQ what is here."""
        if not self._open:
            return
        self._open = False
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        if self.blocked is None:
            try:
                async with asyncio.timeout(LAST_WORDS):
                    await self.flushed()
            except (TimeoutError, StoreError):
                pass  # what is not confirmed was not answered
        await self._counts.close()
        await self._news.close()
        await self._turns.close()
        await self._intake.close()
        await self._publisher.close()
        await self._obituaries.close()
        await self._handout.close()
        await self._taking.close()
        await self._sending.close()
        await self._known.close()

    @property
    def blocked(self) -> str | None:
        return self._trouble.reason

    # the way in
    def accept(self, besked: StoredBesked, routing: Sequence[Routing], done: Callable[[Outcome], None]) -> None:
        self._intake.accept(besked, routing, done)

    async def flushed(self) -> None:
        await self._intake.answered()
        moving = [one for box in self._hands.boxes.values() for one in box.moving]
        if moving:
            await asyncio.wait(moving)
        await self._handout.tell()

    # the way out
    def attach(self, dueslag: str, consumer: Consumer) -> None:
        box = self._hands.box(dueslag)
        box.add_consumer(consumer)
        self._handout.dispatch(box)

    def detach(self, dueslag: str, consumer: Consumer) -> None:
        box = self._hands.boxes.get(dueslag)
        if box is None:
            return
        box.remove_consumer(consumer)
        if not box.consumers:
            self._handout.give_back(box)

    def kick(self, dueslag: str) -> None:
        box = self._hands.boxes.get(dueslag)
        if box is not None and box.consumers:
            self._handout.dispatch(box)

    async def get(self, dueslag: str) -> Leverance | None:
        return await self._handout.get(self._hands.box(dueslag))

    def ack(self, leverancer: Iterable[Leverance]) -> None:
        for leverance in leverancer:
            delivery = self._handout.from_out(leverance)
            if delivery is not None:
                self._handout.ack(delivery)

    def requeue(self, leverancer: Iterable[Leverance], *, counted: bool = True) -> None:
        limit = self._redelivery_limit if counted else 0
        back: list[Delivery] = []
        for leverance in leverancer:
            delivery = self._handout.from_out(leverance)
            if delivery is None:
                continue
            if limit and delivery.attempts >= limit:
                self._fejlkoe.take(delivery, f"redelivery limit of {limit} reached")
            else:
                delivery.attempts += 1
                delivery.redelivered = True
                back.append(delivery)
        self._handout.back(back)

    def reject(self, leverancer: Iterable[Leverance], reason: str) -> None:
        for leverance in leverancer:
            delivery = self._handout.from_out(leverance)
            if delivery is not None:
                self._fejlkoe.take(delivery, reason)

    # the caretaker's side
    def depth(self, dueslag: str) -> Depth:
        if not self._open and dueslag not in self._hands.boxes:
            return Depth()
        box = self._hands.box(dueslag)
        box.asked = self._loop.time()
        return box.depth()

    async def counted(self, dueslag: Iterable[str], patience: float = COUNTING) -> None:
        """Returns when `depth` knows what RabbitMQ holds of each of them, which it does on after it was first asked;
        or after so many seconds."""
        names = [*dueslag]
        for name in names:
            self.depth(name)
        await self._counts.counted(names, patience)

    async def peek(
        self, dueslag: str, *, state: str | None = None, after: int = 0, limit: int = 100, body: bool = True
    ) -> list[Glimpse]:
        return await self._caretaker.peek(dueslag, state, after, limit, body)

    async def find(self, besked_id: str) -> list[StoredBesked]:
        await self._intake.answered()
        return await self._caretaker.find(besked_id)

    async def purge(self, dueslag: str) -> int:
        return await self._caretaker.purge(dueslag)

    async def drop(self, dueslag: str) -> None:
        await self._caretaker.drop(dueslag)

    async def release(self, dueslag: str, abonnement: str) -> int:
        return await self._caretaker.release(dueslag, abonnement)

    async def revive(self, dueslag: str, ids: Sequence[int] | None = None) -> int:
        return await self._caretaker.revive(dueslag, ids)

    async def bury(self, dueslag: str, ids: Sequence[int] | None = None) -> int:
        return await self._caretaker.bury(dueslag, ids)

    async def condemn(self, dueslag: str, abonnement: str, besked: StoredBesked, reason: str) -> Condemned:
        return await self._fejlkoe.condemn(dueslag, abonnement, besked, reason)

    async def reset(self) -> None:
        """Forget every message, in the dueslag that this front has had to do with."""
        await self._intake.answered()
        await self._caretaker.reset()

    async def expire(self) -> int:
        """Drop what has expired by now, wherever it stands in its queue; how many."""
        return await self._caretaker.expire()

    async def tidy(self) -> None:
        """RabbitMQ keeps its own house."""

    def bytes_in_memory(self) -> int:
        """What ready deliveries in this front's hands are counted for against ``memory_limit``."""
        return self._hands.used

    @asynccontextmanager
    async def sole(self, dueslag: str) -> AsyncIterator[Lease]:
        """Be the only front that works this dueslag: waits for it, and holds it until the block is left or
        `Lease.lost` is set.  It is taken over when the front, or its connection to RabbitMQ, dies."""
        async with self._turns.held(dueslag) as lease:
            self._handout.kept.add(dueslag)
            try:
                yield lease
            finally:
                self._handout.kept.discard(dueslag)

    # inside
    def _queued(self, routing: Routing) -> None:
        box = self._hands.box(routing.dueslag)
        box.changed += 1
        if routing.held:
            box.held += 1
            return
        box.ready += 1
        if box.consumers:
            self._handout.dispatch(box)

    def _tell(self, queue: str) -> None:
        if self._names.is_dueslags(queue):
            self._news.tell(queue)

    def _died(self, what: str, leverance_id: int, dueslag: str, besked_id: str, reason: str) -> None:
        if self._on_died is not None:
            self._on_died(what, leverance_id, dueslag, besked_id, reason)

    async def _put_token(self, queue: str) -> None:
        """A message that says nothing; published where an alarm of RabbitMQ does not stop what is fetched."""
        await self._publisher.put(queue, *frames.properties(frames.table(), "", "tur", None), b"")

    def _unreadable(self, message: Message) -> None:
        self._publisher.forward(message, self._names.unreadable)

    def _sending_up(self, link: Link) -> None:
        self._trouble.set("connection", None)
        self._trouble.set("resources", None)
        self._publisher.up(link)

    def _sending_down(self, reason: str) -> None:
        self._publisher.down()
        self._trouble.set("connection", reason)

    def _resources(self, reason: str | None) -> None:
        self._publisher.hold(reason is not None)
        self._trouble.set("resources", None if reason is None else f"RabbitMQ takes no messages: {reason}")

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._handout.tick()
            self._judge()

    def _judge(self) -> None:
        """Who has waited too long, and whether others are to wait."""
        now = self._loop.time()
        oldest = self._publisher.oldest()
        slow = oldest is not None and now - max(oldest, self._publisher.confirmed_at) > SLOW
        self._trouble.set(
            "confirms", f"RabbitMQ has confirmed nothing for {SLOW:g} s (are its nodes up?)" if slow else None
        )
        if self._trouble.lasts() > self._patience:
            self._trouble.stop_waiting()
        self._intake.give_up(now - self._patience)


def _taking_line(address: Address, name: str, heartbeat: int) -> Line:
    """RabbitMQ blocks connections that publish; on these nothing is."""
    return Line(address, name, heartbeat, on_up=_nothing, on_down=_nothing, on_blocked=_nothing)


def _nothing(_: object) -> None:
    """It is seen where it matters: at the channels."""
