"""Days as texts and as times of the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


def iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def morning(day: date) -> datetime:
    """When what is to be done on a day is done: eight o'clock UTC."""
    return datetime.combine(day, time(8), UTC)


def after(day: date) -> datetime:
    """When a deadline that ends with this day has passed."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)
