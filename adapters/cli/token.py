"""`token`: tokens for testers, good ones and bad ones, and what a token says."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import AdminUrl, DataDir, Json, examples

if TYPE_CHECKING:
    from adapters.cli.token_maker import Wish


class _Group(TyperGroup):
    """`token SYSTEM` is short for `token new SYSTEM`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["new", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    help="Tokens (SAML assertions) for testers: `token SYSTEM` makes one, good or bad; `token show` reads one.",
)


class Format(StrEnum):
    """How a token is written."""

    XML = "xml"
    BASE64 = "base64"
    HEADER = "header"


class ServiceName(StrEnum):
    """What a token is for."""

    AFSEND = "afsend"
    MODTAG = "modtag"


_FAULTS = "What is wrong with it"


def _flag(name: str, help: str) -> Any:
    return typer.Option(f"--{name}", help=help, rich_help_panel=_FAULTS)


@app.command(
    epilog=examples(
        "token new Afsendersystem > token.xml",
        "token Afsendersystem                          # the same: new may be left out",
        'token "Testkommune Fagsystem" --service modtag --lifetime 60 --format base64',
        "token Afsendersystem --expired --out expired.xml",
        "token Afsendersystem --fault no-cvr           # others: token faults",
        "token Afsendersystem --from-sts               # as a vendor's client gets it",
    )
)
def new(
    system: Annotated[
        str, typer.Argument(metavar="SYSTEM", help="The holder, by id or navn: its certificate.", show_default=False)
    ],
    service: Annotated[ServiceName, typer.Option(help="What it is for.")] = ServiceName.AFSEND,
    audience: Annotated[
        str | None,
        typer.Option(metavar="URI", help="Another entity id than that of the service.", show_default="by --service"),
    ] = None,
    cvr: Annotated[
        str | None,
        typer.Option(metavar="CVR", help="The myndighed that it acts for.", show_default="the system's own"),
    ] = None,
    lifetime: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="From now on.", show_default="28800")
    ] = None,
    fault: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="One of those that `token faults` lists.", rich_help_panel=_FAULTS),
    ] = None,
    expired: Annotated[bool, _flag("expired", "Ended an hour ago.")] = False,
    not_yet_valid: Annotated[bool, _flag("not-yet-valid", "Begins in an hour.")] = False,
    wrong_signature: Annotated[bool, _flag("wrong-signature", "Altered after it was signed.")] = False,
    unsigned: Annotated[bool, _flag("unsigned", "No signature.")] = False,
    wrapped: Annotated[bool, _flag("wrapped", "A good one within a forged one.")] = False,
    wrong_audience: Annotated[bool, _flag("wrong-audience", "For another service.")] = False,
    wrong_issuer: Annotated[bool, _flag("wrong-issuer", "Signed by nobody's key.")] = False,
    other_cvr: Annotated[
        str | None,
        typer.Option("--other-cvr", metavar="CVR", help="Good, for this myndighed.", rich_help_panel=_FAULTS),
    ] = None,
    from_sts: Annotated[
        bool, typer.Option("--from-sts", help="Ask the STS of the emulator for it, as a vendor's client does.")
    ] = False,
    cert: Annotated[
        Path | None,
        typer.Option(
            "--cert",
            metavar="FILE",
            help="The holder's certificate, PEM (with its key for --from-sts); else that in the data directory.",
        ),
    ] = None,
    format: Annotated[
        Format, typer.Option("--format", help="base64: on one line; header: as amqp-publish --header takes it.")
    ] = Format.XML,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Else stdout.")] = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Make a token with the keys of the running emulator, good unless told otherwise; only the token on stdout."""
    from adapters.cli.token_maker import Wish, made

    flags = {
        "expired": expired,
        "not-yet-valid": not_yet_valid,
        "wrong-signature": wrong_signature,
        "unsigned": unsigned,
        "wrapped": wrapped,
        "wrong-audience": wrong_audience,
        "wrong-issuer": wrong_issuer,
    }
    faults = [name for name, is_set in flags.items() if is_set] + ([fault] if fault is not None else [])
    if len(faults) > 1:
        raise Failure(Exit.USAGE, f"one fault at a time, not {' and '.join(faults)}")
    if cvr is not None and other_cvr is not None:
        raise Failure(Exit.USAGE, "--cvr or --other-cvr, not both: they say the same")
    if from_sts and (faults or lifetime is not None):
        raise Failure(Exit.USAGE, "--from-sts gives what the STS gives: no fault and no --lifetime with it")
    wish = Wish(system, str(service), audience, other_cvr or cvr, lifetime, next(iter(faults), None), cert, from_sts)
    _put_out(made(wish, admin, data), wish, format, out, json)


def _put_out(token: bytes, wish: Wish, format: Format, out: Path | None, json: bool) -> None:
    import sys
    from base64 import b64encode

    from adapters.cli.output import print_json

    written = b64encode(token) if format is Format.BASE64 else token
    if format is Format.HEADER:
        written = b"token: " + token
    if out is not None:
        out.write_bytes(written)
    if json:
        from adapters.cli.token_text import said_by

        content = None if out is not None else written.decode()
        file = str(out) if out is not None else None
        print_json({"system": wish.system, "fault": wish.fault, **said_by(token), "file": file, "token": content})
    elif out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(written + b"\n")
        sys.stdout.buffer.flush()


@app.command(
    epilog=examples(
        "token show token.xml", "token show - < token.b64", "token show token.xml --trust-issuer sts.pem --json"
    )
)
def show(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="An assertion, XML or base64; - = stdin.", show_default=False)
    ],
    trust_issuer: Annotated[
        list[Path] | None,
        typer.Option("--trust-issuer", metavar="FILE", help="Signing certificate of another STS that is trusted, PEM."),
    ] = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """What a token says, and whether it would be taken now: exit code 0, else 4 with the reason.

    It is judged by the STS key in the data directory, and by the register where an emulator is running.
    """
    from adapters.cli.files import read_token
    from adapters.cli.output import print_json, say
    from adapters.cli.token_text import judged, said_by

    token = read_token(file).encode()
    said, verdict = said_by(token), judged(token, trust_issuer or [], admin, data)
    if json:
        print_json({**said, **verdict})
    else:
        for name, value in said.items():
            say(f"{name:<16} {'' if value is None else value}".rstrip())
        for name in ("system", "service"):
            if verdict[name] is not None:
                say(f"{name:<16} {verdict[name]}")
        say(f"{'accepted':<16} {'yes' if verdict['accepted'] else 'no'}")
    if not verdict["accepted"]:
        raise Failure(Exit.REFUSED, f"{verdict['status_kode']}: {verdict['reason']}")


@app.command(epilog=examples("token faults", "token faults --json"))
def faults(json: Json = False) -> None:
    """What `token new --fault NAME` can make wrong."""
    from adapters.cli.output import print_json, print_table
    from adapters.sts.faulty import FAULTS

    if json:
        print_json(dict(FAULTS))
    else:
        print_table(("fault", "the token"), list(FAULTS.items()), "none")


def add_to(parent: typer.Typer) -> None:
    parent.add_typer(app, name="token")
