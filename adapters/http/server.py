"""An ASGI application on a socket, inside the loop that runs the emulator.

uvicorn's own `serve` is not used: it takes over the signals, and it ticks ten times a second, which an idle
emulator should not pay for.  Its `startup` and `shutdown` around a socket of ours are all that is needed.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp

_GRACE = 2
"""Seconds that open requests get to finish when the emulator stops."""


@asynccontextmanager
async def serving(app: ASGIApp, sock: socket.socket) -> AsyncIterator[None]:
    """Answer requests on ``sock`` within the block; closes it after."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        ws="none",
        http="h11",
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[sock])
    try:
        yield
    finally:
        await server.shutdown(sockets=[sock])
