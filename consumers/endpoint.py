"""Where the Beskedfordeler is, and who calls: one value, and the connection that it gives."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aio_pika import Connection
from aio_pika.abc import AbstractConnection
from aio_pika.connection import make_url
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
from pamqp.common import FieldTable

from consumers.errors import ConnectionLost, NotOffered, NotPermitted
from consumers.external import TokenConnection
from consumers.tls import distrust
from consumers.token import MODTAG, TokenSource

_TIMEOUT = 10.0

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
    """The address of a Beskedfordeler and the login of one anvendersystem.

    ``user`` is the anvendersystem's id or name.  With ``tls`` the connection is AMQPS (port 5671 in production).
    With ``tokens`` the login is SASL EXTERNAL by a token, as the real Beskedfordeler wants it, and ``password`` is
    not used; without, it is SASL PLAIN.
    """

    host: str
    port: int
    user: str
    password: str = "lokal"  # noqa: S105 - stands for "any": a local emulator takes every password unless told otherwise
    vhost: str = "BF"
    tls: ssl.SSLContext | None = None
    heartbeat: int = 60
    tokens: TokenSource | None = None

    async def connect(self, name: str = "", *, audience: str = MODTAG) -> AbstractConnection:
        """One connection; ``name`` is shown by servers that list connections, ``audience`` is what a token is for.

        Raises NotPermitted where the login is refused, else ConnectionLost (aiormq does not tell a refused virtual
        host from a broken handshake); NoToken and StsUnreachable are among these.
        """
        if self.tokens is None:
            return await self._logged_in(name, None)
        token = await self.tokens.token(audience)
        try:
            return await self._logged_in(name, token)
        except NotPermitted as refused:
            if not isinstance(refused.__cause__, ProbableAuthenticationError):
                raise
            another = await self.tokens.renew(audience, token)  # a kept one may hold no longer: clocks, a new STS
            if another == token:
                raise
        return await self._logged_in(name, another)

    @asynccontextmanager
    async def opening(self, audience: str) -> AsyncIterator[AbstractConnection]:
        """A connection to open channels on, closed again where the block fails; AMQP's exceptions as ours."""
        connection = await self.connect(audience=audience)
        try:
            async with mapped():
                yield connection
        except BaseException:
            await close_quietly(connection)
            raise

    async def _logged_in(self, name: str, token: str | None) -> AbstractConnection:
        async with mapped():
            connection = self._connection(name or self.user, token)
            try:
                await connection.connect(timeout=_TIMEOUT)
            except BaseException as error:
                await close_quietly(connection)  # else aio-pika does when it is collected, maybe without a loop
                if isinstance(error, AuthenticationError):
                    raise NotOffered(_not_offered(str(error.args[0]), token is not None)) from error
                raise
            return connection

    def _connection(self, name: str, token: str | None) -> Connection:
        url = make_url(
            host=self.host,
            port=self.port,
            login=self.user,
            password=self.password,
            virtualhost=self.vhost,
            ssl=self.tls is not None,
            heartbeat=str(self.heartbeat),
        )
        properties: FieldTable = {"connection_name": name}
        if token is None:
            return Connection(url, ssl_context=self.tls, client_properties=properties)
        return TokenConnection(url, token, ssl_context=self.tls, client_properties=properties)


def _not_offered(offered: str, has_token: bool) -> str:
    offer = ", ".join(offered.split()) or "no way at all"
    if has_token:
        todo = "a token goes over TLS: use the AMQPS port, or log in with a password"
    else:
        todo = "a password will not do: log in with a token of its STS"
    return f"the Beskedfordeler offers {offer} to log in by here; {todo}"


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
        if distrusted := distrust(error):
            raise NotPermitted(f"no TLS connection: {distrusted}") from error
        raise ConnectionLost(_text(error)) from error
    except Exception as error:
        if type(error) is not Exception:
            raise
        raise ConnectionLost("the connection was closed") from error  # aiormq rejects its futures so, without a reason


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
