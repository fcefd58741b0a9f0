"""Whether a run was good: its thresholds, and whether it went to its end.  Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from consumers.load.result import Result
from consumers.load.thresholds import ALWAYS, UNLESS_NAMED, Threshold, parse

OK, BROKEN, INCOMPLETE = "ok", "broken", "incomplete"


@dataclass(frozen=True, slots=True)
class Finding:
    """One threshold in one run; ``value`` in ms for a latency, None where nothing was measured."""

    target: str
    round: int
    text: str
    value: float | None
    unit: str
    broken: bool
    complete: bool = True
    """Whether the run went to its end: if not, what was kept was kept until then."""

    @property
    def word(self) -> str:
        """What became of the threshold."""
        return "broken" if self.broken else "kept" if self.complete else "kept until then"

    @property
    def shown(self) -> str:
        """The value as people read it."""
        if self.value is None:
            return "nothing measured"
        return (
            f"{self.value:,.3g} ms"
            if self.unit == "ms" and self.value < 1000
            else f"{self.value:,.0f} {self.unit}".strip()
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of all runs together."""

    findings: tuple[Finding, ...]
    incomplete: tuple[str, ...]

    @property
    def word(self) -> str:
        """Incomplete goes before broken: what was cut short proves nothing."""
        if self.incomplete:
            return INCOMPLETE
        return BROKEN if any(finding.broken for finding in self.findings) else OK

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": self.word,
            "incomplete": list(self.incomplete),
            "thresholds": [asdict(finding) for finding in self.findings],
        }


def judge(results: Sequence[Result], thresholds: Sequence[Threshold]) -> Verdict:
    """The given thresholds and those that always hold, for every run."""
    given = {threshold.text.replace(" ", "") for threshold in thresholds}
    wanted = [*thresholds, *(parse(text) for text in ALWAYS if text not in given)]
    named = {threshold.metric for threshold in thresholds}
    wanted += [threshold for threshold in map(parse, UNLESS_NAMED) if threshold.metric not in named]
    findings = tuple(
        Finding(
            result.target,
            result.round,
            threshold.text,
            threshold.value(result),
            "ms" if threshold.is_latency else "",
            threshold.broken(result),
            result.complete,
        )
        for result in results
        for threshold in wanted
    )
    incomplete = tuple(
        f"{result.target}, round {result.round}: {reason}" for result in results for reason in result.reasons
    )
    return Verdict(findings, incomplete)
