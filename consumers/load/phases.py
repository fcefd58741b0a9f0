"""In which phase a message was meant to go.  Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate


class PhaseOf:
    """Positions of phases by ns since the start; the last one found is looked at first."""

    __slots__ = ("_high", "_last", "_low", "_starts")

    def __init__(self, pieces: Sequence[tuple[float, float, float]]) -> None:
        ends = accumulate(seconds for seconds, _, _ in pieces)
        self._starts = [0, *(round(end * 1e9) for end in ends)][: len(pieces)]
        self._last = self._low = self._high = 0

    def __call__(self, due_ns: int) -> int:
        if self._low <= due_ns < self._high:
            return self._last
        found = max(0, bisect_right(self._starts, due_ns) - 1)
        self._last, self._low = found, self._starts[found]
        self._high = self._starts[found + 1] if found + 1 < len(self._starts) else 1 << 62
        return found
