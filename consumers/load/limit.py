"""Was the generator the limit?  Then what it measured is the generator, and the report says so.  Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

BUSY = 0.85
"""Share of a core that the busiest process of the generator may take over the measured phases."""
LATE_MS = 50.0
"""p99 of the generator's own lag: what it sent later than intended although the connection would have taken it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """``cpu``: share of a core by process; ``own_lag_p99`` in ms."""

    cpu: dict[str, float]
    own_lag_p99: float
    lag_p99: float
    reasons: tuple[str, ...] = field(default=())

    @property
    def was_limit(self) -> bool:
        return bool(self.reasons)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"was_limit": self.was_limit}


def judge(cpu: dict[str, float], own_lag_p99: float, lag_p99: float) -> Limit:
    """By the two thresholds above."""
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
    return Limit(cpu, own_lag_p99, lag_p99, tuple(reasons))
