"""The composition root: settings in, an emulator with its admin API, running until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from adapters.cli import admin_token, logging, runtime
from adapters.cli.admin_side import admin_api, admin_socket, token_of, withdraw
from adapters.cli.exits import Exit, Failure
from adapters.cli.services import Sockets, address, serve_http, start_push
from adapters.cli.where import Served, admin_url, announce, describe, note
from broker.app import App, Security, running
from broker.errors import RegisterError, StoreError
from broker.settings import Settings

if TYPE_CHECKING:
    from adapters.cli.security import Keys


def run(settings: Settings, json: bool) -> None:
    """`serve`, from start to end.  Raises Failure."""
    logging.configure(settings.log_level)
    os.umask(os.umask(0o077) | 0o077)  # messages, passwords and keys are for this user
    gc.disable()  # what a start makes, stays: looking through it again and again only delays it
    asyncio.run(_serve(settings, json))


async def _serve(settings: Settings, json: bool) -> None:
    stop = asyncio.Event()
    with _signals(stop):
        async with serving(settings) as served:
            where = describe(settings, served)
            note(settings, where)
            gc.enable()
            try:
                announce(settings, served, where, json)
                await _until_stopped(stop, served.app)
            finally:
                runtime.remove(settings.data)


async def _until_stopped(stop: asyncio.Event, app: App) -> None:
    """Returns when it is told to stop.  Raises Failure when it cannot go on."""
    stopped = asyncio.ensure_future(stop.wait())
    ends: set[asyncio.Future[Any]] = {stopped, app.lost}
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    if app.lost.done():
        raise Failure(Exit.FAILED, app.lost.result())


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Served]:
    """A running emulator with its admin API, its HTTP services and push.

    Raises Failure where it cannot start, RegisterError.
    """
    async with contextlib.AsyncExitStack() as stack:
        sock = admin_socket(settings)
        if sock is not None:
            stack.callback(sock.close)
        sockets = Sockets(stack, settings)
        token = token_of(settings)
        ready = None
        if sock is not None:
            ready = await stack.enter_async_context(admin_api(settings, sock, token))
        keys = await _keys(settings)
        app = await _start(stack, settings, keys)
        if token is not None:
            admin_token.keep(settings.data, token)  # the directory is ours now
        await serve_http(stack, settings, sockets, app.service, keys)
        await start_push(stack, settings, app.service)
        https, http, ca = address(sockets.https), address(sockets.http), None if keys is None else keys.ca
        if ready is not None:
            admin = await ready
            admin.emulator, admin.https, admin.http, admin.ca = app, https, http, ca
            stack.callback(withdraw, admin)
        yield Served(app, None if sock is None else admin_url(sock), https, http, ca, token is not None)


async def _keys(settings: Settings) -> Keys | None:
    """What TLS and tokens need, where either is asked for."""
    if settings.amqps_port is None and settings.https_port is None and settings.auth != "token":
        return None
    try:
        return await asyncio.to_thread(_prepare, settings)
    except StoreError as error:
        raise Failure(Exit.CANNOT_START, str(error)) from None


def _prepare(settings: Settings) -> Keys:
    from adapters.cli.security import prepare

    return prepare(settings)


async def _start(stack: contextlib.AsyncExitStack, settings: Settings, keys: Keys | None) -> App:
    security = Security() if keys is None else Security(keys.tls, keys.verifier)
    try:
        return await stack.enter_async_context(running(settings, security=security))
    except RegisterError:
        raise
    except StoreError as error:
        raise Failure(Exit.CANNOT_START, str(error)) from None
    except OSError as error:
        raise Failure(Exit.CANNOT_START, _cannot_listen(settings, error)) from None


def _cannot_listen(settings: Settings, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"{settings.data}: the disk is full; make room, or name another directory: --data"
    if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL) or isinstance(error, socket.gaierror):
        ports = [
            f"{settings.host}:{port} ({option})"
            for port, option in ((settings.amqp_port, "--amqp-port"), (settings.amqps_port, "--amqps-port"))
            if port
        ]
        why = {
            errno.EADDRINUSE: "the port is in use; stop what listens there, or choose another (0 = any free port)",
            errno.EACCES: "this user may not listen on that port; choose one above 1023",
            errno.EADDRNOTAVAIL: "this machine has no such address; choose another with --host",
        }.get(error.errno or 0, f"{error.strerror}; choose another address with --host")
        return f"cannot listen for AMQP on {' or '.join(ports) or settings.host}: {why}"
    return f"cannot start: {error.strerror or error}" + (f": {error.filename}" if error.filename else "")


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Any:
    """SIGTERM and Ctrl-C set ``stop``; a second one ends the process at once."""
    loop = asyncio.get_running_loop()
    caught = (signal.SIGTERM, signal.SIGINT)

    def first() -> None:
        stop.set()
        for number in caught:
            loop.remove_signal_handler(number)

    try:
        for number in caught:
            loop.add_signal_handler(number, first)
    except NotImplementedError:  # Windows: Ctrl-C reaches asyncio.run as KeyboardInterrupt, which ends it as well
        yield
        return
    try:
        yield
    finally:
        for number in caught:
            loop.remove_signal_handler(number)
