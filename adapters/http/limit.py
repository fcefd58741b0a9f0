"""A bound on what a request may carry, and on how long it may take to arrive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MIB = 1024 * 1024
BODY_TIMEOUT = 30.0
"""Seconds for the whole body to arrive."""
_DRAINED = 16
"""Times the limit that is read and thrown away, so that an honest client gets to read why it is refused."""

Refuse = Callable[[Send, int, str, str], Awaitable[None]]
"""Writes a whole answer: HTTP status, one sentence, and a word for the case."""


class BodyLimit:
    """ASGI middleware: reads the body before the application is called; 413 where it is larger, 408 where too slow.

    ``refuse`` writes those two; as JSON unless told otherwise.
    """

    def __init__(
        self, app: ASGIApp, limit: int = MIB, timeout: float = BODY_TIMEOUT, refuse: Refuse | None = None
    ) -> None:
        self._app = app
        self._limit = limit
        self._timeout = timeout
        self._refuse = refuse or _refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._timeout):
                body = await self._read(receive)
        except TimeoutError:
            text = f"the body of the request did not arrive within {self._timeout:g} seconds"
            await self._refuse(send, 408, text, "too_slow")
            return
        except _Gone:
            return
        if body is None:
            text = f"the body of the request is larger than {self._limit} bytes"
            await self._refuse(send, 413, text, "too_large")
            return
        replay, body = _Replay(body, receive), None
        await self._app(scope, replay, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The body, or None where it is too large.  Raises _Gone where the client is."""
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise _Gone
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._limit:
                chunks.clear()
            else:
                chunks.append(chunk)
            if not message.get("more_body", False) or size > self._limit * _DRAINED:
                return None if size > self._limit else b"".join(chunks)


class _Gone(Exception):
    """The client left before it had sent all."""


class _Replay:
    """`Receive` over a body that is here already."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}


async def _refuse(send: Send, status: int, text: str, kode: str) -> None:
    body = json.dumps({"message": text, "kode": kode}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
