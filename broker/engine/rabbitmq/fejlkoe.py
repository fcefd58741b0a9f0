"""The way into the fejlkø: what was rejected or came back too often, and what somebody outside condemns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from broker.clock import Clock
from broker.core.stored import StoredBesked
from broker.engine.rabbitmq.box import Rabbitboks
from broker.engine.rabbitmq.caretaker import Caretaker
from broker.engine.rabbitmq.handout import Handout
from broker.engine.rabbitmq.letter import Delivery, Letter
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.publisher import Publisher
from broker.errors import NotFound
from broker.ports import Condemned, Died


class Fejlkoe:
    """Publishes into the fejlkø, and acks where it came from when that is confirmed: a kill between leaves both."""

    def __init__(
        self, handout: Handout, publisher: Publisher, caretaker: Caretaker, clock: Clock, died: Died,
        next_id: Callable[[], int],
    ) -> None:  # fmt: skip
        self._handout = handout
        self._publisher = publisher
        self._caretaker = caretaker
        self._clock = clock
        self._died = died
        self._next_id = next_id

    def take(self, delivery: Delivery, reason: str) -> None:
        """It was out, and is not to be handed out again."""
        delivery.attempts += 1
        self._put(delivery, reason, lambda: self._handout.ack(delivery))

    async def condemn(self, dueslag: str, abonnement: str, besked: StoredBesked, reason: str) -> Condemned:
        """As `broker.ports.Engine.condemn`."""
        box = self._handout.hands.box(dueslag)
        drops = box.drops
        async with self._caretaker.quiet(dueslag):
            done = await self._condemn(box, drops, abonnement, besked, reason)
            while box.moving:
                await asyncio.wait(box.moving)
            _check(box, drops)
            return done

    async def _condemn(
        self, box: Rabbitboks, drops: int, abonnement: str, besked: StoredBesked, reason: str
    ) -> Condemned:
        """Looked for in every place while nothing is handed out; what is found is looked for again, to be moved."""
        places = await self._places(box, besked)
        _check(box, drops)
        meant = {id for id, place in places.items() if place[1] == abonnement} or set(places)
        alive = {id for id in meant if places[id][0] is not Kind.DEAD}
        if not meant:
            self._add(box, abonnement, besked, reason)
            return Condemned.ADDED
        await self._move(box, alive, reason, {places[id][0] for id in alive})
        return Condemned.MOVED if alive else Condemned.KNOWN

    async def _places(self, box: Rabbitboks, besked: StoredBesked) -> dict[int, tuple[Kind, str]]:
        """Where deliveries of the message are, and their abonnement, by id."""
        found: dict[int, tuple[Kind, str]] = {}
        for kind in Kind:
            async with self._caretaker.walk(box.name, kind) as walk:
                if walk is not None:
                    async for one in walk:
                        if _same(one, besked):
                            found[one.id] = (kind, one.abonnement)
        for entry in [*box.in_hand(), *(box.out or {}).values()]:
            assert isinstance(entry, Delivery)
            if _same(entry, besked):
                found[entry.id] = (Kind.MAIN, entry.abonnement)
        return found

    async def _move(self, box: Rabbitboks, ids: set[int], reason: str, kinds: set[Kind]) -> None:
        hands = self._handout.hands
        for id in sorted(ids):
            if box.out and id in box.out:
                out = box.out.pop(id)
                assert isinstance(out, Delivery)
                self.take(out, reason)
                ids = ids - {id}
            elif (waiting := box.holds(id)) is not None:
                hands.remove(box, {id})
                self._put(waiting, reason, lambda waiting=waiting: self._handout.ack(waiting))  # type: ignore[misc]
                ids = ids - {id}
        for kind in kinds if ids else ():
            async with self._caretaker.walk(box.name, kind) as walk:
                if walk is None:
                    continue
                async for one in walk:
                    if one.id in ids:
                        if kind is Kind.MAIN:
                            box.ready -= 1
                        else:
                            box.held -= 1
                        self._put(one, reason, lambda one=one: walk.ack(one))  # type: ignore[misc]
                while box.moving:
                    await asyncio.wait(box.moving)

    def _put(self, delivery: Delivery, reason: str, settle: Callable[[], None]) -> None:
        letter = Letter(
            delivery.id, delivery.dueslag, delivery.abonnement, delivery.keep, delivery.kept, Kind.DEAD,
            delivery.attempts, True, reason, self._clock.now(),
        )  # fmt: skip
        self._publish(letter, reason, settle)

    def _add(self, box: Rabbitboks, abonnement: str, besked: StoredBesked, reason: str) -> None:
        given = replace(besked, seq=self._next_id())
        letter = Letter(
            self._next_id(), box.name, abonnement, None, given, Kind.DEAD, 0, True, reason, self._clock.now()
        )
        self._publish(letter, reason, _nothing)

    def _publish(self, letter: Letter, reason: str, settle: Callable[[], None]) -> None:
        box = self._handout.hands.box(letter.dueslag)
        moved: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        box.moving.add(moved)
        box.dead += 1
        box.changed += 1

        def done() -> None:
            settle()
            box.moving.discard(moved)
            if not moved.done():
                moved.set_result(None)

        self._publisher.publish(letter, done)
        self._died("dead", letter.id, letter.dueslag, letter.besked.besked_id, reason)


def _same(one: Delivery, besked: StoredBesked) -> bool:
    return one.besked_id == besked.besked_id and besked.afsender in ("", one.kept.afsender)


def _check(box: Rabbitboks, drops: int) -> None:
    if box.drops != drops:
        raise NotFound(f"dueslag {box.name} was removed meanwhile")


def _nothing() -> None:
    """There is nothing to settle."""
