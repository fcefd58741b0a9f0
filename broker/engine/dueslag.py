"""The state of one dueslag in memory: what is ready, what is out, who takes.  Pure."""

from __future__ import annotations

import heapq
from collections import deque

from broker.engine.store import OVERHEAD, Entry
from broker.ports import Consumer, Depth


class Box:
    """One dueslag.

    ``window`` holds ready deliveries in order of id, ``back`` those that came back; what else is ready lies in the
    store only, with ids above ``cursor``.  ``live``: nothing ready lies in the store only, so a new delivery may
    join the window.  Without consumers nothing is held here but counts.
    """

    __slots__ = (
        "back",
        "consumers",
        "cursor",
        "dead",
        "dispatching",
        "handed",
        "held",
        "live",
        "name",
        "out",
        "paging",
        "ready",
        "still",
        "turn",
        "version",
        "window",
    )

    def __init__(self, name: str, ready: int = 0, held: int = 0, dead: int = 0) -> None:
        self.name = name
        self.ready, self.held, self.dead = ready, held, dead
        self.window: deque[Entry] | None = None
        self.back: list[tuple[int, Entry]] | None = None
        self.out: dict[int, Entry] | None = None
        self.consumers: tuple[Consumer, ...] = ()
        """By priority, highest first."""
        self.turn = 0
        self.cursor = 0
        self.live = False
        self.handed = False
        """It is on disk that this dueslag hands out in this run."""
        self.dispatching = False
        self.paging = False
        self.still = 0
        """More than 0: hands out nothing, since the store is being changed under it."""
        self.version = 0
        """Changes when the window is emptied: a page read for an older version is void."""

    def depth(self) -> Depth:
        return Depth(self.ready, len(self.out) if self.out else 0, self.held, self.dead, len(self.consumers))

    # consumers
    def add_consumer(self, consumer: Consumer) -> None:
        self.consumers = tuple(sorted((*self.consumers, consumer), key=lambda one: -one.priority))

    def remove_consumer(self, consumer: Consumer) -> None:
        self.consumers = tuple(one for one in self.consumers if one is not consumer)
        self.turn = 0

    def next_consumer(self) -> Consumer | None:
        """One with room, of the highest priority that has any, each in turn."""
        consumers = self.consumers
        if len(consumers) == 1:
            return consumers[0] if consumers[0].has_room() else None
        count = len(consumers)
        best: int | None = None
        for step in range(count):
            position = (self.turn + step) % count
            consumer = consumers[position]
            if (best is None or consumer.priority > consumers[best].priority) and consumer.has_room():
                best = position
        if best is None:
            return None
        self.turn = best + 1
        return consumers[best]

    # deliveries in memory
    def in_memory(self) -> int:
        return (len(self.window) if self.window else 0) + (len(self.back) if self.back else 0)

    def append(self, entry: Entry) -> None:
        """To the end of the window; ``entry.id`` is above all there."""
        if self.window is None:
            self.window = deque()
        self.window.append(entry)
        self.cursor = entry.id

    def put_back(self, entry: Entry) -> None:
        if self.back is None:
            self.back = []
        heapq.heappush(self.back, (entry.id, entry))

    def first(self) -> Entry | None:
        """The next ready delivery, where it is in memory: what came back waits for what the store has before it."""
        if self.back and (not self.window or self.back[0][0] < self.window[0].id):
            return self.back[0][1] if self.live or self.back[0][0] <= self.cursor else None
        return self.window[0] if self.window else None

    def pop(self) -> Entry:
        """Take what `first` showed."""
        if self.back and (not self.window or self.back[0][0] < self.window[0].id):
            return heapq.heappop(self.back)[1]
        assert self.window
        return self.window.popleft()

    def upcoming(self, count: int) -> list[Entry]:
        """The first ``count`` or so ready deliveries in memory."""
        coming = [entry for _, entry in heapq.nsmallest(count, self.back)] if self.back else []
        if self.window:
            coming += [self.window[position] for position in range(min(count, len(self.window)))]
        return coming

    def remember_out(self, entry: Entry) -> None:
        if self.out is None:
            self.out = {}
        self.out[entry.id] = entry

    def empty(self) -> int:
        """Let go of what is ready in memory; the bytes it was counted for."""
        size = 0
        for entry in (*(self.window or ()), *(entry for _, entry in self.back or ())):
            size += cost(entry)
        self.window = self.back = None
        self.cursor = 0
        self.live = False
        self.version += 1
        return size

    def remove(self, ids: set[int]) -> int:
        """Take ready deliveries out of memory; the bytes they were counted for."""
        size = 0
        for entry in self.upcoming(self.in_memory()):
            if entry.id in ids:
                size += cost(entry)
        if size:
            self.window = deque(entry for entry in self.window or () if entry.id not in ids)
            self.back = [pair for pair in self.back or () if pair[0] not in ids]
            heapq.heapify(self.back)
        return size


def cost(entry: Entry) -> int:
    """Bytes that a ready delivery in memory is counted for."""
    return OVERHEAD + entry.size
