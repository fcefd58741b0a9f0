"""`send`: a message through AMQP, as a municipality's system sends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters.cli.exits import Exit, Failure
from adapters.cli.login import Amqps, Ca, Cert, Cvr, Given, Password, Sts, TokenFile
from adapters.cli.options import AdminUrl, Amqp, DataDir, Json, examples

if TYPE_CHECKING:
    from adapters.cli.endpoint import Way
    from consumers.client import Afsend

_AT_ONCE = 100


def send(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A Haendelsesbesked; - = stdin.", show_default=False)],
    system: Annotated[
        str | None,
        typer.Option("--system", "--user", metavar="SYSTEM", help="Who sends, by id or navn; else the first that may."),
    ] = None,
    password: Password = None,
    count: Annotated[int, typer.Option(min=1, help="So many times; more than one takes a new BeskedId for each.")] = 1,
    new_id: Annotated[bool, typer.Option("--new-id", help="Put a new BeskedId into the message.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="To wait for each answer.")] = 10.0,
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
    """Send a message and print the answer: StatusKode and FejlbeskedTekst.  Exit code 0 for 20, else 4.

    Where the emulator asks for tokens (serve --auth token), they are got from its STS with the certificate of the
    system.
    """
    import asyncio

    from adapters.cli.endpoint import Sender, find_way
    from adapters.cli.files import read_bytes

    if file == token == "-":
        raise Failure(Exit.USAGE, "the message and --token both from stdin; give one of them as a file")
    xml = read_bytes(file)
    messages = list(_messages(xml, count, new_id or count > 1))
    given = Given(admin, data, amqp, amqps, system, password, ca, sts, cvr, cert, token)
    way = find_way(given, Sender())
    try:
        answers = asyncio.run(_send_all(way, messages, timeout))
    except Failure as failure:
        raise _explained(failure, given) from None
    _tell(answers, json)
    refused = [answer for answer in answers if answer["status_kode"] != 20]
    if refused:
        raise Failure(Exit.REFUSED, f"refused: {len(refused)} of {len(answers)}")


def _explained(failure: Failure, given: Given) -> Failure:
    """With the reason that the emulator gives: for not answering (the disk may be full), for letting nobody in."""
    from json import loads

    from adapters.cli.amqp import with_reason
    from adapters.cli.api import connect

    if failure.code is not Exit.UNREACHABLE:
        return with_reason(failure, given)
    try:
        reason = loads(connect(given.admin, given.data).request("GET", "/health/ready")[2]).get("reason")
    except (Failure, ValueError):
        return failure
    return Failure(failure.code, f"{failure}; {reason}") if reason else failure


def _messages(xml: bytes, count: int, new_id: bool) -> Iterator[tuple[str | None, bytes]]:
    from adapters.cli.besked_id import besked_id_of, with_new_id

    try:
        for _ in range(count):
            yield with_new_id(xml) if new_id else (besked_id_of(xml), xml)
    except ValueError as error:
        raise Failure(Exit.FAILED, f"no new BeskedId can be put in: {error}") from None


async def _send_all(way: Way, messages: list[tuple[str | None, bytes]], patience: float) -> list[dict[str, Any]]:
    import asyncio

    from adapters.cli.amqp import failing_clearly
    from consumers.client import Afsend

    slots = asyncio.Semaphore(_AT_ONCE)
    async with failing_clearly(way.endpoint), Afsend(way.endpoint, timeout=patience, attempts=2) as afsend:
        return await asyncio.gather(*(_send(afsend, slots, way.header, *message) for message in messages))


async def _send(afsend: Afsend, slots: Any, token: str | None, besked_id: str | None, xml: bytes) -> dict[str, Any]:
    import uuid

    transaktions_id = str(uuid.uuid4())
    async with slots:
        retur = await afsend.send(xml, transaktions_id=transaktions_id, token=token)
    return {
        "besked_id": besked_id,
        "transaktions_id": transaktions_id,
        "status_kode": retur.status_kode,
        "fejlbesked_tekst": retur.fejlbesked_tekst,
    }


def _tell(answers: list[dict[str, Any]], json: bool) -> None:
    from adapters.cli.output import print_json, say

    for answer in answers:
        if json:
            print_json(answer)
        else:
            besked_id = answer["besked_id"] or "(no BeskedId)"
            say(f"{answer['status_kode']}  {besked_id}  {answer['fejlbesked_tekst']}".rstrip())


def add_to(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "send besked.xml",
            "send besked.xml --new-id --count 100",
            "send - --system TestAnvenderSystem < besked.xml",
            "send besked.xml --json | jq .status_kode",
            "send besked.xml --token expired.xml     # 41; made by 'token Afsendersystem --expired'",
            "send besked.xml --system Afsendersystem --amqps HOST:5671 --sts HOST:8443 \\\n"
            "      --cvr 99999999 --cert afsendersystem.pem --ca ca.pem",
        )
    )(send)
