"""Times as the envelope writes them (xs:dateTime), read and written."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import floor

_DATE_TIME = re.compile(
    r"(-?\d{4,})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6})\d*)?(?:Z|([+-])(\d\d):(\d\d))?\Z", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEFORE_ALL = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()
_LAST_YEAR = 9999


def read_date_time(value: str) -> float | None:
    """An xs:dateTime as seconds since the epoch; without offset it is read as UTC.

    None for a year beyond 9999, which means "no limit" to whoever writes it.  A year before 1 is the start of
    year 1.  Raises ValueError where the value is no dateTime.
    """
    parts = _DATE_TIME.match(value.strip())
    if parts is None:
        raise ValueError(f"'{value}' is not a dateTime")
    year = int(parts[1]) if len(parts[1]) <= 5 else (-1 if parts[1].startswith("-") else _LAST_YEAR + 1)
    if year > _LAST_YEAR:
        return None
    if year < 1:
        return _BEFORE_ALL
    midnight = datetime(year, int(parts[2]), int(parts[3]), tzinfo=UTC)
    clock = timedelta(hours=int(parts[4]), minutes=int(parts[5]), seconds=int(parts[6]))
    fraction = int((parts[7] or "0").ljust(6, "0")) / 1_000_000
    offset = timedelta(hours=int(parts[9]), minutes=int(parts[10])) if parts[8] else timedelta()
    if parts[8] == "-":
        offset = -offset
    return (midnight - _EPOCH + clock - offset).total_seconds() + fraction


@lru_cache(maxsize=64)
def _second(tid: int) -> bytes:
    return b"%b." % datetime.fromtimestamp(tid, UTC).replace(tzinfo=None).isoformat().encode()


@lru_cache(maxsize=256)
def _millisecond(tid: int) -> bytes:
    second, milliseconds = divmod(tid, 1000)
    return b"%b%03dZ" % (_second(second), milliseconds)


def write_date_time(tid: float) -> bytes:
    """``tid`` (seconds since the epoch) in UTC with milliseconds, as 2026-11-21T08:00:00.000Z; never rounded up.

    Raises ValueError outside the years 1 to 9999.
    """
    return _millisecond(floor(tid * 1000))
