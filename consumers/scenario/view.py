"""What people see of a run: in a terminal letters as they travel above a table of courses; elsewhere plain lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from consumers.fagsystem.events import Event, Kind
from consumers.scenario.cast import Cast
from consumers.scenario.verdict import Finding, Verdict

_LINES = 12
"""Letters in the live picture."""
_COURSES = 15
"""Courses in it."""
_TRAVEL = {
    Kind.SENT: ("──▶", "cyan"),
    Kind.RECEIVED: ("◀──", "green"),
    Kind.HELD: ("◀─ holds", "yellow"),
    Kind.REFUSED: ("✗", "red"),
    Kind.AGAIN: ("◀── again", "dim"),
}


class View:
    """A `Watch` that opens with ``with``.  ``quiet`` shows nothing; ``letters`` also each letter as a plain line."""

    def __init__(self, console: Console, *, quiet: bool = False, letters: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._letters = letters
        self._lines: deque[Text] = deque(maxlen=_LINES)
        self._cast: Cast | None = None
        self._states: dict[tuple[str, str], str] = {}
        self._courses: Mapping[str, list[str]] = {}
        self._title = ""
        self._names: dict[str, str] = {}
        self._live: Live | None = None
        if console.is_terminal and not quiet:
            self._live = Live(get_renderable=self._picture, console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def begins(self, cast: Cast, courses: Mapping[str, list[str]]) -> None:
        self._cast, self._courses, self._states = cast, courses, {}
        self._names = {part.navn: name for name, part in cast.parts.items()}
        self._lines.clear()
        many = f"{len(cast.parts)} parties, {len(cast.citizens)} citizens"
        self._say(Text(f"{cast.scenario.scenario} (seed {cast.seed}): {many}", "bold"))

    def step(self, number: int, text: str) -> None:
        self._title = f"steps[{number}]: {text}"

    def event(self, event: Event) -> None:
        if event.kind is Kind.STATE:
            self._states[event.part, event.forloeb] = event.text
        if event.kind not in _TRAVEL:
            return
        arrow, style = _TRAVEL[event.kind]
        other = ", ".join(self._names.get(name, name) for name in event.other.split(", "))
        line = Text.assemble(
            (f"{event.at:%Y-%m-%d} ", "dim"),
            f"{self._names.get(event.part, event.part)} ",
            (f"{arrow} ", style),
            (f"{event.standard or 'letter'} ", "bold"),
            other,
            (f"  {event.text}" if event.text else "", "dim"),
        )
        self._lines.append(line)
        if self._letters and self._live is None:
            self._say(Text("    ") + line)

    def finding(self, finding: Finding) -> None:
        mark = Text("ok     ", "green") if finding.ok else Text("FAILED ", "bold red")
        seen = f"  ({finding.seen})" if finding.seen and not (finding.ok and finding.kind == "step") else ""
        self._say(Text.assemble("  ", mark, finding.name, (seen, "dim" if finding.ok else "red")))
        if not finding.ok:
            for line in finding.trace:
                self._say(Text(f"           {line}", "dim"))

    def ends(self, verdict: Verdict) -> None:
        self._say(summary(verdict))

    def _say(self, text: Text) -> None:
        if not self._quiet:
            self._console.print(text, soft_wrap=True)

    def _picture(self) -> RenderableType:
        if self._cast is None:
            return Text("connecting …")
        return Group(Text(self._title, "bold"), *self._lines, self._table(self._cast))

    def _table(self, cast: Cast) -> Table:
        table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for column in ("citizen", "myndighed", "tilstand"):
            table.add_column(column, no_wrap=True)
        for name, courses in list(self._courses.items())[:_COURSES]:
            myndighed = cast.scenario.citizens[name].myndighed
            seen = self._states.get((cast.parts[myndighed].navn, courses[-1]), "") if courses else ""
            table.add_row(name, myndighed, seen)
        if len(self._courses) > _COURSES:
            table.add_row(f"and {len(self._courses) - _COURSES} more", "", "")
        return table


def summary(verdict: Verdict) -> Text:
    """The last line of a run."""
    figures = verdict.figures
    rate = f", {figures.letters / figures.seconds:.0f} letters/s" if figures.seconds >= 1 else ""
    courses = f" ({figures.courses / figures.seconds:.1f}/s)" if figures.seconds >= 1 else ""
    what = (
        f"{figures.courses} courses{courses}, {figures.letters} letters, {figures.deliveries} deliveries "
        f"({figures.again} repeated), {figures.days} days, {figures.kills} kills, in {figures.seconds:.1f} s{rate}"
    )
    if verdict.ok:
        return Text.assemble(("All holds. ", "bold green"), what)
    return Text.assemble((f"{len(verdict.failed)} of {len(verdict.findings)} do not hold. ", "bold red"), what)
