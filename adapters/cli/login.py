"""What the user says of where AMQP is and as whom to log in: the options that `send` and `hent` share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

_WHERE = "Which emulator"
_TOKENS = "Tokens"

Password = Annotated[str | None, typer.Option(help="Where the system has an adgangskode.")]
Amqps = Annotated[
    str | None,
    typer.Option(
        "--amqps",
        metavar="HOST:PORT",
        envvar="BESKEDFORDELER_AMQPS",
        help="Its AMQP address over TLS.",
        rich_help_panel=_WHERE,
    ),
]
Ca = Annotated[
    Path | None,
    typer.Option(
        "--ca",
        metavar="FILE",
        help="CAs to trust, PEM; else that of the emulator, else those of this machine.",
        rich_help_panel=_WHERE,
    ),
]
Sts = Annotated[
    str | None,
    typer.Option("--sts", metavar="HOST:PORT", help="Where the STS is; else the emulator's.", rich_help_panel=_TOKENS),
]
Cvr = Annotated[
    str | None,
    typer.Option(
        "--cvr", metavar="CVR", help="The myndighed to act for; else the system's own.", rich_help_panel=_TOKENS
    ),
]
Cert = Annotated[
    Path | None,
    typer.Option(
        "--cert",
        metavar="FILE",
        help="Function certificate, PEM with its key: to get tokens with, and presented over AMQPS; else that in the "
        "data directory, not presented.",
        rich_help_panel=_TOKENS,
    ),
]
TokenFile = Annotated[
    str | None,
    typer.Option(
        "--token",
        metavar="FILE",
        help="A token to show as it is, good or bad: an assertion, XML or base64; - = stdin.",
        rich_help_panel=_TOKENS,
    ),
]


@dataclass(frozen=True, slots=True)
class Given:
    """The options as they were given; None = to be found out."""

    admin: str | None = None
    data: Path | None = None
    amqp: str | None = None
    amqps: str | None = None
    system: str | None = None
    password: str | None = None
    ca: Path | None = None
    sts: str | None = None
    cvr: str | None = None
    cert: Path | None = None
    token: str | None = None

    @property
    def elsewhere(self) -> bool:
        """Address and system are named: no admin API is asked."""
        return (self.amqp is not None or self.amqps is not None) and self.system is not None

    @property
    def wants_tokens(self) -> bool:
        """Whether the options speak of tokens from an STS."""
        return self.cert is not None or self.cvr is not None or self.sts is not None
