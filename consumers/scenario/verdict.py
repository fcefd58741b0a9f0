"""What a run has shown: each step and each expectation, ok or failed, with what was seen and the trace behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One step or one expectation."""

    name: str
    """In words, for example ``expect[2]: tilstand of anna at nordby is I_GANG``."""
    ok: bool
    seen: str = ""
    """What was found; of one that failed also what was expected."""
    letters: tuple[str, ...] = ()
    """BeskedIds of the letters concerned, where it failed."""
    trace: tuple[str, ...] = ()
    """What the emulator says of them, a line for each record."""
    seconds: float = 0.0
    """From the end of the step before to the end of this one."""
    kind: str = "expectation"
    """``step``, ``expectation`` or ``always``."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How much was done, and how fast."""

    letters: int = 0
    """Sent, each counted once."""
    deliveries: int = 0
    """Letters that came, each counted once at each party."""
    again: int = 0
    """Deliveries of letters that had come before: not lost, not handled twice."""
    courses: int = 0
    kills: int = 0
    """Of the emulator, in the middle."""
    days: int = 0
    """Simulated."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One run of one scenario."""

    scenario: str
    seed: int
    findings: tuple[Finding, ...]
    figures: Figures = field(default_factory=Figures)

    @property
    def ok(self) -> bool:
        return bool(self.findings) and all(finding.ok for finding in self.findings)

    @property
    def failed(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.ok)

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        figures = self.figures
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "ok": self.ok,
            "findings": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "ok": one.ok,
                    "seen": one.seen,
                    "seconds": round(one.seconds, 3),
                    **({} if one.ok else {"letters": list(one.letters), "trace": list(one.trace)}),
                }
                for one in self.findings
            ],
            "figures": {name: getattr(figures, name) for name in Figures.__slots__},
        }
