"""A listener of ours on a free port, plain or over TLS, and an application that tells what it was asked."""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.http.listener import bind
from adapters.http.server import serving
from adapters.http.tls import client_certificate


class Echo:
    """Answers 200 with the length of the body and the facts of TLS, as JSON."""

    def __init__(self) -> None:
        self.called = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.called += 1
        size, more = 0, True
        while more:
            message = await receive()
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        certificate = client_certificate(scope)
        content: dict[str, Any] = {
            "size": size,
            "scheme": scope["scheme"],
            "tls": scope.get("extensions", {}).get("tls"),
            "certificate": certificate.hex() if certificate is not None else None,
        }
        body = json.dumps(content).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def listening(app: ASGIApp, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The port within the block."""
    sock = bind("127.0.0.1", 0)
    port: int = sock.getsockname()[1]
    async with serving(app, sock, tls):
        yield port
