"""The simulated calendar: days and weeks of a forløb, passed in seconds or in jumps.

A party asks nothing else for the time.  `SteppedCalendar` stands still until somebody moves it: with it a run is
repeatable.  `ScaledCalendar` goes by itself, so many seconds of real time to the day.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_LONGEST = 3600.0
"""Seconds of real time after which a ScaledCalendar looks again; timers of years would overflow."""


class Alarm(Protocol):
    """A call that is to come; it may be called off, also when it has been made."""

    def cancel(self) -> None: ...


class Calendar(Protocol):
    """All times are aware."""

    def now(self) -> datetime: ...

    def alarm(self, when: datetime, ring: Callable[[], None]) -> Alarm:
        """Call ``ring`` once when it is ``when``; soon, where it is so already."""
        ...

    async def until(self, when: datetime) -> None:
        """Return when it is ``when``, or when somebody calls `wake`."""
        ...

    def wake(self) -> None:
        """Let all who wait in `until` go on."""
        ...


class _Waiting:
    """`until` and `wake`, made of `alarm`."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    async def wait(self, calendar: Calendar, when: datetime) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        alarm = calendar.alarm(when, lambda: None if done.done() else done.set_result(None))
        self._waiting.add(done)
        try:
            await done
        finally:
            self._waiting.discard(done)
            alarm.cancel()

    def wake(self) -> None:
        for done in self._waiting:
            if not done.done():
                done.set_result(None)


class _Entry:
    """An alarm of a SteppedCalendar."""

    __slots__ = ("ring",)

    def __init__(self, ring: Callable[[], None] | None) -> None:
        self.ring = ring

    def cancel(self) -> None:
        self.ring = None


class SteppedCalendar:
    """Stands at ``start`` until `advance` is called.  Raises ValueError for a time without zone."""

    def __init__(self, start: datetime) -> None:
        self._now = _aware(start)
        self._alarms: list[tuple[datetime, int, _Entry]] = []
        self._number = itertools.count()
        self._waiting = _Waiting()

    def now(self) -> datetime:
        return self._now

    def alarm(self, when: datetime, ring: Callable[[], None]) -> Alarm:
        entry = _Entry(ring)
        if when <= self._now:
            asyncio.get_running_loop().call_soon(_ring, entry)
        else:
            heapq.heappush(self._alarms, (when, next(self._number), entry))
        return entry

    async def until(self, when: datetime) -> None:
        await self._waiting.wait(self, when)

    def wake(self) -> None:
        self._waiting.wake()

    def advance(self, to: datetime) -> None:
        """Jump there, and ring what has become due.  Raises ValueError for a time that has passed."""
        if _aware(to) < self._now:
            raise ValueError(f"the calendar stands at {self._now.isoformat()} and goes forwards only")
        self._now = to
        while self._alarms and self._alarms[0][0] <= to:
            _ring(heapq.heappop(self._alarms)[2])


class _Timer:
    """An alarm of a ScaledCalendar: set again until it is time."""

    __slots__ = ("_calendar", "_handle", "_ring", "_when")

    def __init__(self, calendar: ScaledCalendar, when: datetime, ring: Callable[[], None]) -> None:
        self._calendar = calendar
        self._when = when
        self._ring = ring
        self._handle = self._set()

    def cancel(self) -> None:
        self._handle.cancel()

    def _set(self) -> asyncio.TimerHandle:
        delay = min(max(0.0, self._calendar.seconds_until(self._when)), _LONGEST)
        return asyncio.get_running_loop().call_later(delay, self._look)

    def _look(self) -> None:
        if self._calendar.now() >= self._when:
            self._ring()
        else:
            self._handle = self._set()


class ScaledCalendar:
    """Begins at ``start`` when it is made; a day takes ``seconds_per_day`` seconds (86400 = real time).

    After a restart of the process the caller says from when it goes on.  Raises ValueError for a pace of 0 or less.
    """

    def __init__(self, start: datetime, seconds_per_day: float) -> None:
        if seconds_per_day <= 0:
            raise ValueError("seconds_per_day: expected more than 0")
        self._start = _aware(start)
        self._pace = 86400 / seconds_per_day
        self._began = time.monotonic()
        self._waiting = _Waiting()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self._pace)

    def seconds_until(self, when: datetime) -> float:
        """Seconds of real time."""
        return (when - self.now()).total_seconds() / self._pace

    def alarm(self, when: datetime, ring: Callable[[], None]) -> Alarm:
        return _Timer(self, when, ring)

    async def until(self, when: datetime) -> None:
        await self._waiting.wait(self, when)

    def wake(self) -> None:
        self._waiting.wake()


def _aware(when: datetime) -> datetime:
    if when.tzinfo is None:
        raise ValueError("expected a time with a zone")
    return when.astimezone(UTC)


def _ring(entry: _Entry) -> None:
    if entry.ring is not None:
        entry.ring()
