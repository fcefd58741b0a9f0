"""A store that keeps everything in memory: for `--durability=memory`, and for tests."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

from broker.core.stored import StoredBesked
from broker.engine import memory_shelf as shelves
from broker.engine.limits import Limits
from broker.engine.memory_shelf import Row, Shelf
from broker.engine.store import (
    OVERHEAD,
    Batch,
    Dead,
    Due,
    Entry,
    Located,
    Moved,
    Opened,
    Page,
    Pending,
    Selection,
    State,
    StoreFull,
)
from broker.ports import Glimpse

SLICE = 2_000
EXTRA = 1_000
"""Bytes that a message is counted for beside its body."""


class MemoryStore:
    """`broker.engine.store.Store` without a disk."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._forget()

    def _forget(self) -> None:
        self._shelves: dict[str, Shelf] = {}
        self._beskeder: dict[int, StoredBesked] = {}
        self._rest: dict[int, int] = {}
        """Deliveries left, by seq."""
        self._ids: dict[int, Sequence[int]] = {}
        """Deliveries that there were, by seq."""
        self._named: dict[str, tuple[int, ...]] = {}
        """Kept messages, by BeskedId."""
        self._bytes = 0
        self._known: dict[tuple[str, str], tuple[bytes, int, float]] = {}
        self._kept: OrderedDict[int, float] = OrderedDict()
        """Settled messages that are kept for a while: seq → since when."""

    async def open(self) -> Opened:
        return Opened()

    async def close(self, clean: bool) -> None:
        self._forget()

    async def commit(self, batch: Batch) -> dict[int, bytes]:
        beskeder = batch.beskeder
        if beskeder and self._limits.max_bytes is not None:
            self._look_for_room(sum(len(pending.besked.data) + EXTRA for pending in beskeder))
        known: dict[int, bytes] = {}
        for position, pending in enumerate(beskeder):
            digest = self._accept(pending, batch.now)
            if digest is not None:
                known[position] = digest
        for id, entry in batch.touched.items():
            row = self._shelf(entry.dueslag).rows[State.READY].get(id)
            if row is not None:
                row.attempts, row.redelivered = entry.attempts, True
        for dead in batch.dead:
            entry = dead.entry
            row = self._shelf(entry.dueslag).rows[dead.state].pop(entry.id)
            row.attempts, row.redelivered, row.reason, row.died = entry.attempts, True, dead.reason, dead.died
            self._shelf(entry.dueslag).put(State.DEAD, row)
        for dueslag, state, id, seq in batch.gone:
            if self._shelf(dueslag).rows[State(state)].pop(id, None) is not None:
                self._release(seq, batch.now)
        return known

    def _look_for_room(self, size: int) -> None:
        if self._limits.max_bytes is not None and self._bytes + size > self._limits.max_bytes:
            raise StoreFull(f"The message store is full: it may hold {self._limits.max_bytes} bytes")

    def _accept(self, pending: Pending, now: float) -> bytes | None:
        besked = pending.besked
        key = (besked.afsender, besked.besked_id)
        before = self._known.get(key)
        if before is not None:
            return before[0]
        besked.sent = besked.digest
        self._known[key] = (besked.sent, besked.seq, now)
        if len(self._known) > self._limits.idempotency_limit:
            del self._known[next(iter(self._known))]
        if not pending.routing and not self._limits.retention:
            return None
        self._keep(besked)
        self._rest[besked.seq] = len(pending.routing)
        self._ids[besked.seq] = range(pending.first, pending.first + len(pending.routing))
        for id, routing in enumerate(pending.routing, pending.first):
            row = Row(id, routing.dueslag, besked, routing.abonnement, routing.keep)
            self._shelf(routing.dueslag).rows[State.HELD if routing.held else State.READY][id] = row
        if not pending.routing:
            self._kept[besked.seq] = now
        return None

    def _keep(self, besked: StoredBesked) -> None:
        self._beskeder[besked.seq] = besked
        self._named[besked.besked_id] = (*self._named.get(besked.besked_id, ()), besked.seq)
        self._bytes += len(besked.data) + EXTRA

    def _release(self, seq: int, now: float) -> None:
        self._rest[seq] -= 1
        if self._rest[seq]:
            return
        if self._limits.retention:
            self._kept[seq] = now
        else:
            self._discard(seq)

    def _discard(self, seq: int) -> None:
        besked = self._beskeder.pop(seq)
        self._bytes -= len(besked.data) + EXTRA
        del self._rest[seq], self._ids[seq]
        left = tuple(one for one in self._named.pop(besked.besked_id) if one != seq)
        if left:
            self._named[besked.besked_id] = left

    def _shelf(self, dueslag: str) -> Shelf:
        shelf = self._shelves.get(dueslag)
        if shelf is None:
            shelf = self._shelves[dueslag] = Shelf()
        return shelf

    async def page(self, dueslag: str, after: int, limit: int, size: int) -> Page:
        entries: list[Entry] = []
        for row in shelves.after(self._shelf(dueslag).rows[State.READY], after):
            if entries and (len(entries) >= limit or size < len(row.besked.data) + OVERHEAD):
                return Page(entries, False)
            entries.append(shelves.entry(row))
            size -= len(row.besked.data) + OVERHEAD
        return Page(entries, True)

    async def load(self, seqs: Sequence[int]) -> dict[int, StoredBesked]:
        return {seq: self._beskeder[seq] for seq in seqs if seq in self._beskeder}

    async def glimpse(self, dueslag: str, states: Sequence[State], after: int, limit: int, body: bool) -> list[Glimpse]:
        shelf = self._shelf(dueslag)
        found = [
            (row.id, state, row)
            for state in states
            for row in shelves.first(shelves.after(shelf.rows[state], after), limit)
        ]
        found.sort(key=lambda one: one[0])
        return [shelves.glimpse(row, state, body) for _, state, row in found[:limit]]

    async def find(self, besked_id: str) -> list[StoredBesked]:
        return [self._beskeder[seq] for seq in self._named.get(besked_id, ())]

    async def locate(self, dueslag: str, afsender: str, besked_id: str) -> Located:
        located = Located()
        rows = self._shelf(dueslag).rows
        for seq in self._named.get(besked_id, ()):
            if afsender and self._beskeder[seq].afsender != afsender:
                continue
            located.seq = seq
            for id in self._ids[seq]:
                located.deliveries += [(state, shelves.entry(rows[state][id])) for state in State if id in rows[state]]
        return located

    async def add_dead(self, dead: Dead, besked: StoredBesked | None, last_id: int, last_seq: int) -> None:
        one = dead.entry
        if besked is not None:
            self._look_for_room(len(besked.data) + EXTRA)
            self._keep(besked)
        besked = self._beskeder[one.seq]
        self._kept.pop(one.seq, None)
        self._rest[one.seq] = self._rest.get(one.seq, 0) + 1
        self._ids[one.seq] = (*self._ids.get(one.seq, ()), one.id)
        row = Row(one.id, one.dueslag, besked, one.abonnement, one.keep, one.attempts, True, dead.reason, dead.died)
        self._shelf(one.dueslag).put(State.DEAD, row)

    async def remove(self, selection: Selection, after: int) -> Moved:
        def take(state: State, row: Row) -> None:
            del self._shelf(row.dueslag).rows[state][row.id]
            self._release(row.besked.seq, row.besked.received)

        return self._each(selection, after, take)

    async def make_ready(self, selection: Selection, after: int, redelivered: bool) -> Moved:
        ready: list[Row] = []

        def move(state: State, row: Row) -> None:
            del self._shelf(row.dueslag).rows[state][row.id]
            row.redelivered = row.redelivered or redelivered
            row.reason = row.died = None
            ready.append(row)

        moved = self._each(selection, after, move)
        self._shelf(selection.dueslag).put_all(State.READY, ready)
        return moved

    def _each(self, selection: Selection, after: int, act: Callable[[State, Row], None]) -> Moved:
        moved = Moved()
        rows = self._shelf(selection.dueslag).rows[selection.state]
        for row in shelves.first(shelves.after(rows, after), SLICE):
            if row.id > selection.upto:
                return Moved(moved.count)
            moved.after = row.id
            if shelves.chosen(selection, row):
                act(selection.state, row)
                moved.count += 1
        return moved

    async def expired(self, now: float, after: tuple[float, int], limit: int) -> tuple[list[Due], tuple[float, int]]:
        due = [
            Due(row.dueslag, state, row.id, row.besked.seq, row.besked.besked_id)
            for shelf in self._shelves.values()
            for state in (State.READY, State.HELD)
            for row in shelf.rows[state].values()
            if (expires := row.besked.expires) is not None and after < (expires, row.besked.seq) and expires <= now
        ]
        return due, (now, 2**63 - 1)

    async def next_expiry(self, after: float) -> float | None:
        return min(
            (one.expires for one in self._beskeder.values() if one.expires is not None and one.expires > after),
            default=None,
        )

    async def tidy(self, now: float, newest: bool = False) -> float | None:
        while self._known:
            key = next(iter(self._known))
            if self._known[key][2] > now - self._limits.idempotency_window:
                break
            del self._known[key]
        while self._kept:
            seq, since = next(iter(self._kept.items()))
            if since > now - self._limits.retention and len(self._kept) <= self._limits.retention_limit:
                return since + self._limits.retention - now
            del self._kept[seq]
            self._discard(seq)
        return None

    async def clear(self) -> None:
        self._forget()
