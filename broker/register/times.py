"""Times as a register file writes them: ISO 8601 dates and dateTimes, seconds since the epoch inside.  Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from broker.register.lexical import LATEST

TIME_PATTERN = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6})?)?(Z|z|[+-][0-9]{2}:?[0-9]{2})?)?$"
)
EXPECTED = "a date (2026-01-31) or a dateTime (2026-01-31T12:00:00+01:00); without an offset it is UTC"

_FORM = re.compile(TIME_PATTERN.removesuffix("$") + r"\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPAN = timedelta(seconds=LATEST)
_YEAR_10000 = timedelta(seconds=253402300800)


def parse_time(text: str) -> float:
    """Seconds since the epoch.  A date is its midnight; without offset the time is UTC.

    What is left of the year 9999 after its last millisecond is that millisecond.  Raises ValueError.
    """
    if not _FORM.match(text):
        raise ValueError(f"'{text}' is not a time; expected {EXPECTED}")
    try:
        moment = datetime.fromisoformat(text.upper())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        since = moment - _EPOCH
        return LATEST if _SPAN < since < _YEAR_10000 else since.total_seconds()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"'{text}' is not a time ({error}); expected {EXPECTED}") from None


def format_time(tid: float) -> str:
    """The dateTime in UTC, to the microsecond; whole seconds without a fraction."""
    moment = _EPOCH + timedelta(microseconds=round(tid * 1_000_000))
    return moment.replace(tzinfo=None).isoformat() + "Z"
