"""Bringing what this front believes a dueslag to hold in line with what RabbitMQ holds."""

from __future__ import annotations

from broker.engine.rabbitmq.box import Hands, Rabbitboks
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.queues import Queues
from broker.errors import StoreError

AT_ONCE = 100
"""Dueslag that are counted in one round."""
STUBBORN = 4
"""Rounds after which a count is taken though the dueslag is busy."""


class Counts:
    """Of the dueslag that somebody asks for.  A count of one that changes meanwhile is not taken at first, as nobody
    knows what of the change is in it."""

    def __init__(self, queues: Queues, hands: Hands) -> None:
        self._queues = queues
        self._hands = hands
        self._tried: dict[str, int] = {}

    async def refresh(self) -> None:
        """One round."""
        asked = [box for box in self._hands.boxes.values() if box.asked and not box.still][:AT_ONCE]
        for box in asked:
            try:
                await self._count(box)
            except StoreError:
                return

    async def _count(self, box: Rabbitboks) -> None:
        before = box.changed
        ready, held, dead = [
            await self._queues.count(self._queues.names.queue(kind, box.name)) or 0
            for kind in (Kind.MAIN, Kind.HELD, Kind.DEAD)
        ]
        tried = self._tried.get(box.name, 0) + 1
        if (box.changed != before or box.still) and tried < STUBBORN:
            self._tried[box.name] = tried
            return
        self._tried.pop(box.name, None)
        box.ready, box.held, box.dead, box.asked = ready, held, dead, False
