"""How a run stands, for people: a line that renews itself in a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from consumers.load.result import MEASURED, Result
from consumers.load.session import Session
from consumers.load.snapshot import Look, Snapshot
from consumers.load.tally import HOPS

_EVERY = 2.0


class Progress:
    """Opens with ``with``; ``quiet`` shows nothing."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._live = Live(console=console, refresh_per_second=4, transient=True) if self._renews else None
        self._said = 0.0
        self._before: tuple[float, int, int] = (0.0, 0, 0)

    @property
    def _renews(self) -> bool:
        return self._console.is_terminal and not self._quiet

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def look(self, target: str, number: int, rounds: int) -> Look:
        """Who looks on at one run."""
        label = target if rounds == 1 else f"{target} (round {number} of {rounds})"
        self._said, self._before = 0.0, (0.0, 0, 0)
        return lambda snapshot: self._show(label, snapshot)

    def say(self, text: str) -> None:
        """One line that stays."""
        if not self._quiet:
            self._console.print(Text(text), soft_wrap=not self._console.is_terminal)

    def _show(self, label: str, snapshot: Snapshot) -> None:
        line = snapshot.text or self._line(label, snapshot)
        if self._live is not None:
            self._live.update(Text(line, no_wrap=True, overflow="ellipsis"))
        elif not self._quiet and time.monotonic() - self._said >= _EVERY:
            self._said = time.monotonic()
            self._console.print(Text(line), soft_wrap=True)

    def _line(self, label: str, now: Snapshot) -> str:
        send = now.send
        depth = "" if now.depth is None else f", {now.depth:,} queued"
        refused = f", {send.refused:,} refused" if send.refused else ""
        behind = f", {send.due - send.sent:,} behind schedule" if send.due > send.sent + 50 else ""
        return (
            f"{label}  {max(0.0, now.at):5.1f}/{now.seconds:.0f} s  {now.phase}: {send.sent:,} sent, {send.accepted:,} "
            f"accepted, {now.taken:,} taken{refused}{depth}{behind}; e2e p99 {now.e2e_p99:.1f} ms"
        )


def summary(session: Session, console: Console) -> None:
    """What a run showed, in a terminal: the full story is in the report."""
    for result in session.results:
        console.print(Text(_heading(session, result), "bold"))
        if result.histograms.get(MEASURED):
            console.print(_latencies(result))
        console.print(Text(ledger_line(result)), soft_wrap=not console.is_terminal)
        if result.limit is not None and result.limit.was_limit:
            console.print(
                Text("The generator was the limit: " + "; ".join(result.limit.reasons), "yellow"), soft_wrap=True
            )
        if result.shares.crowded:
            console.print(Text(result.shares.crowded, "yellow"), soft_wrap=True)
        for reason in result.reasons:
            console.print(Text(f"Incomplete: {reason}", "bold red"), soft_wrap=True)
    verdict = session.verdict
    for finding in verdict.findings:
        if finding.broken:
            where = f"{finding.target}, round {finding.round}: " if len(session.results) > 1 else ""
            console.print(Text(f"{where}{finding.text} holds: {finding.shown}", "bold red"), soft_wrap=True)
    style = {"ok": "bold green"}.get(verdict.word, "bold red")
    console.print(Text(f"Verdict: {verdict.word}", style))


def ledger_line(result: Result) -> str:
    """The ledger in a sentence or two."""
    ledger = result.ledger
    parts = [f"{ledger.attempted:,} sent = {ledger.accepted:,} accepted + {ledger.refused:,} refused"]
    if ledger.unanswered:
        parts[0] += f" + {ledger.unanswered:,} without an answer"
    if ledger.stray_answers:
        parts.append(f"{ledger.stray_answers:,} answers to none of them, or second ones")
    parts.append(f"{ledger.sum('expected'):,} deliveries expected, {ledger.sum('taken'):,} taken")
    for name, text in (
        ("lost", "lost"),
        ("undelivered", "not there at the end"),
        ("duplicated", "came twice unflagged"),
        ("redelivered", "redelivered (flagged)"),
        ("out_of_order", "out of order"),
        ("misrouted", "misrouted"),
        ("either_way", "that could come or not (churn)"),
    ):
        if ledger.sum(name) or name == "lost":
            parts.append(f"{ledger.sum(name):,} {text}")
    return "; ".join(parts)


def _heading(session: Session, result: Result) -> str:
    number = f", round {result.round}" if len(session.results) > len(session.targets) else ""
    rates = f": {result.rate('accepted'):,.0f} of {result.rate('offered'):,.0f} messages/s accepted"
    rate = rates if result.histograms.get(MEASURED) else ""
    return f"{result.target}{number}{rate}"


def _latencies(result: Result) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("ms")
    for name in ("p50", "p90", "p99", "p99.9", "max"):
        table.add_column(name, justify="right")
    for hop in HOPS:
        found = result.histogram(hop)
        values = [*(found.percentile(percent) for percent in (50, 90, 99, 99.9)), found.max]
        table.add_row(hop, *(f"{value / 1000:,.1f}" for value in values))
    return table
