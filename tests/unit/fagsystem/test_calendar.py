"""The simulated calendar, stepped and scaled."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from consumers.fagsystem import ScaledCalendar, SteppedCalendar
from consumers.fagsystem.calendar import Calendar

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


async def test_stepped_rings_in_order() -> None:
    """A jump rings what has become due, in the order of its time, and nothing that has not."""
    calendar = SteppedCalendar(START)
    rung: list[str] = []
    for days, name in ((3, "third"), (1, "first"), (2, "second"), (9, "later")):
        calendar.alarm(START + timedelta(days=days), lambda name=name: rung.append(name))  # type: ignore[misc]
    calendar.alarm(START + timedelta(days=1), lambda: rung.append("called off")).cancel()
    calendar.advance(START + timedelta(days=3))
    assert rung == ["first", "second", "third"]
    assert calendar.now() == START + timedelta(days=3)


async def test_stepped_until() -> None:
    """Who waits for a day goes on when it has come, and not before."""
    calendar = SteppedCalendar(START)
    waiting = asyncio.create_task(calendar.until(START + timedelta(days=2)))
    await asyncio.sleep(0)
    calendar.advance(START + timedelta(days=1))
    await asyncio.sleep(0)
    assert not waiting.done()
    calendar.advance(START + timedelta(days=2))
    async with asyncio.timeout(10):
        await waiting


@pytest.mark.parametrize("calendar", [SteppedCalendar(START), ScaledCalendar(START, 86400)])
async def test_wake(calendar: Calendar) -> None:
    """`wake` lets all go on, whatever day they wait for; what is due already does not wait."""
    waiting = asyncio.create_task(calendar.until(START + timedelta(days=2)))
    await asyncio.sleep(0)
    calendar.wake()
    async with asyncio.timeout(10):
        await waiting
        await calendar.until(START)


async def test_scaled_goes_by_itself() -> None:
    """A year passes in a third of a second where a day takes a millisecond."""
    calendar = ScaledCalendar(START, 0.001)
    async with asyncio.timeout(30):
        await calendar.until(START + timedelta(days=365))
    assert calendar.now() >= START + timedelta(days=365)


def test_refusals() -> None:
    """A time without zone, a step back, and a pace of nothing are refused."""
    with pytest.raises(ValueError, match="zone"):
        SteppedCalendar(START.replace(tzinfo=None))
    with pytest.raises(ValueError, match="forwards"):
        SteppedCalendar(START).advance(START - timedelta(seconds=1))
    with pytest.raises(ValueError, match="seconds_per_day"):
        ScaledCalendar(START, 0)
