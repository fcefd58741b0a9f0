"""The admin API as part of a start: it answers "starting" before anything else is there, and "stopping" at the end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from adapters.cli import admin_token
from adapters.cli.exits import Exit, Failure
from adapters.http.listener import bind
from broker.errors import StoreError
from broker.settings import Settings

if TYPE_CHECKING:
    from adapters.rest.context import Admin


def admin_socket(settings: Settings) -> socket.socket | None:
    """On loopback whatever --host says, unless --admin-host says otherwise: then a token is asked for."""
    if settings.admin_port is None:
        return None
    return bind(admin_token.host(settings), settings.admin_port)


@asynccontextmanager
async def admin_api(settings: Settings, sock: socket.socket, token: str | None) -> AsyncIterator[asyncio.Future[Admin]]:
    """Serve the API within the block; it answers "starting" until it is given the emulator.

    FastAPI is imported in a thread: half of it goes on while the store opens its files.
    """
    up: asyncio.Future[Admin] = asyncio.get_running_loop().create_future()
    down = asyncio.Event()
    task = asyncio.create_task(_serve_api(settings, sock, token, up, down), name="admin")
    try:
        yield up
    finally:
        down.set()
        await task


async def _serve_api(
    settings: Settings, sock: socket.socket, token: str | None, up: asyncio.Future[Admin], down: asyncio.Event
) -> None:
    try:
        admin, app = await asyncio.to_thread(_load_api, settings, sock.getsockname()[0], token)
        from adapters.http.server import serving as serving_http

        async with serving_http(app, sock):
            up.set_result(admin)
            await down.wait()
    except Exception as error:
        if up.done():
            raise
        up.set_exception(error)


def _load_api(settings: Settings, bound: str, token: str | None) -> tuple[Admin, Any]:
    import adapters.http.server  # noqa: F401  - uvicorn, imported here rather than on the loop
    from adapters.rest.app import create_app
    from adapters.rest.context import Admin

    admin = Admin(settings)
    return admin, create_app(admin, bound, token)


def withdraw(admin: Admin) -> None:
    admin.emulator, admin.reason = None, "stopping"


def token_of(settings: Settings) -> str | None:
    """What callers of the admin API must show, or None."""
    try:
        return admin_token.wanted(settings)
    except StoreError as error:
        raise Failure(Exit.CANNOT_START, str(error)) from None
