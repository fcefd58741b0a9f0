"""Bringing what this front believes a dueslag to hold in line with what RabbitMQ holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from broker.engine.rabbitmq.box import Hands, Rabbitboks
from broker.engine.rabbitmq.names import Kind
from broker.engine.rabbitmq.queues import Queues
from broker.errors import StoreError

ROUND = 0.5
"""Seconds between rounds."""
FRESH = 2.0
"""Seconds that a count is good for."""
WANTED = 60.0
"""Seconds for which a dueslag is counted after it was last asked for: who asks again, finds the answer there."""
AT_ONCE = 1_000
"""Dueslag that are counted in one round, those first whose count is oldest."""
LOOKS = 300
"""Queues that are looked for in one round of which nobody knows whether they are there; RabbitMQ notes each that is
not as an error in its log."""
LOOK_AGAIN = 600.0
"""Seconds until a queue that was not there is looked for again: other fronts tell of those that they make."""
STUBBORN = 10
"""Rounds after which a count is taken though the dueslag is busy."""


_KINDS = (Kind.MAIN, Kind.HELD, Kind.DEAD)


@dataclass(slots=True)
class _Known:
    """Of one dueslag."""

    counted: float | None = None
    """Loop time of the last count that was taken."""
    changed: int = 0
    """Its state in the round before."""
    rounds: int = 0
    """Rounds since then."""
    looked: bool = False
    """Each of its queues is known to be there or not."""
    missing: dict[Kind, float] = field(default_factory=dict)
    """Loop time at which a queue was found not to be there."""


class Counts:
    """Of the dueslag that somebody asks for.  A dueslag is counted when nothing has happened to it here since the round
    before, and nothing happens meanwhile: else nobody knows what of that is in the count."""

    def __init__(self, queues: Queues, hands: Hands, publishing: Callable[[], int]) -> None:
        """``publishing``: how many publishes of this front are under way."""
        self._queues = queues
        self._hands = hands
        self._publishing = publishing
        self._known: dict[str, _Known] = {}
        self._rounds = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        self._task = self._loop.create_task(self._run(), name="counts")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def found(self, queue: str) -> None:
        """Another front has made it."""
        self._queues.declared.add(queue)

    def look_again(self) -> None:
        """Other fronts may have told of queues while nobody here heard it."""
        for known in self._known.values():
            known.missing.clear()

    async def counted(self, names: Iterable[str], patience: float) -> None:
        """Returns when each of them has been counted once, or after so many seconds."""
        names = [name for name in names if not self._is_counted(name)]
        try:
            async with asyncio.timeout(patience), self._rounds:
                while names := [name for name in names if not self._is_counted(name)]:
                    await self._rounds.wait()
        except TimeoutError:
            return

    def _is_counted(self, name: str) -> bool:
        known = self._known.get(name)
        return known is not None and known.counted is not None

    # inside
    async def _run(self) -> None:
        while True:
            await asyncio.sleep(ROUND)
            try:
                await self.refresh()
            except StoreError:
                continue  # RabbitMQ is away: what was believed is believed on
            async with self._rounds:
                self._rounds.notify_all()

    async def refresh(self) -> None:
        """One round.  Raises StoreError."""
        due = self._due()
        for box in due:
            self._known.setdefault(box.name, _Known())
        await self._look(due)
        now = {box: box.changed for box in due if self._may_count(box)}
        for box in due:
            known = self._known[box.name]
            known.changed, known.rounds = box.changed, known.rounds + 1
        names = [self._queues.names.queue(kind, box.name) for box in now for kind in Kind]
        found = await self._queues.counts([name for name in names if name in self._queues.declared])
        for box, changed in now.items():
            self._take(box, changed, found)

    def _due(self) -> list[Rabbitboks]:
        now = self._loop.time()
        for name in [name for name in self._known if name not in self._hands.boxes]:
            del self._known[name]
        found: list[tuple[float, Rabbitboks]] = []
        for box in self._hands.boxes.values():
            if box.asked and now - box.asked < WANTED and not box.still:
                known = self._known.get(box.name)
                counted = known.counted if known is not None and known.counted is not None else 0.0
                if now - counted >= FRESH:
                    found.append((counted, box))
        found.sort(key=lambda one: one[0])
        return [box for _, box in found[:AT_ONCE]]

    async def _look(self, due: list[Rabbitboks]) -> None:
        """See which queues there are, of those that nobody here knows of.  Raises StoreError."""
        looks = 0
        for box in due:
            known = self._known[box.name]
            for kind in Kind:
                queue = self._queues.names.queue(kind, box.name)
                missed = known.missing.get(kind)
                if queue in self._queues.declared or (missed and self._loop.time() - missed < LOOK_AGAIN):
                    continue
                if looks >= LOOKS or box.name not in self._known:
                    return
                looks += 1
                if await self._queues.count(queue) is None:
                    known.missing[kind] = self._loop.time()
            known.looked = True

    def _may_count(self, box: Rabbitboks) -> bool:
        known = self._known[box.name]
        quiet = known.changed == box.changed and not self._publishing()
        return known.looked and (quiet or known.rounds >= STUBBORN)

    def _take(self, box: Rabbitboks, changed: int, found: dict[str, int]) -> None:
        known = self._known[box.name]
        if box.still or (known.rounds <= STUBBORN and (changed != box.changed or self._publishing())):
            return
        ready, held, dead = (found.get(self._queues.names.queue(kind, box.name), 0) for kind in _KINDS)
        box.ready, box.held, box.dead = ready, held, dead
        known.counted, known.rounds = self._loop.time(), 0
