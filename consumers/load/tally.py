"""Latencies as they are counted in a process: value to count, by hop and phase.  Pure.

Values are µs, cut to 11 significant bits: that is finer than the three digits that `consumers.load.histogram` keeps,
so nothing is lost by it, and an interval of a second is a few hundred numbers to send.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

HOPS = ("accept", "queue", "deliver", "e2e")
"""Intended send to StandardRetur; StandardRetur to arrival; arrival to acknowledgement; intended send to the latter."""
LAG = "lag"
"""Intended send to the write, whatever the cause."""
OWN_LAG = "own_lag"
"""That part of it which is the generator's: from when the connection would have taken it."""

Counts = dict[int, int]
Interval = dict[tuple[str, int], Counts]
"""By hop and position of the phase in which the message was meant to go."""


def cut(microseconds: int) -> int:
    """The value under which it is counted, at least 1."""
    if microseconds < 2048:
        return microseconds if microseconds > 0 else 1
    shift = microseconds.bit_length() - 11
    return microseconds >> shift << shift


class Tally:
    """One process's counts since they were last taken."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: Interval = {}

    def of(self, hop: str, phase: int) -> Counts:
        """Where to count: ``counts[v] = counts.get(v, 0) + 1``; to be asked for again after `taken`."""
        found = self._counts.get((hop, phase))
        if found is None:
            found = self._counts[hop, phase] = {}
        return found

    def add(self, hop: str, phase: int, nanoseconds: int) -> None:
        """Count one."""
        value = nanoseconds // 1000
        if value >= 2048:
            shift = value.bit_length() - 11
            value = value >> shift << shift
        elif value < 1:
            value = 1
        counts = self._counts.get((hop, phase))
        if counts is None:
            counts = self._counts[hop, phase] = {}
        counts[value] = counts.get(value, 0) + 1

    def taken(self) -> Interval:
        """Everything, which is forgotten here."""
        counts, self._counts = self._counts, {}
        return counts


def merged(many: Iterable[Mapping[int, int]]) -> Counts:
    """Several counts as one."""
    total: Counts = {}
    for counts in many:
        for value, count in counts.items():
            total[value] = total.get(value, 0) + count
    return total


def percentiles(counts: Mapping[int, int], wanted: Iterable[float]) -> tuple[int, ...]:
    """Values at or below which so many percent lie; empty counts give zeros."""
    total = sum(counts.values())
    if not total:
        return tuple(0 for _ in wanted)
    ordered = sorted(counts)
    found = []
    for percent in wanted:
        rank, below, value = max(1, -(-total * percent // 100)), 0, ordered[-1]
        for value in ordered:
            below += counts[value]
            if below >= rank:
                break
        found.append(value)
    return tuple(found)
