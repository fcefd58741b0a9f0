"""Times in tokens."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.clock import iso
from broker.tokens.moment import read_moment


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-21T12:00:00Z", 1795262400.0),
        ("2026-11-21T12:00:00.250Z", 1795262400.25),
        ("2026-11-21T12:00:00.2500001Z", 1795262400.25),
        ("2026-11-21T12:00:00", 1795262400.0),
        ("2026-11-21T13:00:00+01:00", 1795262400.0),
        ("  2026-11-21T12:00:00Z\n", 1795262400.0),
    ],
)
def test_read_moment(text: str, seconds: float) -> None:
    """What .NET, Java and Python write as xs:dateTime is read; a time without an offset is UTC, as SAML has it."""
    assert read_moment(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-21",
        "20261121T120000Z",
        "2026-W47-6T12:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-21T12:00:00ZZ",
        "2026-11-21 12:00:00Z",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        "٢٠٢٦-11-21T12:00:00Z",
        "2026-11-21T12:00:00+99:99",
    ],
)
def test_other_text_is_no_moment(text: str) -> None:
    """Anything that is not a dateTime between 1970 and 9999 is refused."""
    with pytest.raises(ValueError, match=r"."):
        read_moment(text)


@settings(deadline=None)
@given(moment=st.datetimes(datetime(1970, 1, 2), datetime(9998, 12, 31), timezones=st.just(UTC)))
def test_what_we_write_is_read_back(moment: datetime) -> None:
    """A time written by our STS is read as the same time, to the millisecond."""
    seconds = moment.timestamp()
    assert abs(read_moment(iso(seconds)) - seconds) < 0.0011


@settings(deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text does anything but give a time or a ValueError."""
    with contextlib.suppress(ValueError):
        assert read_moment(text) >= 0
