"""Bringing what this front believes a dueslag to hold in line with what RabbitMQ holds."""

from __future__ import annotations

from collections.abc import Callable

from broker.engine.rabbitmq.box import Hands, Rabbitboks
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.queues import Queues
from broker.errors import StoreError

AT_ONCE = 100
"""Dueslag that are counted in one round."""
STUBBORN = 10
"""Rounds after which a count is taken though the dueslag is busy."""


class Counts:
    """Of the dueslag that somebody asks for.  A dueslag is counted when nothing has happened to it here since the round
    before, and nothing happens meanwhile: else nobody knows what of that is in the count."""

    def __init__(self, queues: Queues, hands: Hands, publishing: Callable[[], int]) -> None:
        """``publishing``: how many publishes of this front are under way."""
        self._queues = queues
        self._hands = hands
        self._publishing = publishing
        self._seen: dict[str, tuple[int, int]] = {}
        """State of the dueslag in the round before, and rounds that it was busy."""

    async def refresh(self) -> None:
        """One round."""
        asked = [box for box in self._hands.boxes.values() if box.asked and not box.still][:AT_ONCE]
        for box in asked:
            try:
                await self._count(box)
            except StoreError:
                return

    async def _count(self, box: Rabbitboks) -> None:
        before, busy = self._seen.get(box.name, (-1, 0))
        self._seen[box.name] = (box.changed, busy + 1)
        stubborn = busy >= STUBBORN
        if not stubborn and (before != box.changed or self._publishing()):
            return
        ready, held, dead = [
            await self._queues.count(self._queues.names.queue(kind, box.name)) or 0
            for kind in (Kind.MAIN, Kind.HELD, Kind.DEAD)
        ]
        if not stubborn and (before != box.changed or self._publishing() or box.still):
            return
        del self._seen[box.name]
        box.ready, box.held, box.dead, box.asked = ready, held, dead, False
