"""xs:dateTime, read and written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.kuvert.tidspunkt import read_date_time, write_date_time


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("1970-01-01T00:00:00", 0.0),
        (" 1970-01-01T01:00:00+01:00\n", 0.0),
        ("1969-12-31T18:30:00-05:30", 0.0),
        ("1970-01-01T00:00:01.5Z", 1.5),
        ("1970-01-01T00:00:00.123456789Z", 0.123456),
        ("1970-01-01T24:00:00Z", 86400.0),
        ("9999-12-31T24:00:00Z", 253402300800.0),
        ("10000-01-01T00:00:00Z", None),
        ("123456789-01-01T00:00:00", None),
        ("0000-01-01T00:00:00Z", -62135596800.0),
        ("-0044-03-15T00:00:00Z", -62135596800.0),
        ("-123456-03-15T00:00:00Z", -62135596800.0),
        ("0001-01-01T00:00:00+14:00", -62135647200.0),
    ],
)
def test_every_form_of_time_is_read(value: str, seconds: float | None) -> None:
    """Offsets, fractions, midnight as 24:00, and years that no calendar of ours holds."""
    assert read_date_time(value) == seconds


@pytest.mark.parametrize("value", ["", "x", "2022-02-13", "2022-02-13 08:00:00", "2022-02-30T08:00:00"])
def test_what_is_no_time_is_an_error(value: str) -> None:
    """A date alone, or a day that does not exist, is no dateTime."""
    with pytest.raises(ValueError):
        read_date_time(value)


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))
def test_what_is_written_is_read_back(moment: datetime) -> None:
    """Written in UTC with milliseconds, never later than the moment itself."""
    tid = moment.timestamp()
    written = write_date_time(tid).decode()
    back = read_date_time(written)
    assert back is not None
    assert 0 <= tid - back < 0.0011
    assert len(written) == len("2026-11-21T08:00:00.000Z")
    assert written.endswith("Z")


@pytest.mark.parametrize(
    ("tid", "written"),
    [
        (-62135596800.0, b"0001-01-01T00:00:00.000Z"),
        (-30610224000.001, b"0999-12-31T23:59:59.999Z"),
        (-30610224000.0, b"1000-01-01T00:00:00.000Z"),
        (-0.0005, b"1969-12-31T23:59:59.999Z"),
        (253402300799.5, b"9999-12-31T23:59:59.500Z"),
    ],
)
def test_every_year_is_written_with_four_digits(tid: float, written: bytes) -> None:
    """A year before 1000 has its leading zeros: without them it is no dateTime, and the schema refuses it."""
    assert write_date_time(tid) == written


@pytest.mark.parametrize("tid", [-62135596800.001, 253402300800.0])
def test_what_no_year_of_four_digits_holds_is_an_error(tid: float) -> None:
    """Before year 1 and after year 9999 there is nothing to write."""
    with pytest.raises(ValueError, match="year"):
        write_date_time(tid)
