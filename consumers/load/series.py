"""What went on over time, in bins of equal width: at most a few hundred of them, however long a run is. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from consumers.load.news import SendCounts, Tick
from consumers.load.process import INTERVAL
from consumers.load.tally import HOPS, LAG, OWN_LAG, Counts, merged, percentiles

_BINS = 240
_OPEN = 3.0
"""Seconds for which a bin may still get what a process tells late."""
_SHOWN = (*HOPS, LAG, OWN_LAG)


@dataclass(slots=True)
class Bin:
    """One stretch of time; rates in messages a second, latencies in ms: p50, p99, max."""

    at: float
    offered: float = 0.0
    sent: float = 0.0
    accepted: float = 0.0
    refused: float = 0.0
    delivered: float = 0.0
    depth: int | None = None
    unanswered: int = 0
    target_cpu: float | None = None
    """Cores."""
    target_mb: float | None = None
    latency: dict[str, tuple[float, float, float]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Series:
    """``seconds`` = how long the run will take; ``send`` and ``receive`` = what processes say since the start."""

    def __init__(self, seconds: float) -> None:
        self.width = max(INTERVAL, math.ceil(seconds / _BINS / INTERVAL) * INTERVAL)
        self.bins: list[Bin] = []
        self._counts: dict[int, dict[str, Counts]] = {}
        self._before: dict[int, Tick] = {}

    def bin(self, at: float) -> Bin:
        """The one that a moment lies in."""
        number = max(0, int(at // self.width))
        while len(self.bins) <= number:
            self.bins.append(Bin(round(len(self.bins) * self.width, 3)))
        return self.bins[number]

    def tick(self, process: int, tick: Tick) -> None:
        """What one process says."""
        middle = max(0.0, tick.at - INTERVAL / 2)
        into, before = self.bin(middle), self._before.get(process)
        if tick.send is not None:
            old = SendCounts() if before is None or before.send is None else before.send
            into.offered += (tick.send.due - old.due) / self.width
            into.sent += (tick.send.sent - old.sent) / self.width
            into.accepted += (tick.send.accepted - old.accepted) / self.width
            into.refused += (tick.send.refused - old.refused) / self.width
            into.unanswered = max(into.unanswered, tick.send.unanswered)
        taken = sum(tick.taken.values()) - (0 if before is None else sum(before.taken.values()))
        into.delivered += taken / self.width
        self._before[process] = tick
        counts = self._counts.setdefault(int(middle // self.width), {})
        for (hop, _), found in tick.latencies.items():
            counts[hop] = merged((counts.get(hop, {}), found))
        self._close(tick.at)

    def depth(self, at: float, depths: Mapping[str, int]) -> None:
        """The most that lay in all queues together."""
        into, total = self.bin(at), sum(depths.values())
        into.depth = total if into.depth is None else max(into.depth, total)

    def usage(self, at: float, cpu: float | None, mb: float | None) -> None:
        """The target's process: cores and MB."""
        into = self.bin(at)
        into.target_cpu = cpu if into.target_cpu is None else max(into.target_cpu, cpu or 0.0)
        into.target_mb = mb if into.target_mb is None else max(into.target_mb, mb or 0.0)

    def finish(self) -> list[Bin]:
        """All of them."""
        self._close(math.inf)
        return self.bins

    def _close(self, now: float) -> None:
        for number in [n for n in self._counts if (n + 1) * self.width + _OPEN < now]:
            found = self._counts.pop(number)
            into = self.bin(number * self.width)
            for hop in _SHOWN:
                if found.get(hop):
                    p50, p99, most = percentiles(found[hop], (50, 99, 100))
                    into.latency[hop] = (p50 / 1000, p99 / 1000, most / 1000)
