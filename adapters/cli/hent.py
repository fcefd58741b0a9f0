"""`hent`: fetch from a dueslag over AMQP, as a municipality's system fetches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.login import Amqps, Ca, Cert, Cvr, Given, Password, Sts, TokenFile
from adapters.cli.options import AdminUrl, Amqp, DataDir, Dueslag, Json, examples

if TYPE_CHECKING:
    from consumers.client import Endpoint, Modtaget

_POLL = 0.1


def hent(
    dueslag: Dueslag,
    count: Annotated[int | None, typer.Option(min=1, help="At most so many; else all that is there.")] = None,
    wait: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="Wait so long for a message.")] = 0.0,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until Ctrl-C.")] = False,
    requeue: Annotated[
        bool, typer.Option("--requeue", "--no-ack", help="Put each back when done: redelivered is set.")
    ] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Reject each: to the fejlkø.")] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write each message to a file <BeskedId>.xml here.")
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", "--user", metavar="SYSTEM", help="Who fetches; else the dueslag's owner.")
    ] = None,
    password: Password = None,
    cvr: Cvr = None,
    cert: Cert = None,
    token: TokenFile = None,
    sts: Sts = None,
    amqp: Amqp = None,
    amqps: Amqps = None,
    ca: Ca = None,
    json: Json = False,
    admin: AdminUrl = None,
    data: DataDir = None,
) -> None:
    """Fetch messages and acknowledge each once it is printed (or written): it is then gone from the dueslag.

    Messages are written to stdout as they are; with --json one line of JSON for each.  Where the emulator asks for
    tokens (serve --auth token), one is got from its STS with the certificate of the system.
    """
    import asyncio

    from adapters.cli.api import connect, part
    from adapters.cli.endpoint import Owner, find_way

    if requeue and reject:
        raise Failure(Exit.USAGE, "--requeue or --reject, not both")
    if requeue and follow:
        raise Failure(Exit.USAGE, "--requeue with --follow would fetch the same messages for ever")
    given = Given(admin, data, amqp, amqps, system, password, ca, sts, cvr, cert, token)
    found = {"id": dueslag} if given.elsewhere else connect(admin, data).get(f"/dueslag/{part(dueslag)}")
    way = find_way(given, Owner(found))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    settle = "requeue" if requeue else "reject" if reject else "ack"
    patience = float("inf") if follow else wait
    try:
        fetched = asyncio.run(_fetch(way.endpoint, str(found["id"]), count, patience, settle, out, json))
    except Failure as failure:
        from adapters.cli.amqp import with_reason

        raise with_reason(failure, given) from None
    if not fetched and not json:
        from adapters.cli.output import complain

        complain(f"nothing in '{dueslag}'")


async def _fetch(
    where: Endpoint, dueslag: str, count: int | None, wait: float, settle: str, out: Path | None, json: bool
) -> int:
    """Fetch until there is nothing more, ``count`` is reached, or nothing has come for ``wait`` seconds.

    Whoever waits lives through a restart of the emulator: 20 tries, as a receiver would.
    """
    from adapters.cli.amqp import failing_clearly
    from consumers.client import Afhent

    fetched = 0
    back: list[Modtaget] = []  # put back at the end: at once, the next fetch would be the same message
    async with failing_clearly(where), Afhent(where, dueslag, attempts=20 if wait else 2) as afhent:
        try:
            while count is None or fetched < count:
                modtaget = await _next(afhent, wait)
                if modtaget is None:
                    break
                _put_out(modtaget, out, json)
                fetched += 1
                if settle == "requeue":
                    back.append(modtaget)
                elif not await (modtaget.ack() if settle == "ack" else modtaget.reject()):
                    _lost(modtaget)
        finally:
            for modtaget in back:
                await modtaget.requeue()
    return fetched


async def _next(afhent: Any, wait: float) -> Modtaget | None:
    import asyncio

    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait
    while True:
        modtaget: Modtaget | None = await afhent.get()
        if modtaget is not None or loop.time() >= deadline:
            return modtaget
        await asyncio.sleep(_POLL)


def _put_out(modtaget: Modtaget, out: Path | None, json: bool) -> None:
    import sys

    from adapters.cli.besked_id import besked_id_of
    from adapters.cli.output import print_json, say

    besked_id = besked_id_of(modtaget.body) or modtaget.transaktions_id or "besked"
    path = write_new_file(out, besked_id, modtaget.body) if out is not None else None
    if json:
        print_json(
            {
                "besked_id": besked_id,
                "transaktions_id": modtaget.transaktions_id,
                "redelivered": modtaget.redelivered,
                "file": str(path) if path is not None else None,
                "body": modtaget.body.decode("utf-8", "replace") if path is None else None,
            }
        )
    elif path is not None:
        say(str(path))
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(modtaget.body.rstrip(b"\n") + b"\n")
        sys.stdout.buffer.flush()


def write_new_file(out: Path, besked_id: str, body: bytes) -> Path:
    """A file that is not there yet; a BeskedId is the sender's text, so only what is safe in a name is kept."""
    import re

    stem = re.sub(r"[^\w.-]+", "_", besked_id)[:100].strip(".") or "besked"
    for number in range(1, 1_000_000):
        path = out / (f"{stem}.xml" if number == 1 else f"{stem}-{number}.xml")
        try:
            with path.open("xb") as file:
                file.write(body)
        except FileExistsError:
            continue
        return path
    raise Failure(Exit.FAILED, f"{out}: too many files named {stem}")


def _lost(modtaget: Modtaget) -> None:
    from adapters.cli.output import complain

    complain(f"transaction {modtaget.transaktions_id}: the connection went before it was settled; it comes again")


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "hent Testkommune                       # all that is there",
            "hent Testkommune --count 1 --wait 10   # one, which may take ten seconds to come",
            "hent Testkommune --follow --out ./modtaget",
            "hent Testkommune --requeue --json      # look at it as a client gets it, and put it back",
        )
    )(hent)
