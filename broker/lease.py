"""Working alone among several fronts (`broker.ports.Engine.sole`)."""

from __future__ import annotations

from typing import Protocol


class Signal(Protocol):
    """Set once, and waited for (`asyncio.Event` is one)."""

    def is_set(self) -> bool: ...
    async def wait(self) -> object: ...


class Lease(Protocol):
    """The right to work alone, until ``lost`` is set: from then on another front may have it."""

    @property
    def lost(self) -> Signal: ...
