"""What dueslag hold, by an engine that may have to count it first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from broker.ports import Depth, Engine


@runtime_checkable
class _Counting(Protocol):
    """An engine whose messages lie elsewhere, and that has to be given time to count them."""

    async def counted(self, dueslag: Iterable[str]) -> None: ...


async def depths(engine: Engine, dueslag: Iterable[str]) -> dict[str, Depth]:
    """By id.  The first time that a front is asked for a dueslag this may take a second or two (RabbitMQ)."""
    names = [*dueslag]
    if isinstance(engine, _Counting):
        await engine.counted(names)
    return {name: engine.depth(name) for name in names}
