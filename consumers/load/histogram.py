"""HdrHistogram, of µs from 1 µs to an hour with three significant digits: what a process counted, all together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]  # it ships no types

HIGHEST = 3_600_000_000
_DIGITS = 3
PERCENTS = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99)


class Histogram:
    """Latencies of one hop; values in µs."""

    def __init__(self) -> None:
        self._counts: Any = HdrHistogram(1, HIGHEST, _DIGITS)
        self._known: dict[float, int] = {}
        """Percentiles asked for since the last `add`: each costs some milliseconds."""

    def add(self, counts: Mapping[int, int]) -> None:
        """Value to count; what is above an hour counts as an hour."""
        self._known.clear()
        record = self._counts.record_value
        for value, count in counts.items():
            record(min(value, HIGHEST), count)

    @property
    def count(self) -> int:
        return int(self._counts.get_total_count())

    @property
    def max(self) -> int:
        return int(self._counts.get_max_value()) if self.count else 0

    @property
    def min(self) -> int:
        return int(self._counts.get_min_value()) if self.count else 0

    @property
    def mean(self) -> float:
        return float(self._counts.get_mean_value()) if self.count else 0.0

    def percentile(self, percent: float) -> int:
        """The value at or below which so many percent lie."""
        if percent not in self._known:
            self._known[percent] = int(self._counts.get_value_at_percentile(percent)) if self.count else 0
        return self._known[percent]

    def curve(self) -> list[tuple[float, int]]:
        """Percent and value, ever denser towards 100: as many points as there are nines."""
        if not self.count:
            return []
        percents, tail = [0.0, 25.0, 50.0], 50.0
        while tail > 100.0 / self.count / 2 and len(percents) < 120:
            percents += [100.0 - tail * share for share in (0.8, 0.65, 0.5)]
            tail /= 2
        found = self._counts.get_percentile_to_value_dict(percents)
        return [(percent, int(found[percent])) for percent in percents] + [(100.0, self.max)]

    def encoded(self) -> str:
        """HdrHistogram's own compressed form (V2, base64), for its tools and plotters."""
        return bytes(self._counts.encode()).decode()

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
