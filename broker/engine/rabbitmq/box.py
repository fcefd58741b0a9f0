"""One dueslag as this front sees it: what it has in its hands, and what it believes RabbitMQ to hold."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from broker.engine.dueslag import Box, cost
from broker.engine.rabbitmq.letter import Delivery
from broker.engine.store import Entry
from broker.ports import Depth

MAX_SETTLED = 10_000
"""Ids remembered of what was settled while RabbitMQ was away."""


class Rabbitboks(Box):
    """``window`` and ``back`` are in this front's hands and unsettled in RabbitMQ, as is ``out``; ``ready`` counts
    what lies in RabbitMQ."""

    __slots__ = ("asked", "changed", "drops", "lock", "moving", "settled", "touched")

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.live = True
        self.settled: dict[int, None] = {}
        """Ids of deliveries that were settled when nobody could be told: to be acked when they come again."""
        self.moving: set[asyncio.Future[None]] = set()
        """Publishes into its fejlkø that are not confirmed."""
        self.lock = asyncio.Lock()
        """One caretaker at a time."""
        self.touched = 0.0
        """Loop time at which something was handed out last, or came."""
        self.changed = 0
        """Grows with every change of a count."""
        self.drops = 0
        """Times that it was removed."""
        self.asked = 0.0
        """Loop time at which somebody wanted its depth last."""

    def depth(self) -> Depth:
        ready = max(0, self.ready) + self.in_memory()
        return Depth(ready, len(self.out or ()), max(0, self.held), max(0, self.dead), len(self.consumers))

    def forget_settled(self, id: int) -> None:
        self.settled[id] = None
        if len(self.settled) > MAX_SETTLED:
            del self.settled[next(iter(self.settled))]

    def in_hand(self) -> list[Delivery]:
        """What is ready here, in order."""
        entries: list[Entry] = [entry for _, entry in self.back or ()]
        entries += self.window or ()
        return sorted((_delivery(entry) for entry in entries), key=lambda one: one.id)

    def holds(self, id: int) -> Delivery | None:
        """The delivery, where it is ready here."""
        return next((one for one in self.in_hand() if one.id == id), None)


@dataclass(slots=True)
class Hands:
    """All dueslag of this front."""

    limit: int
    boxes: dict[str, Rabbitboks] = field(default_factory=dict)
    used: int = 0
    """Bytes of ready deliveries here."""

    def box(self, name: str) -> Rabbitboks:
        box = self.boxes.get(name)
        if box is None:
            box = self.boxes[name] = Rabbitboks(name)
        return box

    def append(self, box: Rabbitboks, delivery: Delivery) -> None:
        """It came from RabbitMQ, and is the last."""
        box.append(delivery)
        self.used += cost(delivery)

    def put_back(self, box: Rabbitboks, delivery: Delivery) -> None:
        """It was out."""
        box.put_back(delivery)
        self.used += cost(delivery)

    def pop(self, box: Rabbitboks) -> Delivery:
        """Take what `Box.first` showed."""
        delivery = _delivery(box.pop())
        self.used -= cost(delivery)
        return delivery

    def remove(self, box: Rabbitboks, ids: set[int]) -> None:
        self.used -= box.remove(ids)

    def empty(self, box: Rabbitboks) -> list[Delivery]:
        """Let go of what is ready here."""
        found = box.in_hand()
        self.used -= box.empty()
        box.live = True
        return found


def _delivery(entry: Entry) -> Delivery:
    assert isinstance(entry, Delivery)
    return entry
