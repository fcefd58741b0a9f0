"""What is left of a connection that could not be made."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from aio_pika import Connection

from consumers.client import ConnectionLost, Endpoint, GivenToken
from consumers.endpoint import mapped
from consumers.external import TokenConnection


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """The connections that were tried."""
    made: list[Connection] = []

    class Kept(Connection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            made.append(self)

    class TokenKept(TokenConnection):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            made.append(self)

    monkeypatch.setattr("consumers.endpoint.Connection", Kept)
    monkeypatch.setattr("consumers.endpoint.TokenConnection", TokenKept)
    return made


@pytest.mark.parametrize("tokens", [None, GivenToken("<saml:Assertion/>")])
async def test_nothing_is_left_of_a_failed_try(made: list[Connection], tokens: GivenToken | None) -> None:
    """It is closed at once, and not some time later when its object is collected, perhaps after its loop has ended."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectionLost):
            await Endpoint("127.0.0.1", nobody.getsockname()[1], "S", tokens=tokens).connect()
    assert [connection.is_closed for connection in made] == [True]


async def test_nothing_is_left_of_a_try_that_is_given_up(made: list[Connection]) -> None:
    """Cancelled while the other end is silent."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.setblocking(False)
        trying = asyncio.create_task(Endpoint("127.0.0.1", silent.getsockname()[1], "S").connect())
        accepted, _ = await asyncio.get_running_loop().sock_accept(silent)
        with accepted:
            trying.cancel()
            with pytest.raises(asyncio.CancelledError):
                await trying
    assert [connection.is_closed for connection in made] == [True]


async def test_a_reason_that_aiormq_does_not_give_is_a_lost_connection() -> None:
    """A confirm under way as the connection goes may end in a bare Exception: the message is sent again."""
    with pytest.raises(ConnectionLost, match="the connection was closed"):
        async with mapped():
            raise Exception


async def test_a_fault_of_the_caller_is_not_taken_for_a_lost_connection() -> None:
    """Only the bare class is aiormq's way of saying so."""
    with pytest.raises(KeyError):
        async with mapped():
            raise KeyError("mine")
