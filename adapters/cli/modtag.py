"""`modtag`: a receiver for pushed messages, for trying push and every way in which it fails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.options import AdminUrl, DataDir, Json, VisCpr, examples

if TYPE_CHECKING:
    from consumers.receiver.behaviour import Conduct, Plan

_LISTEN = "Listening"
_ANSWER = "What it answers, where not 20"
_TLS = "TLS"


def modtag(
    count: Annotated[int | None, typer.Option(min=1, help="End after so many.", show_default="Ctrl-C")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each request to a file <BeskedId>.xml here.")
    ] = None,
    vis_cpr: VisCpr = False,
    json: Json = False,
    host: Annotated[str, typer.Option(help="Address.", rich_help_panel=_LISTEN)] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 = any free port.", rich_help_panel=_LISTEN)] = 8081,
    path: Annotated[
        str, typer.Option(help="Where messages are taken, and below it; all else is 404.", rich_help_panel=_LISTEN)
    ] = "/",
    kode: Annotated[int | None, typer.Option(min=0, max=999, help="This StatusKode.", rich_help_panel=_ANSWER)] = None,
    tekst: Annotated[
        str | None, typer.Option(metavar="TEXT", help="FejlbeskedTekst beside it.", rich_help_panel=_ANSWER)
    ] = None,
    delay: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Wait before it answers.", rich_help_panel=_ANSWER)
    ] = 0.0,
    hang: Annotated[bool, typer.Option("--hang", help="Never answer.", rich_help_panel=_ANSWER)] = False,
    reset: Annotated[
        bool, typer.Option("--reset", help="Cut the connection within the answer.", rich_help_panel=_ANSWER)
    ] = False,
    garbage: Annotated[
        bool, typer.Option("--garbage", help="HTTP 200 with what is no answer.", rich_help_panel=_ANSWER)
    ] = False,
    http_status: Annotated[
        int | None, typer.Option(min=200, max=599, help="This HTTP status.", rich_help_panel=_ANSWER)
    ] = None,
    every: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only every Nth message.", rich_help_panel=_ANSWER)
    ] = None,
    first: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Only the first N, then 20.", rich_help_panel=_ANSWER)
    ] = None,
    tls: Annotated[
        bool,
        typer.Option(
            "--tls",
            help="HTTPS with a certificate of the emulator's development CA; asks for the Beskedfordeler's.",
            rich_help_panel=_TLS,
        ),
    ] = False,
    cert: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="HTTPS with this certificate, PEM, its key in the same file.", rich_help_panel=_TLS
        ),
    ] = None,
    wrong_certificate: Annotated[
        bool,
        typer.Option(
            "--wrong-certificate", help="HTTPS with one that nobody should trust: self-signed.", rich_help_panel=_TLS
        ),
    ] = False,
    ca: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="CAs of whom client certificates are taken, PEM.",
            show_default="the development CA",
            rich_help_panel=_TLS,
        ),
    ] = None,
    ca_cert: Annotated[
        Path | None,
        typer.Option(
            "--ca-cert",
            metavar="FILE",
            envvar="BESKEDFORDELER_CA_CERT",
            help="Certificate of the CA, where serve was given one.",
            rich_help_panel=_TLS,
        ),
    ] = None,
    ca_key: Annotated[
        Path | None,
        typer.Option("--ca-key", metavar="FILE", envvar="BESKEDFORDELER_CA_KEY", help="Its key.", rich_help_panel=_TLS),
    ] = None,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Receive what is pushed (BeskedFåTilsendt), print each message and answer 20, or as told.

    It judges what comes as a municipality's receiver does: well-formed, no DTD, 1 MiB at most; what is wrong is
    answered 40, 41 or 55 in the body, with HTTP 200.  A message that was taken before is taken again, and said to be
    one.  With --json the first line is where it listens, and then one line for each message.
    """
    import asyncio

    from adapters.cli.modtag_keys import Wanted, tls_context
    from adapters.cli.modtag_output import Printer, announce
    from adapters.http.listener import bind
    from consumers.modtag import Modtag

    told = {"--kode": kode, "--hang": hang, "--reset": reset, "--garbage": garbage, "--http-status": http_status}
    plan = _plan(_conduct(told, tekst, delay), every, first)
    if not path.startswith("/"):
        raise Failure(Exit.USAGE, f"--path {path}: expected a path that begins with /")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    context = tls_context(Wanted(tls, cert, wrong_certificate, ca, ca_cert, ca_key, host), admin, data)
    sock = bind(host, port, "modtag", "--port")
    printer = Printer(out, vis_cpr, json, tls=context is not None)
    with sock:
        announce(sock, path, plan, json, tls=context is not None)
        modtag = Modtag(printer.show, plan=plan, path=path, count=count, refused=printer.refused)
        asyncio.run(modtag.serve(sock, context))


def _conduct(told: dict[str, Any], tekst: str | None, delay: float) -> Conduct:
    """What the options ask for.  Raises Failure where they do not go together."""
    from consumers.receiver.behaviour import TAKEN, Conduct, How

    given = [option for option, value in told.items() if value is not None and value is not False]
    if len(given) > 1:
        raise Failure(Exit.USAGE, f"{' and '.join(given)} exclude each other: choose one")
    kode = TAKEN if told["--kode"] is None else int(told["--kode"])
    if tekst is not None and kode == TAKEN:
        raise Failure(Exit.USAGE, "--tekst goes with a --kode other than 20: with 20 FejlbeskedTekst is empty")
    hows = {"--hang": How.HANGS, "--reset": How.RESETS, "--garbage": How.GARBAGE}
    how = next((hows[option] for option in given if option in hows), How.ANSWERS)
    text = "" if kode == TAKEN else "as modtag was told to answer" if tekst is None else tekst
    return Conduct(kode, text, delay, how, told["--http-status"] or 200)


def _plan(conduct: Conduct, every: int | None, first: int | None) -> Plan:
    from consumers.receiver.behaviour import GOOD, Plan

    if every is not None and first is not None:
        raise Failure(Exit.USAGE, "--every or --first, not both")
    if conduct == GOOD and (every is not None or first is not None):
        raise Failure(
            Exit.USAGE,
            f"--{'first' if every is None else 'every'} goes with what to do then: --kode, --delay, --hang, --reset, "
            "--garbage or --http-status",
        )
    return Plan(conduct, every, first)


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "modtag                                  # takes everything at http://127.0.0.1:8081/",
            "modtag --kode 40 --tekst 'ukendt borger' --every 3",
            "modtag --http-status 500 --first 5      # ill at first, then well",
            "modtag --delay 15                       # slower than serve --push-timeout",
            "modtag --tls                            # https://, shows who calls",
            "modtag --wrong-certificate              # must not be delivered to",
            "modtag --json --count 1 | jq -r .besked_id",
        )
    )(modtag)
