"""Times in a token: xs:dateTime, in UTC where no offset is written (SAML core 1.3.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def read_moment(text: str) -> float:
    """Seconds since the epoch.  Raises ValueError."""
    text = text.strip()
    if _DATE_TIME.fullmatch(text) is None:
        raise ValueError("not a dateTime as 2026-11-21T08:00:00.000Z")
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except OverflowError as error:
        raise ValueError("out of range") from error
