"""HdrHistogram, of µs from 1 µs to an hour with three significant digits: what a process counted, all together.

Kept as value to count, cut where HdrHistogram cuts (`consumers.load.tally`), and ranked here: HdrHistogram in Python
walks through every possible value for a percentile, which is milliseconds each.  `encoded` is HdrHistogram's own form.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

from consumers.load.tally import cut

HIGHEST = 3_600_000_000
_DIGITS = 3
PERCENTS = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99)


class Histogram:
    """Latencies of one hop; values in µs, each the highest that counts as the same."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._values: list[int] = []
        """In order; empty where something was added since."""
        self._sums: list[int] = []
        """How many lie at or below each."""
        self.count = 0

    def add(self, counts: Mapping[int, int]) -> None:
        """Value to count; what is above an hour counts as an hour."""
        mine = self._counts
        for value, count in counts.items():
            value = cut(min(value, HIGHEST))
            mine[value] = mine.get(value, 0) + count
            self.count += count
        self._values.clear()

    @property
    def max(self) -> int:
        return _upper(max(self._counts)) if self._counts else 0

    @property
    def min(self) -> int:
        return min(self._counts, default=0)

    @property
    def mean(self) -> float:
        if not self.count:
            return 0.0
        return sum((value + _upper(value)) / 2 * count for value, count in self._counts.items()) / self.count

    def percentile(self, percent: float) -> int:
        """The value at or below which so many percent lie."""
        if not self.count:
            return 0
        if not self._values:
            self._values = sorted(self._counts)
            self._sums = list(accumulate(self._counts[value] for value in self._values))
        rank = max(1, math.ceil(round(self.count * percent / 100, 6)))
        return _upper(self._values[bisect_left(self._sums, min(rank, self.count))])

    def curve(self) -> list[tuple[float, int]]:
        """Percent and value, ever denser towards 100: as many points as there are nines."""
        if not self.count:
            return []
        percents, tail = [0.0, 25.0, 50.0], 50.0
        while tail > 100.0 / self.count / 2 and len(percents) < 120:
            percents += [100.0 - tail * share for share in (0.8, 0.65, 0.5)]
            tail /= 2
        return [(percent, self.percentile(percent)) for percent in percents] + [(100.0, self.max)]

    def encoded(self) -> str:
        """HdrHistogram's own compressed form (V2, base64), for its tools and plotters."""
        from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # it ships no types

        made: Any = HdrHistogram(1, HIGHEST, _DIGITS)
        for value, count in self._counts.items():
            made.record_value(value, count)
        return bytes(made.encode()).decode()

    def summary(self) -> dict[str, float]:
        """In ms."""
        found: dict[str, float] = {f"p{percent:g}": self.percentile(percent) / 1000 for percent in PERCENTS}
        return {
            "count": self.count,
            "min": self.min / 1000,
            "mean": round(self.mean / 1000, 4),
            **found,
            "max": self.max / 1000,
        }


def _upper(value: int) -> int:
    """The highest of those that are counted under ``value``."""
    return value if value < 2048 else value + (1 << (value.bit_length() - 11)) - 1
