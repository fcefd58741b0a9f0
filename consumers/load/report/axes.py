"""Scales and their ticks.  Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from ``low`` to ``high`` onto pixels from ``start`` to ``end``; ``log`` needs ``low`` above 0."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """The pixel; what lies outside is put onto the edge."""
        value = min(max(value, self.low), self.high)
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, most: int = 6) -> list[float]:
        """Round values within it."""
        return log_ticks(self.low, self.high) if self.log else linear_ticks(self.low, self.high, most)


def linear_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 12) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten; with 2 and 5 times these where there are few."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    factors = (1, 2, 5) if last - first <= 2 else (1,)
    found = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
    return [value for value in found if low * 0.999 <= value <= high * 1.001]


def log_range(values: list[float], smallest: float) -> tuple[float, float]:
    """From a power of ten below the values to a round number above."""
    good = [max(value, smallest) for value in values] or [smallest]
    low = 10.0 ** math.floor(math.log10(min(good)))
    top = max(good)
    high = next(
        factor * 10.0**power
        for power in range(math.floor(math.log10(top)), 20)
        for factor in (1, 2, 5)
        if factor * 10.0**power >= top
    )
    if high / low > 101:
        high = 10.0 ** math.ceil(math.log10(high) - 1e-9)  # where only powers of ten have a label, end on one
    return low, high if high > low else low * 10


def round_up(value: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten, at least 1."""
    value = max(value, 1.0)
    power = 10.0 ** math.floor(math.log10(value))
    return next(
        factor * power for factor in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if factor * power >= value * 0.999
    )


def number(value: float) -> str:
    """As short as it stays right: 0.05, 12, 1,500."""
    if value == 0:
        return "0"
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def milliseconds(value: float) -> str:
    """A latency with its unit: 350 µs, 12 ms, 1.5 s, 2 min."""
    if value < 0.0005:
        return "0"
    if value < 1:
        return f"{value * 1000:.3g} µs"
    if value < 1000:
        return f"{value:.3g} ms"
    return f"{value / 1000:.3g} s" if value < 120_000 else f"{value / 60_000:.3g} min"
