"""The plots of a run, and those that compare runs.  Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from consumers.load.report.axes import milliseconds, number
from consumers.load.report.svg import Line, Plot, Point
from consumers.load.result import Result
from consumers.load.series import Bin
from consumers.load.tally import HOPS, OWN_LAG

HOP_NAMES = {
    "accept": "Accept: intended send to StandardRetur",
    "queue": "Queue: StandardRetur to arrival",
    "deliver": "Deliver: arrival to acknowledgement",
    "e2e": "End to end: intended send to acknowledgement",
}
_TIME = "seconds since the first phase began"
_NINES = ((0, "0"), (50, "50"), (90, "90"), (99, "99"), (99.9, "99.9"), (99.99, "99.99"), (99.999, "99.999"))


def of_run(result: Result) -> list[str]:
    """Every plot of one run, as <svg> texts; none where it never began."""
    if not result.bins:
        return []
    plots = [_throughput(result), *(_latency(result, hop) for hop in ("e2e", "accept", "queue", "deliver"))]
    plots.append(
        _percentiles("Latency by percentile, per hop", [(hop, f"s{n}", result, hop) for n, hop in enumerate(HOPS)])
    )
    if any(found.depth is not None for found in result.bins):
        plots.append(_depth(result))
    if any(found.target_mb is not None for found in result.bins):
        plots.append(_memory(result))
    plots.append(_lag(result))
    return [plot.draw() for plot in plots]


def compared(results: Sequence[Result]) -> list[str]:
    """End to end and accept, one line for each target: its round with the middle p99."""
    shown = [(result.target, f"s{n}", result) for n, result in enumerate(results)]
    return [
        _percentiles(title, [(name, style, result, hop) for name, style, result in shown]).draw()
        for title, hop in (("End to end by percentile", "e2e"), ("Accept by percentile", "accept"))
    ]


def _over_time(result: Result, value: Callable[[Bin], float | None]) -> list[Point]:
    """A point in the middle of each bin that has a value."""
    found = [(one.at + result.width / 2, value(one)) for one in result.bins]
    return [(at, shown) for at, shown in found if shown is not None]


def _plot(
    result: Result,
    title: str,
    lines: Sequence[Line],
    y_format: Callable[[float], str] = number,
    *,
    y_log: bool = False,
) -> Plot:
    end = len(result.bins) * result.width
    return Plot(title, lines, _TIME, y_format, x_high=end, y_log=y_log, marks=result.marks)


def _throughput(result: Result) -> Plot:
    lines = [
        Line("offered", "s4 dashed", _over_time(result, lambda one: one.offered)),
        Line("accepted", "s0", _over_time(result, lambda one: one.accepted)),
        Line("delivered (all dueslag)", "s3", _over_time(result, lambda one: one.delivered)),
    ]
    if result.ledger.refused:
        lines.append(Line("refused", "s5", _over_time(result, lambda one: one.refused)))
    return _plot(result, "Throughput, messages a second", lines)


def _latency(result: Result, hop: str) -> Plot:
    def part(number: int) -> list[Point]:
        return _over_time(result, lambda one: one.latency[hop][number] if hop in one.latency else None)

    lines = [Line("max", "s5", part(2)), Line("p99", "s1", part(1)), Line("p50", "s0", part(0))]
    return _plot(result, HOP_NAMES[hop], lines, milliseconds, y_log=True)


def _depth(result: Result) -> Plot:
    held = _over_time(result, lambda one: None if one.depth is None else float(one.depth))
    out = _over_time(result, lambda one: float(one.unanswered))
    lines = [Line("in the dueslag", "s2", held, area=True), Line("sent, no answer yet", "s1", out)]
    return _plot(result, "Queue depth, messages", lines)


def _memory(result: Result) -> Plot:
    lines = [Line("resident memory", "s3", _over_time(result, lambda one: one.target_mb), area=True)]
    return _plot(result, "Memory of the target's process, MB", lines)


def _lag(result: Result) -> Plot:
    def part(hop: str) -> list[Point]:
        return _over_time(result, lambda one: one.latency[hop][1] if hop in one.latency else None)

    lines = [Line("p99, whatever the cause", "s4", part("lag")), Line("p99, the generator's own", "s5", part(OWN_LAG))]
    return _plot(result, "Schedule lag: intended send to the write", lines, milliseconds, y_log=True)


def _percentiles(title: str, shown: Sequence[tuple[str, str, Result, str]]) -> Plot:
    lines, most = [], 2.0
    for label, style, result, hop in shown:
        histogram = result.histogram(hop)
        total = max(histogram.count, 2)
        points = [(_nines(min(percent, 100 - 100 / total / 2)), value / 1000) for percent, value in histogram.curve()]
        most = max([most, *(at for at, _ in points)])
        lines.append(Line(label, style, points))
    ticks = [(_nines(percent), text) for percent, text in _NINES if _nines(percent) <= most + 0.01]
    return Plot(title, lines, "percentile (nines)", milliseconds, x_high=most, x_ticks=ticks, y_log=True)


def _nines(percent: float) -> float:
    """How many nines a percentile has."""
    return -math.log10(1 - percent / 100)
