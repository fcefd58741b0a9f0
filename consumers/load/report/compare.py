"""Several targets beside each other.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from consumers.load.report import parts, plots
from consumers.load.report.axes import milliseconds
from consumers.load.result import Result

_FIGURES: Sequence[tuple[str, Callable[[Result], float], Callable[[float], str]]] = (
    ("offered/s", lambda result: result.rate("offered"), lambda value: f"{value:,.0f}"),
    ("accepted/s", lambda result: result.rate("accepted"), lambda value: f"{value:,.0f}"),
    ("accept p50", lambda result: result.histogram("accept").percentile(50) / 1000, milliseconds),
    ("accept p99", lambda result: result.histogram("accept").percentile(99) / 1000, milliseconds),
    ("e2e p50", lambda result: result.histogram("e2e").percentile(50) / 1000, milliseconds),
    ("e2e p99", lambda result: result.histogram("e2e").percentile(99) / 1000, milliseconds),
    ("e2e p99.9", lambda result: result.histogram("e2e").percentile(99.9) / 1000, milliseconds),
    ("e2e max", lambda result: result.histogram("e2e").max / 1000, milliseconds),
)


def compare(targets: Sequence[str], results: Sequence[Result]) -> str:
    """The middle of the rounds, and from the least to the most; then the curves."""
    by_target = {target: [one for one in results if one.target == target] for target in targets}
    rows: list[list[parts.Cell]] = []
    for target, runs in by_target.items():
        good = [run for run in runs if run.histograms]
        cells: list[parts.Cell] = [target, f"{sum(run.complete for run in runs)} of {len(runs)}"]
        cells += [_shown([value(run) for run in good], text) for _, value, text in _FIGURES]
        cells.append(f"{sum(run.ledger.sum('lost') + run.ledger.sum('undelivered') for run in runs):,}")
        rows.append(cells)
    head = ["target", "complete", *(name for name, _, _ in _FIGURES), "lost"]
    curves = plots.compared([middle for runs in by_target.values() if (middle := _middle(runs)) is not None])
    note = "The middle of the rounds, and in brackets the least and the most. Curves: the round with the middle p99."
    return parts.table(head, rows) + parts.paragraph(note, "soft") + parts.plots(curves)


def _shown(values: Sequence[float], text: Callable[[float], str]) -> str:
    if not values:
        return "–"
    if len(values) == 1:
        return text(values[0])
    return f"{text(median(values))} ({text(min(values))}–{text(max(values))})"


def _middle(runs: Sequence[Result]) -> Result | None:
    good = sorted((run for run in runs if run.histograms), key=lambda run: run.histogram("e2e").percentile(99))
    return good[(len(good) - 1) // 2] if good else None
