"""Group commit: while one batch is being written the next gathers; everything that touches the store in one line."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol, TypeVar

from broker.clock import Clock
from broker.engine.store import Batch, Store
from broker.errors import StoreError
from broker.meters import Meters

LINGER = 0.05
"""Seconds that settled deliveries may wait for company before they are written."""
RETRY = 0.5
"""Seconds between attempts when the store is full."""
MAX_BESKEDER = 2_000
MAX_BYTES = 8 * 1024 * 1024
MAX_SETTLED = 5_000

T = TypeVar("T")


class Stored(Protocol):
    """Told on the loop thread that a batch is durable."""

    def __call__(self, batch: Batch, known: dict[int, bytes]) -> None: ...


@dataclass(slots=True)
class _Waiter:
    """Who waits for all up to batch ``number``, and all messages up to ``seq``, to be durable."""

    answer: asyncio.Future[None]
    number: int
    seq: int


class Committer:
    """Writes ``batch`` when it is due and runs jobs between, one at a time, so that what a job reads is exactly
    what the batches told of so far have written.  A task exists only while there is work."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        stored: Stored,
        on_blocked: Callable[[str | None], None] | None,
        meters: Meters,
    ) -> None:
        self.batch = Batch()
        self.blocked: str | None = None
        self.last_id = 0
        self.last_seq = 0
        self._store = store
        self._clock = clock
        self._stored = stored
        self._on_blocked = on_blocked
        self._meters = meters
        self._jobs: deque[tuple[Callable[[], Awaitable[Any]], asyncio.Future[Any] | None, bool]] = deque()
        self._waiters: list[_Waiter] = []
        self._sealed = 0
        """Batches taken to be written."""
        self._written = 0
        """The last of them that was written."""
        self._pump: asyncio.Task[None] | None = None
        self._linger: asyncio.TimerHandle | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._lingered = False
        self._try_again = False
        """Time to see whether a full store has room again."""
        self._hopeless = False
        """Not even what needs no room can be written: wait for the next attempt."""
        self._closing = False

    # asking
    def urgent(self) -> None:
        """There is something in the batch that somebody waits for."""
        if self._pump is None and not self._closing:
            self._pump = asyncio.get_running_loop().create_task(self._run())

    def lazy(self) -> None:
        """There is something in the batch that nobody waits for."""
        if self._pump is None and self._linger is None and not self._closing:
            self._linger = asyncio.get_running_loop().call_later(LINGER, self._linger_over)

    async def flushed(self) -> None:
        """Returns when what is in the batch now is durable."""
        number = self._sealed + 1 if self.batch else self._sealed
        if number <= self._written:
            return
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(_Waiter(answer, number, self.last_seq))
        self.urgent()
        await answer

    async def do(self, job: Callable[[], Awaitable[T]], *, flush: bool = True) -> T:
        """Run ``job`` in line; with ``flush`` what was asked for before is written first (as far as it can be)."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._jobs.append((job, answer, flush))
        self.urgent()
        return await answer

    def background(self, job: Callable[[], Awaitable[None]], *, flush: bool = False) -> None:
        """Run ``job`` in line; nobody waits for it."""
        if not self._closing:
            self._jobs.append((job, None, flush))
            self.urgent()

    async def breathe(self) -> None:
        """Inside a long job: let a due batch go first."""
        if self._due():
            await self._commit()

    async def write(self) -> None:
        """Inside a job: what was settled before is durable when it returns.  Raises StoreError where it cannot be yet;
        it is then written when it can."""
        number = self._sealed + 1
        if self._has_settled(self.batch):
            await self._flush()
            if self._written < number:
                raise StoreError(f"it is not on disk yet: {self.blocked}")

    async def close(self) -> None:
        """Write what can be written, then stop."""
        while self._pump is not None:
            await asyncio.shield(self._pump)
        self._closing = True
        self._stop_timers()
        self._try_again = self.blocked is not None
        while self.batch and (self.blocked is None or self._try_again):
            await self._commit()
        if self._has_settled(self.batch):
            await self._commit()
        self._stop_timers()
        for waiter in self._waiters:
            waiter.answer.cancel()

    def unwritten(self) -> bool:
        """Whether anything but accepts is left in the batch."""
        return self._has_settled(self.batch)

    # working
    async def _run(self) -> None:
        try:
            while self._due() or self._jobs:
                if self._due():
                    await self._commit()
                for _ in range(min(4, len(self._jobs))):
                    await self._job()
        except Exception as error:  # a bug of a consumer or of ours: told, and the next batch goes its way
            self._report(error, "a batch")
        finally:
            self._pump = None
        if self._due() or self._jobs:
            self.urgent()
        elif self.batch:
            self.lazy()

    def _due(self) -> bool:
        batch = self.batch
        if self.blocked is not None:
            return self._try_again or (
                not self._hopeless and bool(batch.handed or (self._lingered and self._has_settled(batch)))
            )
        return bool(
            batch.beskeder
            or batch.handed
            or (batch and (self._waiters or self._lingered or len(batch.gone) > MAX_SETTLED))
        )

    async def _job(self) -> None:
        job, answer, flush = self._jobs.popleft()
        if flush:
            await self._flush()
        try:
            result = await job()
        except Exception as error:
            if answer is None:
                self._report(error, job)
            elif not answer.done():
                answer.set_exception(error)
        else:
            if answer is not None and not answer.done():
                answer.set_result(result)

    async def _flush(self) -> None:
        """Write what is in the batch now; of a full store only what needs no room."""
        upto = self.last_seq
        while self.blocked is None and self.batch:
            await self._commit()
            if not self.batch.beskeder or self.batch.beskeder[0].besked.seq > upto:
                return
        if self.blocked is not None and not self._hopeless and self._has_settled(self.batch):
            await self._commit()

    async def _commit(self) -> None:
        whole = self.blocked is None or self._try_again
        batch = self._seal(whole)
        began = perf_counter()
        try:
            known = await self._store.commit(batch)
        except StoreError as error:
            self._give_back(batch)
            self._block(str(error))
            self._lingered = whole and self._has_settled(self.batch)  # what frees room must not wait for room
            self._hopeless = not whole
            return
        if whole and self.blocked is not None:
            self._unblock()
        self._written = self._sealed
        self._meters.committing.observe(perf_counter() - began)
        if batch.beskeder:
            self._meters.commits.observe(len(batch.beskeder))
        self._stored(batch, known)
        self._answer_waiters()

    def _seal(self, whole: bool) -> Batch:
        """Take from the batch what is to be written now: all of it (within limits), or what needs no room."""
        batch, cut, size = self.batch, 0, 0
        if whole:
            for pending in batch.beskeder:
                if cut >= MAX_BESKEDER or size > MAX_BYTES:
                    break
                size += len(pending.besked.data)
                cut += 1
            self._try_again = False
        self._lingered = False
        self._sealed += 1
        self.batch = Batch(batch.beskeder[cut:])
        batch.beskeder = batch.beskeder[:cut]
        batch.last_id, batch.last_seq, batch.now = self.last_id, self.last_seq, self._clock.now()
        return batch

    def _give_back(self, failed: Batch) -> None:
        later, self.batch = self.batch, failed
        failed.beskeder = failed.beskeder + later.beskeder
        failed.gone += later.gone
        failed.touched |= later.touched
        failed.dead += later.dead
        failed.handed |= later.handed

    def _has_settled(self, batch: Batch) -> bool:
        return bool(batch.gone or batch.touched or batch.dead or batch.handed)

    def _block(self, reason: str) -> None:
        self._try_again = False
        if self._retry is None and not self._closing:
            self._retry = asyncio.get_running_loop().call_later(RETRY, self._retry_over)
        if self.blocked is None:
            self.blocked = reason
            if self._on_blocked is not None:
                self._on_blocked(reason)

    def _unblock(self) -> None:
        self.blocked, self._hopeless = None, False
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._on_blocked is not None:
            self._on_blocked(None)

    def _answer_waiters(self) -> None:
        if not self._waiters:
            return
        beskeder = self.batch.beskeder
        oldest = beskeder[0].besked.seq if beskeder else self.last_seq + 1
        still = []
        for waiter in self._waiters:
            if waiter.number > self._written or waiter.seq >= oldest:
                still.append(waiter)
            elif not waiter.answer.done():
                waiter.answer.set_result(None)
        self._waiters = still

    def _linger_over(self) -> None:
        self._linger = None
        self._lingered = True
        self.urgent()

    def _retry_over(self) -> None:
        self._retry = None
        self._try_again, self._hopeless = True, False
        self.urgent()

    def _stop_timers(self) -> None:
        for timer in (self._linger, self._retry):
            if timer is not None:
                timer.cancel()
        self._linger = self._retry = None

    def _report(self, error: Exception, job: object) -> None:
        asyncio.get_running_loop().call_exception_handler(
            {"message": f"engine: {job!r} failed: {error}", "exception": error}
        )
