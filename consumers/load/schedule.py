"""When each message is meant to go: the inverse of the integral of the rate.  Pure.

A `Profile` is the rate over time, piecewise linear.  A `Schedule` is one stream's share of it: message k is due when
the integral of the stream's rate has reached k plus an offset (even arrivals), or the k-th point of a Poisson process
of rate 1 (poisson); the same k has the same time whenever it is asked for.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

_BLOCK = 4096
"""Points of the Poisson process drawn once and repeated, scaled so that a block has exactly as many."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time in s in which the rate (1/s) goes evenly from ``rate0`` to ``rate1``."""

    start: float
    seconds: float
    rate0: float
    rate1: float

    @property
    def area(self) -> float:
        """Messages in it."""
        return (self.rate0 + self.rate1) / 2 * self.seconds

    def within(self, after: float) -> float:
        """Messages in its first ``after`` seconds."""
        slope = (self.rate1 - self.rate0) / self.seconds
        return self.rate0 * after + slope * after * after / 2

    def reaching(self, messages: float) -> float:
        """Seconds after its start when so many are reached."""
        slope = (self.rate1 - self.rate0) / self.seconds
        # the stable root of slope/2 t² + rate0 t - messages = 0
        root = math.sqrt(max(0.0, self.rate0 * self.rate0 + 2 * slope * messages))
        return min(self.seconds, 2 * messages / (self.rate0 + root)) if messages else 0.0


class Profile:
    """The rate of all streams together over time."""

    def __init__(self, pieces: Sequence[tuple[float, float, float]]) -> None:
        """``pieces``: (seconds, rate at the start, rate at the end), one after the other."""
        starts = [0.0, *accumulate(seconds for seconds, _, _ in pieces)]
        self.pieces = tuple(Piece(at, *piece) for at, piece in zip(starts, pieces, strict=False))
        self.seconds = starts[-1]
        self._starts = starts[:-1]
        self._sums = [0.0, *accumulate(piece.area for piece in self.pieces)]
        self.total = self._sums[-1]

    def count(self, at: float) -> float:
        """The integral of the rate up to ``at``."""
        if at <= 0:
            return 0.0
        if at >= self.seconds:
            return self.total
        number = bisect_right(self._starts, at) - 1
        piece = self.pieces[number]
        return self._sums[number] + piece.within(at - piece.start)

    def time(self, messages: float) -> float:
        """When the integral reaches ``messages`` for the first time."""
        if messages >= self.total:
            messages = self.total
        number = min(max(bisect_right(self._sums, messages) - 1, 0), len(self.pieces) - 1)
        while number and (messages <= self._sums[number] or not self.pieces[number].area):
            number -= 1
        piece = self.pieces[number]
        return piece.start + piece.reaching(messages - self._sums[number])

    def rate(self, at: float) -> float:
        """Messages a second at a moment."""
        if not 0 <= at < self.seconds:
            return 0.0
        piece = self.pieces[bisect_right(self._starts, at) - 1]
        return piece.rate0 + (piece.rate1 - piece.rate0) * (at - piece.start) / piece.seconds


@dataclass(frozen=True, slots=True)
class Schedule:
    """The messages of one stream: a ``share`` of the profile, shifted by ``offset`` (0 to 1) of a message."""

    profile: Profile = field(repr=False)
    share: float
    offset: float = 0.5
    poisson: int | None = None
    """Seed of its arrivals; None = even."""

    @property
    def total(self) -> int:
        """Messages of the stream."""
        return self._below(self.profile.total * self.share)

    def due(self, number: int) -> float:
        """Seconds after the start at which message ``number`` (from 0) is meant to go."""
        return self.profile.time(self._point(number) / self.share)

    def count(self, at: float) -> int:
        """How many are due by then."""
        return self._below(self.profile.count(at) * self.share)

    def _point(self, number: int) -> float:
        if self.poisson is None:
            return number + self.offset
        block, place = divmod(number, _BLOCK)
        return block * _BLOCK + _points(self.poisson)[place]

    def _below(self, messages: float) -> int:
        """Points at or below ``messages``."""
        if self.poisson is None:
            return max(0, math.floor(messages - self.offset + 1e-9) + 1)
        block = int(messages // _BLOCK)
        return block * _BLOCK + bisect_right(_points(self.poisson), messages - block * _BLOCK)


@cache
def _points(seed: int) -> tuple[float, ...]:
    """Sums of exponential gaps, the last one a gap before _BLOCK."""
    drawn = random.Random(seed)  # noqa: S311 - arrivals, no secret
    gaps = [drawn.expovariate(1.0) for _ in range(_BLOCK + 1)]
    scale = _BLOCK / sum(gaps)
    return tuple(point * scale for point in accumulate(gaps[:-1]))
