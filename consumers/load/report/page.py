"""The whole report, one HTML file: no script, no network, light and dark.  Pure but for reading its style."""

from __future__ import annotations

from html import escape
from importlib import resources

from consumers.load.report import parts
from consumers.load.report.compare import compare
from consumers.load.report.run_part import run_part
from consumers.load.session import Session
from consumers.load.verdict import Verdict

_WORDS = {"ok": "OK", "broken": "Threshold broken", "incomplete": "Incomplete"}
_HOW = (
    "Open model: each message has a moment at which it is meant to go, whatever became of those before it, and every "
    "latency counts from that moment. What the target or a consumer holds up is charged to all that wait behind it, "
    "which a generator that waits for answers would not have sent (coordinated omission).",
    "Queue is 0 where a message arrived before its StandardRetur was read. Against bare RabbitMQ the publisher confirm "
    "stands for StandardRetur.",
    "Latencies are HdrHistograms of three significant digits; the JSON holds them in HdrHistogram's own form.",
)


def page(session: Session) -> str:
    """Everything the session showed."""
    style = (resources.files("consumers.load.report") / "style.css").read_text("utf-8")
    title = f"Load report: {session.workload.name}"
    body = "".join(
        [
            _top(session, title),
            _verdict(session.verdict, several=len(session.results) > 1),
            *_results(session),
            parts.heading(2, "How it was measured"),
            *(parts.paragraph(text) for text in _HOW),
            parts.heading(2, "Workload"),
            parts.preformatted(session.source.strip()),
            parts.heading(2, "Settings and surroundings"),
            parts.pairs([(name, str(value)) for name, value in session.settings.items()]),
            parts.heading(3, "Machine of the generator"),
            parts.pairs(session.surroundings.items()),
        ]
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"/>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"/>'
        f"<title>{escape(title)}</title><style>{style}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _top(session: Session, title: str) -> str:
    word = session.verdict.word
    started = session.results[0].started.replace("T", " ").replace("+00:00", " UTC") if session.results else ""
    targets = ", ".join(session.targets)
    factors = [
        f"all {what} times {session.settings[name]:g}"
        for name, what in (("scale", "rates"), ("stretch", "times"))
        if session.settings.get(name, 1) != 1
    ]
    told = session.workload.description + (f" Here: {', '.join(factors)}." if factors else "")
    return (
        f'{parts.heading(1, title)}<p class="soft">{escape(told)}</p>'
        f'<p><span class="badge {word}">{_WORDS[word]}</span> '
        f'<span class="soft">{escape(targets)} · {escape(started)}</span></p>'
    )


def _verdict(verdict: Verdict, *, several: bool) -> str:
    rows: list[list[parts.Cell]] = []
    for finding in verdict.findings:
        state: parts.Cell = finding.word, {"broken": "bad", "kept": "good"}.get(finding.word, "")
        who: list[parts.Cell] = [(f"{finding.target}, round {finding.round}", "l")] if several else []
        rows.append([(finding.text, "l"), *who, finding.shown, state])
    head: list[parts.Cell] = [("must not be", "l"), *([("run", "l")] if several else []), "measured", "threshold"]
    return (parts.box("bad", "Incomplete", verdict.incomplete) if verdict.incomplete and several else "") + parts.table(
        head, rows
    )


def _results(session: Session) -> list[str]:
    found: list[str] = []
    if len(session.results) > 1:
        found += [parts.heading(2, "Beside each other"), compare(session.targets, session.results)]
    for result in session.results:
        if len(session.results) > 1:
            found.append(parts.heading(2, f"{result.target}, round {result.round}"))
        found.append(run_part(result))
    return found
