"""Times in a token: xs:dateTime, in UTC where no offset is written (SAML core 1.3.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)

_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


def read_moment(text: str) -> float:
    """Seconds since the epoch.  Raises ValueError."""
    text = text.strip()
    if _DATE_TIME.fullmatch(text) is None:
        raise ValueError("not a dateTime as 2026-11-21T08:00:00.000Z")
    moment = datetime.fromisoformat(text)
    seconds = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    if not 0 <= seconds <= _LATEST:
        raise ValueError("expected a time between 1970 and 9999")
    return seconds
