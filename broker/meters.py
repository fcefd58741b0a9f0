"""Counts and distributions of what an emulator does, kept as plain numbers: `adapters.rest.metrics` shows them.

They are changed on the loop thread only.  A count is one addition, a value of a distribution one append: together a
fraction of a microsecond a message.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from math import fsum

_TIMES = (1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0)
_WAITS = (5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_TOGETHER = 1024
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)


class Distribution:
    """How many values were at most so much, and their sum; values are sorted in many at a time."""

    __slots__ = ("_counts", "_new", "_sum", "bounds")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self._counts = [0] * (len(self.bounds) + 1)
        self._sum = 0.0
        self._new: list[float] = []

    def observe(self, value: float) -> None:
        self._new.append(value)
        if len(self._new) >= _TOGETHER:
            self._sort_in()

    def _sort_in(self) -> None:
        new, self._new = sorted(self._new), []
        self._sum += fsum(new)
        below = 0
        for number, bound in enumerate(self.bounds):
            upto = bisect_right(new, bound, below)
            self._counts[number] += upto - below
            below = upto
        self._counts[-1] += len(new) - below

    @property
    def counts(self) -> list[int]:
        """Values up to each bound and over the one before; the last: over all of them."""
        self._sort_in()
        return self._counts

    @property
    def sum(self) -> float:
        self._sort_in()
        return self._sum

    @property
    def total(self) -> int:
        return sum(self.counts)


class Meters:
    """One emulator's, since its start.  Times in seconds."""

    def __init__(self) -> None:
        self.accepted = 0
        self.known = 0
        """Resends, answered as before."""
        self.refused: Counter[int] = Counter()
        """By StatusKode."""
        self.routed = 0
        """Deliveries that accepted messages made."""
        self.matching = Distribution(_TIMES)
        self.answering = Distribution(_WAITS)
        """From a message's arrival to its answer 20: what the disk and the group commit take."""
        self.commits = Distribution(_SIZES)
        """Messages accepted in one commit."""
        self.committing = Distribution(_WAITS)
        self.delivered = 0
        self.redelivered = 0
        """Of these, what may have been delivered before."""
        self.settled: Counter[str] = Counter()
        """ack, requeue, reject."""
        self.died: Counter[str] = Counter()
        """expired, dead."""
        self.pushed: Counter[str] = Counter()
        """taken, failed, rejected."""
        self.pushing = Distribution(_WAITS)
        """From a push to its answer."""
