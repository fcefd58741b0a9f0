"""An ASGI application on a socket, plain or over TLS, inside the loop that runs the emulator.

uvicorn's own `serve` is not used: it takes over the signals, and it ticks ten times a second, which an idle
emulator should not pay for.  Its `startup` and `shutdown` around a socket of ours are all that is needed.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from adapters.http.connection import Connection
from broker.tls import behind_tls

_GRACE = 2
"""Seconds that open requests get to finish when the emulator stops."""
_HANDSHAKE_TIMEOUT = 10.0
"""Seconds that a TLS handshake may take."""
_KEEP_ALIVE = 5
"""Seconds that a connection may be silent between two requests."""


@asynccontextmanager
async def serving(app: ASGIApp, sock: socket.socket, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
    """Answer requests on ``sock`` within the block; closes it after.

    With ``tls`` each request's scope tells of its connection as the ASGI TLS extension says
    (`adapters.http.tls.client_certificate` reads it).
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        ws="none",
        http=Connection,
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )
    config.load()
    if tls is not None:
        _behind_tls(config, tls)
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[sock])
    try:
        yield
    finally:
        await server.shutdown(sockets=[sock])


def _behind_tls(config: uvicorn.Config, tls: ssl.SSLContext) -> None:
    """TLS with a context of ours, and a word in the log when a handshake fails: uvicorn has neither."""
    plain = cast("Callable[..., asyncio.BaseProtocol]", config.http_protocol_class)

    def secured(**arguments: Any) -> asyncio.Protocol:
        return behind_tls(lambda: plain(**arguments), tls, _HANDSHAKE_TIMEOUT)()

    config.http_protocol_class = secured  # type: ignore[assignment]  # uvicorn calls it, whatever it is
