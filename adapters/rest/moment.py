"""A point in time as people write it.  Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from broker.errors import Refused

_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d)\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def moment(text: str, now: float) -> float:
    """Seconds since the epoch from ``10m`` (ago; s, m, h, d), seconds since the epoch, or an ISO time.

    An ISO time without offset is read as UTC.  Raises Refused.
    """
    text = text.strip()
    if ago := _AGO.match(text):
        return now - float(ago[1]) * _SECONDS[ago[2]]
    try:
        return float(text)
    except ValueError:
        pass
    try:
        tid = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"'{text}' is no time; expected how long ago (30s, 10m, 2h, 1d), an ISO time "
            "(2026-11-21T08:00:00Z) or seconds since 1970"
        ) from None
    return (tid if tid.tzinfo is not None else tid.replace(tzinfo=UTC)).timestamp()
