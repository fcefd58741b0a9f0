"""What the report says of one run.  Pure."""

from __future__ import annotations

from consumers.load.histogram import Histogram
from consumers.load.ledger import Ledger, Row
from consumers.load.report import parts, plots
from consumers.load.report.axes import milliseconds
from consumers.load.result import MEASURED, Result
from consumers.load.tally import HOPS, LAG

_PERCENTS = (50.0, 90.0, 99.0, 99.9, 99.99)
_COLUMNS = (
    ("expected", "expected"),
    ("taken", "taken"),
    ("lost", "lost"),
    ("undelivered", "not there at the end"),
    ("duplicated", "twice, unflagged"),
    ("redelivered", "again, flagged"),
    ("out_of_order", "out of order"),
    ("misrouted", "misrouted"),
    ("either_way", "either way (churn)"),
    ("in_doubt", "came unanswered"),
)
_MUST_BE_0 = frozenset({"lost", "undelivered", "duplicated", "misrouted", "out_of_order"})


def run_part(result: Result, level: int = 2) -> str:
    """Tiles, plots and tables; a heading of ``level`` above them is the page's."""
    found = [_state(result), tiles(result)]
    if result.histograms.get(MEASURED):
        found += [parts.heading(level + 1, "Latency, measured phases"), _latencies(result)]
    found += [parts.plots(plots.of_run(result))]
    if len(result.windows) > 2 and result.histograms:
        found += [parts.heading(level + 1, "By phase"), _phases(result)]
    found += [parts.heading(level + 1, "Ledger"), _sender_side(result.ledger), _ledger(result.ledger)]
    if result.ledger.refusals:
        rows = sorted(result.ledger.refusals.items(), key=lambda item: -item[1])
        found.append(parts.table([("refused because", "l"), "messages"], [[(why, "l"), f"{n:,}"] for why, n in rows]))
    found += [parts.heading(level + 1, "Was the generator the limit?"), _limit(result), _machine(result)]
    if result.about:
        found += [parts.heading(level + 1, "Target"), parts.pairs(result.about.items())]
    return "".join(found)


def tiles(result: Result) -> str:
    """The figures that one asks for first."""
    e2e, ledger = result.histogram("e2e"), result.ledger
    lost = ledger.sum("lost") + ledger.sum("undelivered")
    twice = ledger.sum("duplicated")
    return parts.tiles(
        [
            parts.tile(f"{result.rate('accepted'):,.0f}/s", f"accepted, of {result.rate('offered'):,.0f}/s offered"),
            parts.tile(milliseconds(e2e.percentile(50) / 1000), "end to end, p50"),
            parts.tile(milliseconds(e2e.percentile(99) / 1000), "end to end, p99"),
            parts.tile(milliseconds(e2e.max / 1000), "end to end, max"),
            parts.tile(f"{lost:,}", "lost or not there at the end", "bad" if lost else "good"),
            parts.tile(f"{twice:,}", "twice without a flag", "bad" if twice else "good"),
            *([parts.tile(f"{result.peak_mb:,.0f} MB", "most memory of the target")] if result.peak_mb else []),
        ]
    )


def _state(result: Result) -> str:
    if not result.complete:
        return parts.box("bad", "Incomplete: what is told below is what was seen until then", result.reasons)
    return ""


def _row(name: str, found: Histogram) -> list[parts.Cell]:
    values = [*(found.percentile(percent) for percent in _PERCENTS), found.max]
    return [name, f"{found.count:,}", milliseconds(found.mean / 1000), *(milliseconds(v / 1000) for v in values)]


def _latencies(result: Result) -> str:
    head = ["hop", "messages", "mean", *(f"p{percent:g}" for percent in _PERCENTS), "max"]
    rows = [_row(plots.HOP_NAMES[hop], result.histogram(hop)) for hop in HOPS]
    rows.append(_row("Schedule lag: intended send to the write", result.histogram(LAG)))
    return parts.table(head, rows)


def _phases(result: Result) -> str:
    head = [
        "phase",
        "seconds",
        "offered/s",
        "accepted/s",
        "accept p50",
        "accept p99",
        "e2e p50",
        "e2e p99",
        "e2e p99.9",
        "e2e max",
    ]
    rows: list[list[parts.Cell]] = []
    for phase, (start, end) in result.windows.items():
        if phase != MEASURED:
            accept, e2e = result.histogram("accept", phase), result.histogram("e2e", phase)
            values = [
                *(accept.percentile(p) for p in (50, 99)),
                *(e2e.percentile(p) for p in (50, 99, 99.9)),
                e2e.max,
            ]
            shown = [milliseconds(value / 1000) for value in values]
            rates = [f"{result.rate(what, phase):,.0f}" for what in ("offered", "accepted")]
            rows.append([phase, f"{end - start:g}", *rates, *shown])
    return parts.table(head, rows)


def _sender_side(ledger: Ledger) -> str:
    head = [
        "senders",
        "meant",
        "attempted",
        "accepted",
        "refused",
        "no answer",
        "never sent",
        "sent again",
        "stray answers",
    ]
    doubtful = ("bad" if ledger.unanswered else "", "bad" if ledger.unsent else "")
    row: list[parts.Cell] = [
        "all",
        *(f"{n:,}" for n in (ledger.meant, ledger.attempted, ledger.accepted, ledger.refused)),
        (f"{ledger.unanswered:,}", doubtful[0]),
        (f"{ledger.unsent:,}", doubtful[1]),
        f"{ledger.resent:,}",
        (f"{ledger.stray_answers:,}", "bad" if ledger.stray_answers else ""),
    ]
    return parts.table(head, [row])


def _ledger(ledger: Ledger) -> str:
    shown = [
        (name, title)
        for name, title in _COLUMNS
        if name in ("expected", "taken", "lost", "duplicated", "out_of_order", "misrouted") or ledger.sum(name)
    ]
    rows = [[row.navn, *(_count(name, getattr(row, name)) for name, _ in shown)] for row in _some(ledger.rows)]
    rows.append(["all", *(_count(name, ledger.sum(name)) for name, _ in shown)])
    return parts.table(["dueslag", *(title for _, title in shown)], rows, total=True)


def _some(rows: list[Row]) -> list[Row]:
    """At most fifty: those that do not add up first."""
    if len(rows) <= 50:
        return rows
    return sorted(rows, key=lambda row: -sum(getattr(row, name) for name in _MUST_BE_0))[:50]


def _count(name: str, value: int) -> parts.Cell:
    return f"{value:,}", "bad" if value and name in _MUST_BE_0 else ""


def _limit(result: Result) -> str:
    limit = result.limit
    if limit is None:
        return parts.box("warn", "The run ended before it could be judged")
    cpu = ", ".join(f"{name} {share:.0%} of a core" for name, share in limit.cpu.items())
    told = [f"CPU: {cpu}", f"own lag p99 {limit.own_lag_p99:.1f} ms, whole lag p99 {limit.lag_p99:.1f} ms"]
    if stood := [f"{name} {most * 1000:.0f} ms ({share:.1%})" for name, (share, most) in limit.stood.items() if most]:
        told.append("longest standstill, and share of the time: " + ", ".join(stood))
    if limit.was_limit:
        return parts.box("warn", "Yes: the figures are partly the generator's", [*limit.reasons, *told])
    return parts.box("good", "No", told)


def _machine(result: Result) -> str:
    shares = result.shares
    named = (
        ("all", shares.machine),
        ("target", shares.target),
        ("generator", shares.generator),
        ("others", shares.others),
    )
    told = ", ".join(f"{name} {share:.0%}" for name, share in named if share is not None)
    warning = parts.box("warn", shares.crowded) if shares.crowded else ""
    return warning + parts.paragraph(f"Of all cores of the machine, over the whole run: {told}.", "soft")
