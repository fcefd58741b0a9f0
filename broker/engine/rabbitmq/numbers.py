"""Numbers for messages and deliveries that no other front gives, in order of time."""

from __future__ import annotations

import secrets
import time

_EPOCH_US = 1_704_067_200_000_000
"""2024-01-01, in microseconds."""
_FRONTS = 1 << 12
"""Places for the front's own part: drawn by lot, so that two fronts share one once in 4,096, and then a number only if
they give it in the same microsecond."""


class Numbers:
    """Microseconds since 2024 and the front's own part: 63 bits until 2095."""

    def __init__(self) -> None:
        self._front = secrets.randbelow(_FRONTS)
        self._last = 0

    def next(self) -> int:
        """Above all that this front gave before."""
        now = (time.time_ns() // 1000 - _EPOCH_US) * _FRONTS + self._front
        self._last = max(now, self._last + _FRONTS)
        return self._last
