"""What one run against one target showed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consumers.load.histogram import Histogram
from consumers.load.ledger import Ledger
from consumers.load.limit import Limit
from consumers.load.series import Bin
from consumers.load.tally import HOPS
from consumers.load.usage import Shares

MEASURED = "measured"
"""All phases but warm-up."""


@dataclass(slots=True)
class Result:
    """``histograms`` by phase (and `MEASURED`) in which a message was meant to go, and hop."""

    target: str
    round: int
    about: Mapping[str, str] = field(default_factory=dict)
    started: str = ""
    took: float = 0.0
    reasons: list[str] = field(default_factory=list)
    """Why it is incomplete; none = it is complete."""
    ledger: Ledger = field(default_factory=Ledger)
    histograms: dict[str, dict[str, Histogram]] = field(default_factory=dict)
    windows: dict[str, tuple[float, float]] = field(default_factory=dict)
    """From when to when each phase (and `MEASURED`) lasts, s since the start."""
    bins: list[Bin] = field(default_factory=list)
    width: float = 0.5
    marks: list[tuple[float, str]] = field(default_factory=list)
    """Moments worth a line in the plots: phases, churn, stalls."""
    limit: Limit | None = None
    shares: Shares = field(default_factory=Shares)
    peak_mb: float | None = None
    reconnects: int = 0
    drained: float | None = None
    """Seconds after the last phase when all was in and taken."""

    @property
    def complete(self) -> bool:
        return not self.reasons

    def histogram(self, hop: str, phase: str | None = None) -> Histogram:
        """An empty one where nothing was counted."""
        return self.histograms.get(phase or MEASURED, {}).get(hop) or Histogram()

    def rate(self, what: str, phase: str | None = None) -> float:
        """Messages a second while a phase lasted: ``offered``, ``accepted`` or ``delivered``.

        What a slow target makes up for after it does not count.
        """
        low, high = self.windows.get(phase or MEASURED, (0.0, 0.0))
        shares = [(one, min(high, one.at + self.width) - max(low, one.at)) for one in self.bins]
        seconds = sum(share for _, share in shares if share > 0)
        return sum(getattr(one, what) * share for one, share in shares if share > 0) / seconds if seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "round": self.round,
            "about": dict(self.about),
            "started": self.started,
            "seconds": round(self.took, 3),
            "complete": self.complete,
            "reasons": self.reasons,
            "ledger": self.ledger.as_json(),
            "latency_ms": {
                phase: {hop: found.summary() for hop, found in hops.items()} for phase, hops in self.histograms.items()
            },
            "hdr": {hop: self.histogram(hop).encoded() for hop in HOPS if self.histogram(hop).count},
            "rates": {
                phase: {what: round(self.rate(what, phase), 1) for what in ("offered", "accepted", "delivered")}
                for phase in self.windows
            },
            "generator": None if self.limit is None else self.limit.as_json(),
            "machine": {
                "busy": self.shares.machine,
                "target": self.shares.target,
                "generator": self.shares.generator,
                "others": self.shares.others,
                "crowded": bool(self.shares.crowded),
            },
            "target_peak_mb": self.peak_mb,
            "reconnects": self.reconnects,
            "drained_s": self.drained,
            "series": {"width_s": self.width, "bins": [found.as_json() for found in self.bins]},
            "marks": [{"at": at, "text": text} for at, text in self.marks],
        }
