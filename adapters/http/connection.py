"""One HTTP connection: uvicorn's, with what TLS knows of the client, and with an end to waiting for a request."""

from __future__ import annotations

import asyncio
import ssl

import h11
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from adapters.http.tls import facts

HEAD_TIMEOUT = 30.0
"""Seconds from the first octet of a request (or from the connection) until its headers are complete.

uvicorn itself waits for them for ever.  A body has `adapters.http.limit.BODY_TIMEOUT`.
"""


class Connection(H11Protocol):
    """Cuts off who never gets to the end of a request's headers; puts the facts of TLS into the scope."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as H11Protocol
        super().connection_made(transport)
        secured = transport.get_extra_info("ssl_object")
        if secured is not None:
            self.app = _OverTls(self.app, secured)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._forget()
        elif self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_TIMEOUT, self.transport.close)

    def _forget(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


class _OverTls:
    """The application, told of the TLS connection that a request came by."""

    def __init__(self, app: ASGIApp, secured: ssl.SSLObject) -> None:
        self._app = app
        self._facts = facts(secured)  # once per connection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})["tls"] = self._facts
        await self._app(scope, receive, send)
