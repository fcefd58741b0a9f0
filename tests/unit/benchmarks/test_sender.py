"""The sender of the benchmark as it logs in with a token: what its figures rest on must not rot unseen."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import cast

import pytest
import trustme

from benchmarks.payload import sample
from benchmarks.rawclient import Address, Connection, WireError
from benchmarks.sender import Sent, send
from benchmarks.tokens import send_plan
from broker.amqp import AmqpServer
from broker.ports import Front
from tests.wire.fake_front import FakeFront, refuse

TOKEN = "<saml:Assertion>" + "æ" * 3_000 + "</saml:Assertion>"


def front() -> FakeFront:
    return FakeFront(offers=("EXTERNAL",), deliver_to=None)


async def send_to(front: FakeFront, headers: dict[str, str], folder: Path, *, tls: bool = False) -> Sent:
    """200 messages from the benchmark's sender to a server with this front."""
    server = AmqpServer(cast(Front, front))
    context, ca = (None, "") if not tls else secured(folder)
    [(_, port)] = await server.start("127.0.0.1", 0, ssl=context)
    try:
        plan = send_plan(Address(port, "BF", token=TOKEN, ca=ca), sample(), headers, count=200)
        return await asyncio.to_thread(send, plan)
    finally:
        await server.close(0.5)


def secured(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server's TLS, and the file of the CA that it is checked against."""
    ca = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    path = folder / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return context, str(path)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_every_message_carries_the_token_that_was_logged_in_with(tls: bool, tmp_path: Path) -> None:
    """EXTERNAL with a token of more than 4,096 octets, then 200 messages with it in the header, confirmed, in order."""
    witness = front()
    sent = await send_to(witness, {"token": TOKEN}, tmp_path, tls=tls)
    assert (sent.sent, sent.confirmed, sent.nacked) == (200, 200, 0)
    assert [(login.mechanism, login.peer.tls) for login in witness.logins] == [("EXTERNAL", tls)]
    assert {publication.token for publication in witness.submitted} == {TOKEN.encode()}
    assert len({publication.message_id for publication in witness.submitted}) == 200


async def test_a_message_without_headers_carries_none(tmp_path: Path) -> None:
    """The run that the others are compared with sends no headers table at all."""
    witness = front()
    await send_to(witness, {}, tmp_path)
    assert {publication.token for publication in witness.submitted} == {None}


async def test_refused_messages_are_counted(tmp_path: Path) -> None:
    """A token that is refused must not pass for a fast one: every refusal comes back as a nack."""
    witness = front()
    witness.verdicts = lambda publication: refuse(publication._replace(body=b"afvis"))
    sent = await send_to(witness, {"token": TOKEN}, tmp_path)
    assert (sent.confirmed, sent.nacked) == (200, 200)


async def test_a_server_that_the_ca_does_not_know_is_not_spoken_to(tmp_path: Path) -> None:
    """TLS is verified: another CA's certificate ends the connection before the token is shown."""
    witness = front()
    server = AmqpServer(cast(Front, witness))
    context, _ = secured(tmp_path)
    [(_, port)] = await server.start("127.0.0.1", 0, ssl=context)
    _, other = secured(tmp_path)
    try:
        with pytest.raises((ssl.SSLCertVerificationError, WireError)):
            await asyncio.to_thread(Connection, Address(port, "BF", token=TOKEN, ca=other))
    finally:
        await server.close(0.5)
    assert witness.logins == []
