"""The way out: deliveries from memory and store to consumers, within the memory budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from weakref import WeakValueDictionary

from broker.clock import Clock
from broker.core.stored import StoredBesked
from broker.engine.commit import Committer
from broker.engine.dueslag import Box, cost
from broker.engine.store import Entry, State, Store
from broker.ports import Leverance

PAGE = 256
"""Deliveries read from the store at a time."""
PAGE_BYTES = 1024 * 1024
PULL_PAGE = 64
"""The same, for a dueslag that is polled and has no consumer."""
LOW = 64
"""Fewer in memory than this: read more."""


class Handout:
    """The dueslag in memory, and how they are filled from the store and emptied into consumers."""

    def __init__(
        self, store: Store, clock: Clock, commits: Committer, memory_limit: int, expired: Callable[[Entry], None]
    ) -> None:
        self.boxes: dict[str, Box] = {}
        self.leaving: set[int] = set()
        """Ids of settled deliveries that the store still holds."""
        self.used = 0
        """Bytes of ready deliveries in memory."""
        self._store = store
        self._clock = clock
        self._commits = commits
        self._limit = memory_limit
        self._expired = expired
        self._shared: WeakValueDictionary[int, StoredBesked] = WeakValueDictionary()
        self._pulled: dict[str, Box] = {}
        """Dueslag without consumers that hold deliveries in memory."""

    def box(self, name: str) -> Box:
        box = self.boxes.get(name)
        if box is None:
            box = self.boxes[name] = Box(name)
        return box

    def add(self, box: Box, entry: Entry) -> None:
        """A new delivery is durable; ``entry.besked`` is set.  To be followed by `dispatch`."""
        box.ready += 1
        if box.live:
            if box.consumers and (self.used < self._limit or not box.window):
                box.append(entry)
                self.used += cost(entry)
            else:
                box.live = False

    def dispatch(self, box: Box) -> None:
        """Hand out while there is something in memory and somebody with room; see that more comes to memory."""
        if box.dispatching or box.still:
            return
        box.dispatching = True
        try:
            while box.consumers and (entry := box.first()) is not None:
                if entry.expires is not None and entry.expires <= self._clock.now():
                    self._take(box)
                    self._expired(entry)
                    continue
                consumer = box.next_consumer()
                if consumer is None or not self._prepared(box, entry):
                    return
                self._take(box)
                box.remember_out(entry)
                consumer.deliver(entry)
                if box.still:
                    return
        finally:
            box.dispatching = False
        if box.consumers:
            self._refill(box)

    async def get(self, name: str) -> Leverance | None:
        """The next ready delivery, or None; it is then out."""
        while True:
            box = self.box(name)
            entry = None if box.still else box.first()
            if entry is None:
                if not box.ready:
                    return None
                await self._commits.do(partial(self._page, box, PULL_PAGE), flush=bool(self._commits.batch.touched))
            elif entry.expires is not None and entry.expires <= self._clock.now():
                self._take(box)
                self._expired(entry)
            elif entry.besked is None and not self._share(entry):
                await self._commits.do(partial(self._load, box), flush=False)
            elif not box.handed:
                self._commits.batch.handed.add(name)
                await self._commits.do(_nothing)
                if self._commits.blocked is not None and not box.handed:
                    return None
            else:
                self._take(box)
                box.remember_out(entry)
                return entry

    def bring_back(self, box: Box, entries: Iterable[Entry]) -> None:
        """These were out and are ready again."""
        for entry in entries:
            box.ready += 1
            if box.consumers or box.window is not None:
                box.put_back(entry)
                self.used += cost(entry)
            else:
                box.cursor, box.live = 0, False
        if self.used > self._limit:
            self.evict(box)

    def evict(self, box: Box) -> None:
        """Hold nothing ready of this dueslag in memory."""
        self.used -= box.empty()
        self._pulled.pop(box.name, None)

    def remove(self, box: Box, ids: set[int]) -> None:
        """These ready deliveries are no more."""
        self.used -= box.remove(ids)

    # inside
    def _take(self, box: Box) -> None:
        self.used -= cost(box.pop())
        box.ready -= 1

    def _prepared(self, box: Box, entry: Entry) -> bool:
        """Whether the first delivery can go now; if not, what it needs is under way."""
        if not box.handed:
            self._commits.batch.handed.add(box.name)
            self._commits.urgent()
            return False
        if entry.besked is None and not self._share(entry):
            if not box.paging:
                box.paging = True
                self._commits.background(partial(self._load_and_go, box))
            return False
        return True

    def _share(self, entry: Entry) -> bool:
        entry.besked = self._shared.get(entry.seq)
        return entry.besked is not None

    def _refill(self, box: Box) -> None:
        if box.live or box.paging or box.still:
            return
        present = box.in_memory()
        if present >= box.ready:
            box.live = True
        elif present < LOW and (box.first() is None or self.used < self._limit) and box.next_consumer() is not None:
            box.paging = True
            self._commits.background(partial(self._page_and_go, box), flush=bool(self._commits.batch.touched))

    async def _page_and_go(self, box: Box) -> None:
        try:
            await self._page(box, PAGE)
        finally:
            box.paging = False
        self.dispatch(box)

    async def _load_and_go(self, box: Box) -> None:
        try:
            await self._load(box)
        finally:
            box.paging = False
        self.dispatch(box)

    async def _page(self, box: Box, limit: int) -> None:
        """Read the next ready deliveries into the window."""
        if self.used >= self._limit:
            for other in [*self._pulled.values()]:
                self.evict(other)
        room = self._limit - self.used
        version = box.version
        page = await self._store.page(box.name, box.cursor, limit, min(PAGE_BYTES, room))
        if box.version != version or box.still:
            return
        back = {id for id, _ in box.back} if box.back else ()
        out = box.out or ()
        for entry in page.entries:
            box.cursor = entry.id
            if entry.id in out or entry.id in back or entry.id in self.leaving:
                continue
            if entry.besked is not None:
                entry.besked = self._shared.setdefault(entry.seq, entry.besked)
            box.append(entry)
            self.used += cost(entry)
        box.live = page.complete
        if box.window and not box.consumers:
            self._pulled[box.name] = box

    async def _load(self, box: Box) -> None:
        """Bodies of the next deliveries that came back without theirs."""
        wanted: list[Entry] = []
        size = 0
        for entry in box.upcoming(LOW):
            if entry.besked is None and not self._share(entry) and (not wanted or size + entry.size <= PAGE_BYTES):
                wanted.append(entry)
                size += entry.size
        found = await self._store.load([entry.seq for entry in wanted])
        lost = set()
        for entry in wanted:
            besked = found.get(entry.seq)
            if besked is None:
                lost.add(entry.id)
            else:
                entry.besked = self._shared.setdefault(entry.seq, besked)
        lost &= {entry.id for entry in box.upcoming(box.in_memory())}
        if lost:  # never seen; a delivery without a message must not hold up the dueslag
            self.settle_lost(box, [entry for entry in wanted if entry.id in lost])

    def settle_lost(self, box: Box, entries: list[Entry]) -> None:
        self.remove(box, {entry.id for entry in entries})
        box.ready -= len(entries)
        for entry in entries:
            self._commits.batch.gone.append((box.name, State.READY, entry.id, entry.seq))
            self.leaving.add(entry.id)


async def _nothing() -> None:
    """A job that only waits its turn."""
