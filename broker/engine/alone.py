"""Working a dueslag alone where there is one front: nobody to compete with but oneself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from broker.lease import Lease


class Held:
    """A `broker.ports.Lease` that is never lost."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()


class Alone:
    """Who comes first, by dueslag; nothing is kept of one that nobody holds or waits for."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def held(self, dueslag: str) -> AsyncIterator[Lease]:
        """Waits until it is ours."""
        lock, users = self._locks.get(dueslag, (asyncio.Lock(), 0))
        self._locks[dueslag] = lock, users + 1
        try:
            async with lock:
                yield Held()
        finally:
            lock, users = self._locks.pop(dueslag)
            if users > 1:
                self._locks[dueslag] = lock, users - 1
