"""What a caretaker does to dueslag: look, purge, drop, release, revive, bury, reset; in slices, in line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from broker.core.stored import StoredBesked
from broker.engine.commit import Committer
from broker.engine.dueslag import Box
from broker.engine.handout import Handout
from broker.engine.store import STATE_NAMES, Moved, Selection, State, Store
from broker.ports import Glimpse

QUEUED = (State.READY, State.HELD)
Slice = Callable[[Selection, int], Awaitable[Moved]]


class Caretaker:
    """Each change runs while its dueslag hands out nothing, lets batches go first between slices, and leaves alone
    what is accepted after it was asked for."""

    def __init__(self, store: Store, commits: Committer, handout: Handout) -> None:
        self._store = store
        self._commits = commits
        self._handout = handout

    async def peek(self, dueslag: str, state: str | None, after: int, limit: int, body: bool) -> list[Glimpse]:
        return await self._commits.do(lambda: self._peek(dueslag, state, after, limit, body))

    async def find(self, besked_id: str) -> list[StoredBesked]:
        return await self._commits.do(lambda: self._store.find(besked_id))

    async def purge(self, dueslag: str) -> int:
        return await self._change(self._all(dueslag, QUEUED), self._store.remove)

    async def drop(self, dueslag: str) -> None:
        box = self._handout.box(dueslag)
        self._handout.evict(box)
        for entry in (box.out or {}).values():
            self._commits.batch.gone.append((dueslag, State.READY, entry.id, entry.seq))
            self._handout.leaving.add(entry.id)
        box.out = None
        consumers, box.consumers = box.consumers, ()
        for consumer in consumers:
            consumer.dueslag_gone()
        await self._change(self._all(dueslag, tuple(State)), self._store.remove)
        if not (box.ready or box.held or box.dead or box.out or box.consumers):
            self._handout.boxes.pop(dueslag, None)

    async def release(self, dueslag: str, abonnement: str) -> int:
        selection = Selection(dueslag, State.HELD, self._commits.last_id, abonnement=abonnement)
        return await self._change([selection], self._ready_as_new)

    async def revive(self, dueslag: str, ids: Sequence[int] | None) -> int:
        return await self._change(self._dead(dueslag, ids), self._ready_again)

    async def bury(self, dueslag: str, ids: Sequence[int] | None) -> int:
        return await self._change(self._dead(dueslag, ids), self._store.remove)

    async def reset(self) -> None:
        await self._commits.do(self._reset)

    # inside
    def _all(self, dueslag: str, states: Sequence[State]) -> list[Selection]:
        return [Selection(dueslag, state, self._commits.last_id) for state in states]

    def _dead(self, dueslag: str, ids: Sequence[int] | None) -> list[Selection]:
        last = self._commits.last_id
        if ids is None:
            return [Selection(dueslag, State.DEAD, last)]
        chosen = frozenset(id for id in ids if 0 < id <= last)
        return [Selection(dueslag, State.DEAD, max(chosen, default=0), ids=chosen)]

    async def _ready_as_new(self, selection: Selection, after: int) -> Moved:
        return await self._store.make_ready(selection, after, False)

    async def _ready_again(self, selection: Selection, after: int) -> Moved:
        return await self._store.make_ready(selection, after, True)

    async def _change(self, selections: Sequence[Selection], slice: Slice) -> int:
        box = self._handout.box(selections[0].dueslag)
        box.still += 1
        try:
            return await self._commits.do(lambda: self._slices(box, selections, slice))
        finally:
            box.still -= 1
            self._handout.evict(box)
            self._handout.dispatch(box)

    async def _slices(self, box: Box, selections: Sequence[Selection], slice: Slice) -> int:
        self._handout.evict(box)
        count = 0
        for selection in selections:
            after: int | None = min(selection.ids or (1,)) - 1
            while after is not None:
                spared = frozenset(box.out or ()) | self._handout.leaving
                moved = await slice(replace(selection, spared=spared), after)
                _count(box, selection.state, -moved.count)
                if slice != self._store.remove:
                    box.ready += moved.count
                count += moved.count
                after = moved.after
                await self._commits.breathe()
        return count

    async def _peek(self, dueslag: str, state: str | None, after: int, limit: int, body: bool) -> list[Glimpse]:
        """The store calls what is out "ready"; here it gets its name, and is told apart."""
        box = self._handout.box(dueslag)
        states = _states(state)
        seen: list[Glimpse] = []
        while len(seen) < limit:
            slice = await self._store.glimpse(dueslag, states, after, limit, body)
            for glimpse in slice:
                after = glimpse.id
                if glimpse.id in self._handout.leaving:
                    continue
                out = (box.out or {}).get(glimpse.id)
                if out is not None:
                    glimpse = replace(glimpse, state="out", attempts=out.attempts, redelivered=out.redelivered)
                if state is None or glimpse.state == state:
                    seen.append(glimpse)
            if not slice:
                break
        return seen[:limit]

    async def _reset(self) -> None:
        await self._store.clear()
        self._handout.leaving.clear()
        batch = self._commits.batch
        batch.gone, batch.touched, batch.dead = [], {}, []
        for name, box in [*self._handout.boxes.items()]:
            self._handout.evict(box)
            box.out = None
            box.ready = box.held = box.dead = 0
            box.handed = False
            if not box.consumers:
                del self._handout.boxes[name]
            else:
                self._handout.dispatch(box)


def _states(state: str | None) -> tuple[State, ...]:
    if state is None:
        return QUEUED
    if state == "out":
        return (State.READY,)
    return tuple(one for one, name in STATE_NAMES.items() if name == state)


def _count(box: Box, state: State, change: int) -> None:
    if state is State.READY:
        box.ready += change
    elif state is State.HELD:
        box.held += change
    else:
        box.dead += change
