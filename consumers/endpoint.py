"""Where the Beskedfordeler is, and who calls: one value, and the connection that it gives."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractConnection
from aiormq.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelAccessRefused,
    ChannelInvalidStateError,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    ConnectionNotAllowed,
    ProbableAuthenticationError,
)


class ClientError(Exception):
    """Root of what the clients here raise."""


class NotPermitted(ClientError):
    """The Beskedfordeler says no, and would say it again: wrong password, unknown or foreign dueslag.

    ``str`` is its own text (reply-text of the AMQP close)."""


class ConnectionLost(ClientError):
    """The connection went, or could not be made: worth another try."""


class NoAnswer(ClientError):
    """No StandardRetur in all the tries: whether the message was taken is not known.  Send it again, unchanged."""


_FINAL = (
    AuthenticationError,
    ProbableAuthenticationError,
    ChannelAccessRefused,
    ChannelNotFoundEntity,
    ChannelPreconditionFailed,
    ConnectionNotAllowed,
)
_PASSING = (AMQPError, ChannelInvalidStateError, OSError, EOFError, asyncio.TimeoutError, asyncio.CancelledError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The address of a Beskedfordeler and the login of one anvendersystem (SASL PLAIN).

    ``user`` is the anvendersystem's id or name.  With ``tls`` the connection is AMQPS (port 5671 in production).
    """

    host: str
    port: int
    user: str
    password: str = "lokal"  # noqa: S105 - stands for "any": a local emulator takes every password unless told otherwise
    vhost: str = "BF"
    tls: ssl.SSLContext | None = None
    heartbeat: int = 60

    async def connect(self, name: str = "") -> AbstractConnection:
        """One connection; ``name`` is shown by servers that list connections.

        Raises NotPermitted where the login is refused, else ConnectionLost (aiormq does not tell a refused virtual
        host from a broken handshake).
        """
        async with mapped():
            return await aio_pika.connect(
                host=self.host,
                port=self.port,
                login=self.user,
                password=self.password,
                virtualhost=self.vhost,
                ssl=self.tls is not None,
                ssl_context=self.tls,
                timeout=10,
                client_properties={"connection_name": name or self.user},
                heartbeat=str(self.heartbeat),
            )


@asynccontextmanager
async def mapped() -> AsyncIterator[None]:
    """AMQP's exceptions as ours: NotPermitted where another try is of no use, else ConnectionLost."""
    try:
        yield
    except _FINAL as error:
        raise NotPermitted(_text(error)) from error
    except _PASSING as error:
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            raise  # it is we who are to stop; otherwise aiormq cancelled its own futures as the connection went
        raise ConnectionLost(_text(error)) from error


async def close_quietly(connection: AbstractConnection) -> None:
    """Close without caring whether the other end still answers."""
    try:
        async with asyncio.timeout(2.0):
            await connection.close()
    except (*_PASSING, RuntimeError):
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise


def pauses(first: float = 0.05, longest: float = 1.0) -> Callable[[], float]:
    """Seconds to wait before the next try: doubled each time, up to ``longest``."""
    pause = first / 2

    def following() -> float:
        nonlocal pause
        pause = min(pause * 2, longest)
        return pause

    return following


def _text(error: BaseException) -> str:
    return str(error) or type(error).__name__
