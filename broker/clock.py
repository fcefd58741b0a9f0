"""Time as a port, so that tests decide what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time as seconds since the epoch (UTC)."""

    def now(self) -> float: ...


class SystemClock:
    """The machine's clock."""

    now = staticmethod(time.time)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._now += seconds


def iso(tid: float) -> str:
    """``tid`` as XML dateTime in UTC with milliseconds, as 2026-11-21T08:00:00.000Z."""
    return datetime.fromtimestamp(tid, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
