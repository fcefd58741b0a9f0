"""Figures of several runs: median, spread, the table and the file."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

KEYS = (
    "routed_per_s",
    "rabbitmq_hop_per_s",
    "routed_vs_rabbitmq_hop",
    "aio_pika_worker_per_s",
    "match_100k_p99_us",
    "match_1m_mean_us",
    "match_1m_mb",
    "ready_s",
    "idle_mb_10k_dueslag",
    "latency_p99_ms_at_half",
)
"""What a results file always holds; null where it was not measured."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure should be; ``at_least`` or else at most."""

    value: float
    at_least: bool

    def met(self, figure: float) -> bool:
        """Whether the figure is as good as the goal."""
        return figure >= self.value if self.at_least else figure <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.value:g}"


GOALS: Mapping[str, Goal] = {
    "routed_vs_rabbitmq_hop": Goal(0.6, True),
    "routed_vs_aio_pika_worker": Goal(4.0, True),
    "match_100k_p99_us": Goal(100, False),
    "match_1m_mb": Goal(600, False),
    "ready_s": Goal(1.0, False),
    "idle_mb_10k_dueslag": Goal(100, False),
    "idle_mb_1k_connections": Goal(200, False),
    "idle_cpu_s_in_5_s": Goal(0.05, False),
    "latency_p99_ms_at_half": Goal(20, False),
    "token_sends_vs_plain": Goal(0.9, True),
    "token_first_verification_ms": Goal(1.0, False),
}


@dataclass(slots=True)
class Figures:
    """Values by name, run by run, and why some are missing."""

    values: dict[str, list[float]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    goals: dict[str, Goal] = field(default_factory=lambda: dict(GOALS))

    def add(self, figures: Mapping[str, float | None]) -> None:
        """One run's values; None is passed over."""
        for name, value in figures.items():
            if value is not None:
                self.values.setdefault(name, []).append(value)

    def missing(self, names: Sequence[str], why: str) -> None:
        """Say why there is nothing, or less than was asked for, under these names."""
        for name in names:
            self.notes[name] = why

    def ratio(self, name: str, over: str, under: str) -> None:
        """``over``/``under`` run by run, where both have the same number of runs."""
        pairs = list(zip(self.values.get(over, []), self.values.get(under, []), strict=False))
        if pairs and len(self.values[over]) == len(self.values[under]):
            self.values[name] = [above / below for above, below in pairs]

    def median(self, name: str) -> float | None:
        """The median of the runs, or None."""
        runs = self.values.get(name)
        return statistics.median(runs) if runs else None

    def write(self, path: Path, environment: Mapping[str, object]) -> None:
        """Write the results file: medians by name, then spread, notes and environment."""
        names = list(dict.fromkeys((*KEYS, *self.values)))
        medians = {name: _rounded(self.median(name)) for name in names}
        spread = {name: [_rounded(value) for value in runs] for name, runs in self.values.items()}
        whole = {**medians, "runs": spread, "notes": self.notes, "environment": dict(environment)}
        path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def show(self, console: Console) -> None:
        """Print the table."""
        table = Table(title="medians, with the least and the most of the runs")
        for heading, right in (("figure", False), ("median", True), ("min", True), ("max", True), ("runs", True)):
            table.add_column(heading, justify="right" if right else "left", no_wrap=True)
        table.add_column("goal", no_wrap=True)
        for name in dict.fromkeys((*KEYS, *self.values, *self.notes)):
            table.add_row(name, *self._row(name))
        console.print(table)
        for name, note in self.notes.items():
            console.print(f"{name}: {note}", highlight=False, markup=False)

    def _row(self, name: str) -> list[str]:
        runs, goal = self.values.get(name), self.goals.get(name)
        if not runs:
            return ["–", "", "", "0", str(goal or "")]
        median = statistics.median(runs)
        verdict = "" if goal is None else f"{goal} {'met' if goal.met(median) else 'NOT met'}"
        return [_shown(median), _shown(min(runs)), _shown(max(runs)), str(len(runs)), verdict]


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}") if abs(value) < 1000 else round(value)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
