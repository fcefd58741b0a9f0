"""What must not be: ``e2e.p99>250ms``, ``lost>0``, ``hold:accept.p99.9>=1s``.  Pure.

    [PHASE:]HOP.STATISTIC OP DURATION     hop: accept queue deliver e2e lag; statistic: p50, p99.9, …, mean, min, max
    COUNT OP NUMBER                       of messages, as the ledger has them
    [PHASE:]RATE OP NUMBER                messages a second: offered_rate, accepted_rate, delivered_rate

OP is > >= < <= == !=, a DURATION a number with us, ms, s or min.  A threshold is broken where it holds, and where
nothing was measured: then nobody knows.
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from consumers.load.ledger import SENDING, Ledger
from consumers.load.result import Result
from consumers.load.tally import HOPS, LAG, OWN_LAG

_OPS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
_UNITS = {"us": 0.001, "µs": 0.001, "ms": 1.0, "s": 1000.0, "min": 60_000.0}
_HOPS = (*HOPS, LAG, OWN_LAG)
_RATES = {"offered_rate": "offered", "accepted_rate": "accepted", "delivered_rate": "delivered"}
_OWN = SENDING
_SUMS = (
    "expected",
    "taken",
    "lost",
    "undelivered",
    "duplicated",
    "redelivered",
    "out_of_order",
    "misrouted",
    "in_doubt",
)
COUNTS = (*_OWN, *_SUMS)
_FORM = re.compile(
    r"\s*(?:(?P<phase>[^:<>=!]+):)?\s*(?P<metric>[a-z_0-9.]+)\s*(?P<op>>=|<=|==|!=|>|<)\s*"
    r"(?P<number>[0-9]+(?:\.[0-9]+)?)\s*(?P<unit>[a-zµ]*)\s*\Z"
)
_PERCENT = re.compile(r"p[0-9]{1,2}(\.[0-9]{1,4})?\Z|p100\Z")
ALWAYS = ("lost>0", "duplicated>0", "misrouted>0", "stray_answers>0")
"""Hold for every run: a ledger that does not add up is no success."""
UNLESS_NAMED = ("refused>0",)
"""Hold where no threshold is given for the same count: a target that refuses everything loses nothing."""


class ThresholdError(ValueError):
    """The text is no threshold; ``str`` says what was expected."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """``limit`` in ms for a latency."""

    text: str
    metric: str
    op: str
    limit: float
    phase: str | None = None

    def value(self, result: Result) -> float | None:
        """What the run showed; None where nothing was measured."""
        hop, _, statistic = self.metric.partition(".")
        if hop in _HOPS:
            found = result.histogram(hop, self.phase)
            if not found.count:
                return None
            if statistic in ("mean", "min", "max"):
                return float(getattr(found, statistic)) / 1000
            return found.percentile(float(statistic[1:])) / 1000
        if self.metric in _RATES:
            return result.rate(_RATES[self.metric], self.phase)
        return count_of(result.ledger, self.metric)

    def broken(self, result: Result) -> bool:
        """Whether it holds, or nothing was measured."""
        found = self.value(result)
        return found is None or _OPS[self.op](found, self.limit)

    @property
    def is_latency(self) -> bool:
        return self.metric.partition(".")[0] in _HOPS


def count_of(ledger: Ledger, name: str) -> float:
    """One of `COUNTS`."""
    return float(getattr(ledger, name) if name in _OWN else ledger.sum(name))


def parse(text: str) -> Threshold:
    """Raises ThresholdError."""
    form = _FORM.match(text)
    if form is None:
        raise ThresholdError(f"'{text}' is no threshold; expected for example e2e.p99>250ms or lost>0")
    metric, unit = form["metric"], form["unit"]
    phase = form["phase"].strip() if form["phase"] else None
    hop, dot, statistic = metric.partition(".")
    number = float(form["number"])
    if hop in _HOPS and dot:
        if not (_PERCENT.match(statistic) or statistic in ("mean", "min", "max")):
            raise ThresholdError(f"'{text}': '{statistic}' is no statistic; expected p50, p99, p99.9, mean, min or max")
        if unit not in _UNITS:
            raise ThresholdError(f"'{text}': expected a duration in us, ms, s or min after {form['op']}")
        return Threshold(text, metric, form["op"], number * _UNITS[unit], phase)
    if metric not in COUNTS and metric not in _RATES:
        known = [*(f"{one}.p99" for one in _HOPS), *COUNTS, *_RATES]
        near = difflib.get_close_matches(metric, known, 1)
        hint = f" (nearest: '{near[0]}')" if near else ""
        raise ThresholdError(f"'{text}': '{metric}' is not measured; expected one of {', '.join(known)}{hint}")
    if unit:
        raise ThresholdError(f"'{text}': '{unit}' after a count; expected a number alone")
    if phase is not None and metric in COUNTS:
        raise ThresholdError(f"'{text}': the ledger is of the whole run; expected {metric} without a phase")
    return Threshold(text, metric, form["op"], number, phase)


def check_phases(thresholds: list[Threshold], labels: tuple[str, ...]) -> None:
    """Raises ThresholdError where one names a phase that the workload has not."""
    for threshold in thresholds:
        if threshold.phase is not None and threshold.phase not in labels:
            raise ThresholdError(
                f"'{threshold.text}': the workload has no phase '{threshold.phase}'; expected one of "
                + ", ".join(labels)
            )
