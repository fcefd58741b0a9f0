"""What the audience sees: lines, under them a live table in a terminal, and nothing for a machine."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich import box
from rich.console import Console, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from consumers.demo.cast import MYNDIGHEDER, TILBUD, short
from consumers.demo.citizens import CitizenRow
from consumers.demo.ledger import Ledger
from consumers.demo.model import Fate, State
from consumers.demo.stage import Stage
from consumers.fagsystem import Event, Kind

_COLUMNS = {
    "meant": "meant",
    "expected": "due",
    "received": "got",
    "stopped": "stop",
    "filtered": "filter",
    "lost": "lost",
    "unexpected": "extra",
    "duplicated": "twice",
}
"""Fields of a receiver's row, and their headings: short, so that the table fits into 80 columns."""
_STYLE = {State.ACTIVE: "green", State.STOPPED: "red", State.PAUSED: "yellow"}


class View:
    """Opens with ``with``; ``quiet`` shows nothing at all."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._stage: Stage | None = None
        self._title = ""
        self._live: Live | None = None
        if console.is_terminal and not quiet:
            self._live = Live(get_renderable=self._picture, console=console, refresh_per_second=10)

    @property
    def is_live(self) -> bool:
        return self._live is not None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, stage: Stage) -> None:
        """From now on the table shows this stage."""
        self._stage = stage

    def scene(self, number: int, title: str, look: str) -> None:
        self._title = f"{number}. {title}"
        self._print(f"[bold]{escape(self._title)}[/bold]: {escape(look)}")

    def say(self, text: str) -> None:
        self._print("   " + escape(text))

    def told(self, event: Event) -> None:
        """A letter leaves: one line."""
        if event.kind is Kind.SENT and event.standard is not None:
            day = f"{event.at.day:2}.{event.at.month:02}.{event.at.year}"
            names = ", ".join(_plain(name) for name in event.other.split(", "))
            citizen = self._stage.citizens.get(event.forloeb) if self._stage is not None else None
            about = f" ({escape(citizen.navn)})" if citizen is not None else ""
            says = f": {event.text}" if event.text else ""
            what = f"[cyan]{event.standard.navn}{says}[/cyan]{about}"
            self._print(f"   [dim]{day}[/dim] {_plain(event.part)} → {names}: {what}")

    def summary(self, ledger: Ledger, rows: Sequence[CitizenRow], seconds: float) -> None:
        """The tables that add up, and the verdict."""
        if self._live is not None:
            self._live.stop()
        self._print(_citizen_table(rows))
        self._print(_sender_table(ledger))
        self._print(_receiver_table(ledger))
        for fault in ledger.faults:
            self._print(f"[red]does not add up:[/red] {escape(fault)}")
        if ledger.adds_up:
            self._print(f"[bold green]The sums agree.[/bold green] {_sum_up(ledger)} in {seconds:.1f} s.")
        else:
            self._print(f"[bold red]The sums do not agree[/bold red] ({len(ledger.faults)} faults).")

    def failed(self, text: str) -> None:
        if self._live is not None:
            self._live.stop()
        self._print(f"[bold red]The demo could not go on:[/bold red] {escape(text)}")

    def _print(self, what: RenderableType) -> None:
        if not self._quiet:
            wrap = isinstance(what, str) and not self._console.is_terminal
            self._console.print(what, highlight=False, soft_wrap=wrap)

    def _picture(self) -> RenderableType:
        return Text("connecting …") if self._stage is None else _live_table(self._stage, self._title)


def _live_table(stage: Stage, title: str) -> Table:
    title = f"{title} (all names synthetic)"
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    table.add_column("receiver", no_wrap=True)
    table.add_column("subscription", min_width=10)
    for name in ("meant", "got", "stop", "filter", "held"):
        table.add_column(name, justify="right", no_wrap=True)
    for part in (*MYNDIGHEDER, *TILBUD):
        letters = stage.model.letters_of(part)
        state = Text(letters.state.value, _STYLE[letters.state])
        if letters.note:
            state.append(f" ({letters.note})", "cyan")
        counts = [len(stage.model.of(part, fate)) for fate in (Fate.STOPPED, Fate.FILTERED, Fate.HELD)]
        received = len(stage.sheet(part).modtaget)
        table.add_row(
            short(part), state, str(len(stage.model.of(part))), str(received), *(str(n) if n else "" for n in counts)
        )
    return table


def _plain(navn: str) -> str:
    """Without its mark: the title of the live table, and of the tables at the end, carry it."""
    return escape(navn.removesuffix(" (syntetisk)"))


def _citizen_table(rows: Sequence[CitizenRow]) -> Table:
    table = Table(title="Citizens (all synthetic)", box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0))
    for name in ("citizen", "of", "udfører"):
        table.add_column(name)
    table.add_column("forløb", no_wrap=True)
    for name in ("letters", "follow", "change", "days"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        counts = (row.letters, row.follow_ups, row.changes, row.days)
        table.add_row(
            row.navn,
            row.myndighed.removesuffix(" Kommune"),
            row.udfoerer,
            row.tilstand,
            *(str(count) for count in counts),
        )
    return table


def _sender_table(ledger: Ledger) -> Table:
    table = Table(title="Senders (all names synthetic)", box=box.SIMPLE_HEAD, title_justify="left", show_footer=True)
    rows = ledger.senders
    table.add_column("sender", "sum")
    for name, sums in (
        ("sent", sum(row.sent for row in rows)),
        ("accepted", sum(row.accepted for row in rows)),
        ("refused", sum(row.refused for row in rows)),
    ):
        table.add_column(name, str(sums), justify="right")
    for row in rows:
        table.add_row(row.navn, str(row.sent), str(row.accepted), str(row.refused))
    return table


def _receiver_table(ledger: Ledger) -> Table:
    table = Table(
        padding=(0, 1, 0, 0),
        title="Receivers: meant for it = got + stop + filter",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        show_footer=True,
    )
    table.add_column("receiver", "sum", no_wrap=True)
    for name, title in _COLUMNS.items():
        sums = sum(getattr(row, name) for row in ledger.receivers)
        table.add_column(title, str(sums), justify="right", no_wrap=True)
    for row in ledger.receivers:
        table.add_row(row.navn, *(str(getattr(row, name)) for name in _COLUMNS))
    return table


def _sum_up(ledger: Ledger) -> str:
    sent = sum(row.sent for row in ledger.senders)
    refused = sum(row.refused for row in ledger.senders)
    received = sum(row.received for row in ledger.receivers)
    return f"{sent} messages sent, {refused} of them refused; {received} deliveries, 0 lost, 0 twice,"
