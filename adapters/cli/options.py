"""Options that many commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_WHERE = "Which emulator"

AdminUrl = Annotated[
    str | None,
    typer.Option(
        "--admin",
        metavar="URL",
        envvar="BESKEDFORDELER_ADMIN",
        help="Its admin API; else that of the data directory, else http://127.0.0.1:5680.",
        rich_help_panel=_WHERE,
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        envvar="BESKEDFORDELER_DATA",
        help="The data directory that it serves.",
        rich_help_panel=_WHERE,
    ),
]
Amqp = Annotated[
    str | None,
    typer.Option(
        "--amqp",
        metavar="HOST:PORT",
        envvar="BESKEDFORDELER_AMQP",
        help="Its AMQP address; else what its admin API says.",
        rich_help_panel=_WHERE,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout, and nothing else there.")]
VisCpr = Annotated[bool, typer.Option("--vis-cpr", help="Show CPR numbers; without it they are masked.")]
Dueslag = Annotated[str, typer.Argument(metavar="DUESLAG", help="Id or navn.", show_default=False)]
Liste = Annotated[str, typer.Argument(metavar="VAERDILISTE", help="Id or navn.", show_default=False)]
Abonnement = Annotated[str, typer.Argument(metavar="ABONNEMENT", help="Id or navn.", show_default=False)]


def examples(*lines: str) -> str:
    """The end of a help text."""
    return "\b\nExamples:\n" + "\n".join("  beskedfordeler " + line for line in lines)
