"""Times in a register file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.register.lexical import EARLIEST, LATEST, tid_fault
from broker.register.times import format_time, parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01", 0.0),
        ("1970-01-02", 86400.0),
        ("1970-01-01T00:00:01", 1.0),
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01t00:00:01z", 1.0),
        ("1970-01-01 01:00:00+01:00", 0.0),
        ("1970-01-01T01:00+0100", 0.0),
        ("1970-01-01T00:00:00.25Z", 0.25),
        ("1970-01-01T00:00:00,25Z", 0.25),
    ],
)
def test_dates_and_times_are_read(text: str, seconds: float) -> None:
    """A date is its midnight; a time without an offset is UTC; an offset counts."""
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "2026", "20260101", "2026-W01-1", "01-02-2026", "2026-02-30", "2026-01-01T25:00", "i går"],
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    """A time that cannot be read is told apart from one that can, and the right form is shown."""
    with pytest.raises(ValueError, match=r"expected a date \(2026-01-31\)"):
        parse_time(text)


def test_a_time_before_the_year_1_in_utc_is_refused() -> None:
    """An offset that moves a time out of the calendar is an error in the file, not a crash."""
    assert tid_fault(parse_time("0001-01-01T00:00:00Z")) is None
    assert tid_fault(parse_time("0001-01-01T00:00:00+01:00")) is not None


@given(st.integers(round(EARLIEST) * 1000, round(LATEST) * 1000 - 1).map(lambda ms: ms / 1000))
def test_times_are_written_as_they_are_read(seconds: float) -> None:
    """A time to the millisecond survives export and load exactly."""
    assert parse_time(format_time(seconds)) == seconds


def test_whole_seconds_are_written_without_a_fraction() -> None:
    """An export shows times the way people write them."""
    assert [format_time(0.0), format_time(0.5)] == ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.500000Z"]


@pytest.mark.parametrize("tid", [EARLIEST, LATEST - 0.5, LATEST])
def test_a_time_that_is_taken_can_be_written(tid: float) -> None:
    """The first and the last time that a register takes stand in its export, and are read from it again."""
    assert tid_fault(tid) is None
    assert parse_time(format_time(tid)) == tid


@pytest.mark.parametrize("tid", [253402300800.0, 253402300799.9999, EARLIEST - 1, float("inf"), float("nan")])
def test_a_time_that_cannot_be_written_is_refused(tid: float) -> None:
    """The year 10000 is no time: it is refused when it is set, not when the register is exported."""
    assert "outside the years 1 to 9999" in (tid_fault(tid) or "")


@pytest.mark.parametrize("fraction", [".999", ".9995", ".999999"])
def test_the_end_of_the_year_9999_is_taken_however_exact(fraction: str) -> None:
    """Whoever writes the last moment of the calendar, for a time without end, is understood."""
    tid = parse_time(f"9999-12-31T23:59:59{fraction}Z")
    assert tid_fault(tid) is None
    assert format_time(tid).startswith("9999-12-31T23:59:59.99")
    assert tid_fault(parse_time(f"9999-12-31T23:59:59{fraction}-01:00")) is not None
