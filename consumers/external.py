"""aio-pika with a SASL EXTERNAL response: the login by token.

aio-pika and aiormq know EXTERNAL with an empty response only (the certificate says it all); the Beskedfordeler takes
the token there.  Nothing of theirs is changed: the classes here stand beside them, and each connection holds its own
token.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, cast

import aiormq
from aio_pika import Connection
from aio_pika.abc import TimeoutType, UnderlayConnection
from aiormq.auth import AuthMechanism
from aiormq.exceptions import AuthenticationError
from yarl import URL

EXTERNAL = "EXTERNAL"


class TokenConnection(Connection):
    """An aio-pika connection that logs in with ``token`` (a decoded assertion); else as its parent."""

    def __init__(self, url: URL, token: str, **kwargs: Any) -> None:
        super().__init__(url, **kwargs)
        self._token = token

    async def connect(self, timeout: TimeoutType = None) -> None:  # noqa: ASYNC109 - the parent's signature
        self.transport = await _Underlay.connect(
            self.url, self._on_connection_close, timeout=timeout, token=self._token, **self.kwargs
        )
        await self._on_connected()


class _Underlay(UnderlayConnection):
    @classmethod
    async def make_connection(
        cls,
        url: URL,
        timeout: TimeoutType = None,  # noqa: ASYNC109 - the parent's signature
        **kwargs: Any,
    ) -> aiormq.abc.AbstractConnection:
        connection = _LoginByToken(url, **kwargs)
        async with asyncio.timeout(timeout):
            await connection.connect()
            await connection.ready()
        return connection


class _LoginByToken(aiormq.Connection):
    def __init__(self, url: URL, *, token: str, **kwargs: Any) -> None:
        super().__init__(url, **kwargs)
        self._token = token

    def _credentials_class(self, start_frame: aiormq.spec.Connection.Start) -> AuthMechanism:
        """What `connect` asks for mechanism and response: ``name``, and ``value(self).marshal()``."""
        if EXTERNAL not in start_frame.mechanisms.split():
            raise AuthenticationError(start_frame.mechanisms, [EXTERNAL])
        return cast(AuthMechanism, _Credentials(self._token))


@dataclass(frozen=True, slots=True)
class _Credentials:
    """Stands in for a member of `AuthMechanism`, which can have no more of them."""

    token: str
    name: str = EXTERNAL

    def value(self, _connection: object) -> _Credentials:
        return self

    def marshal(self) -> str:
        return self.token
