"""GyldighedTil passed: one timer, armed for the earliest, and the sweep it starts."""

from __future__ import annotations

import asyncio

from broker.clock import Clock
from broker.engine.commit import Committer
from broker.engine.handout import Handout
from broker.engine.store import Due, State, Store
from broker.ports import Died

SLICE = 500
LONGEST = 86_400.0
"""Seconds that a timer is set for at most: the clock on the wall may be moved."""


class Expiry:
    """Drops what nobody fetched in time.  What is out is left to its consumer."""

    def __init__(self, store: Store, clock: Clock, commits: Committer, handout: Handout, died: Died) -> None:
        self._store = store
        self._clock = clock
        self._commits = commits
        self._handout = handout
        self._died = died
        self._timer: asyncio.TimerHandle | None = None
        self._earliest: float | None = None

    def arm(self, expires: float | None) -> None:
        """Something expires then."""
        if expires is None or (self._earliest is not None and self._earliest <= expires):
            return
        self.stop()
        self._earliest = expires
        delay = min(max(0.0, expires - self._clock.now()), LONGEST)
        self._timer = asyncio.get_running_loop().call_later(delay, self._fire)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._earliest = None

    async def run(self) -> int:
        """Drop what has expired; how many deliveries."""
        return await self._commits.do(self._sweep)

    def _fire(self) -> None:
        self._timer = None
        self._commits.background(self._sweep_again, flush=True)

    async def _sweep_again(self) -> None:
        await self._sweep()

    async def _sweep(self) -> int:
        self.stop()
        now = self._clock.now()
        after, count = (float("-inf"), 0), 0
        while True:
            due, reached = await self._store.expired(now, after, SLICE)
            count += self._drop(due)
            if reached == after:
                break
            after = reached
            await self._commits.breathe()
        self.arm(await self._store.next_expiry(now))
        return count

    def _drop(self, due: list[Due]) -> int:
        count = 0
        ids: dict[str, set[int]] = {}
        for one in due:
            box = self._handout.box(one.dueslag)
            if one.id in self._handout.leaving or one.id in (box.out or ()):
                continue
            count += 1
            if one.state is State.READY:
                box.ready -= 1
                ids.setdefault(one.dueslag, set()).add(one.id)
            else:
                box.held -= 1
            self._commits.batch.gone.append((one.dueslag, one.state, one.id, one.seq))
            self._handout.leaving.add(one.id)
            self._died("expired", one.id, one.dueslag, one.besked_id, "GyldighedTil is passed")
        for name, gone in ids.items():
            self._handout.remove(self._handout.box(name), gone)
        if count:
            self._commits.lazy()
        return count
