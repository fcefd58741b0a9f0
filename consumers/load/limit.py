"""Was the generator the limit?  Then what it measured is the generator, and the report says so.  Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

BUSY = 0.85
"""Share of a core that the busiest process of the generator may take over the measured phases."""
LATE_MS = 50.0
"""p99 of the generator's own lag: what it sent later than intended although the connection would have taken it."""
STOOD = 0.01
"""Share of the time that a process may stand still: what it should have read or sent meanwhile is charged to the
target, and with more of it p99 is the generator's."""


@dataclass(frozen=True, slots=True)
class Limit:
    """``cpu``: share of a core by process; ``own_lag_p99`` in ms; ``stood`` by process: share of the time for which it
    stood still, and the longest such time in s."""

    cpu: dict[str, float]
    own_lag_p99: float
    lag_p99: float
    reasons: tuple[str, ...] = field(default=())
    stood: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def was_limit(self) -> bool:
        return bool(self.reasons)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"was_limit": self.was_limit}


def judge(
    cpu: dict[str, float], own_lag_p99: float, lag_p99: float, stood: Mapping[str, tuple[float, float]] | None = None
) -> Limit:
    """By the thresholds above."""
    reasons = [
        f"{name} took {share:.0%} of a core (more than {BUSY:.0%}): give it more processes"
        for name, share in cpu.items()
        if share > BUSY
    ]
    if own_lag_p99 > LATE_MS:
        reasons.append(
            f"1 message in 100 went more than {own_lag_p99:.0f} ms late for the generator's own sake "
            f"(more than {LATE_MS:.0f} ms): more processes, or a machine that is less busy"
        )
    reasons += [
        f"{name} stood still for {share:.1%} of the time, up to {longest * 1000:.0f} ms (more than {STOOD:.0%}): "
        "a machine that is less busy, or more processes"
        for name, (share, longest) in (stood or {}).items()
        if share > STOOD
    ]
    return Limit(cpu, own_lag_p99, lag_p99, tuple(reasons), dict(stood or {}))
