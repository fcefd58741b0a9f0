"""How days pass in a run: in jumps from one thing that is due to the next, or at a pace that people can follow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from consumers.fagsystem.calendar import Calendar, ScaledCalendar, SteppedCalendar
from consumers.scenario.actor import Actor

Settle = Callable[[], Awaitable[None]]
"""Returns when all is quiet."""


class Clock(Protocol):
    """The calendar of all parties, and who moves it."""

    @property
    def calendar(self) -> Calendar: ...

    async def pass_until(self, when: datetime, actors: Mapping[str, Actor], settle: Settle) -> None:
        """Return when it is ``when`` and all is quiet."""
        ...


class Jumps:
    """Time stands still until all is quiet, and then jumps to what is due next: a run takes seconds, and repeats."""

    def __init__(self, start: datetime) -> None:
        self.calendar = SteppedCalendar(start)

    async def pass_until(self, when: datetime, actors: Mapping[str, Actor], settle: Settle) -> None:
        await settle()
        while (due := self._next(actors)) is not None and due < when:
            self.calendar.advance(due)
            await settle()
        if when > self.calendar.now():
            self.calendar.advance(when)
        await settle()

    def _next(self, actors: Mapping[str, Actor]) -> datetime | None:
        """When something is due that is not due yet, at a party that runs."""
        now = self.calendar.now()
        due = [actor.system.next_due() for actor in actors.values() if actor.running]
        return min((one.astimezone(UTC) for one in due if one is not None and one > now), default=None)


class Pace:
    """A day takes so many seconds."""

    def __init__(self, start: datetime, seconds_per_day: float) -> None:
        self.calendar = ScaledCalendar(start, seconds_per_day)

    async def pass_until(self, when: datetime, actors: Mapping[str, Actor], settle: Settle) -> None:
        passed = asyncio.Event()
        alarm = self.calendar.alarm(when, passed.set)
        try:
            await passed.wait()
        finally:
            alarm.cancel()
        await settle()
