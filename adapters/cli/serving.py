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
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.cli import logging, runtime
from adapters.cli.exits import Exit, Failure
from adapters.cli.output import print_json, say
from adapters.http.listener import bind
from broker.app import App, Security, running
from broker.errors import RegisterError, StoreError
from broker.settings import Settings

if TYPE_CHECKING:
    from adapters.cli.security import Keys
    from adapters.rest.context import Admin

_LOGIN = {
    "plain": "PLAIN with the adgangskode that the register has for the anvendersystem",
    "token": "EXTERNAL with a token of the STS, which every message carries in its header, too (--auth=token)",
}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Served:
    """An emulator that is ready, and where its admin API is (None = it has none)."""

    app: App
    admin_url: str | None
    https: tuple[str, int] | None
    ca: Path | None
    """The CA bundle that clients are to trust."""


def run(settings: Settings, json: bool) -> None:
    """`serve`, from start to end.  Raises Failure."""
    logging.configure(settings.log_level)
    gc.disable()  # what a start makes, stays: looking through it again and again only delays it
    asyncio.run(_serve(settings, json))


async def _serve(settings: Settings, json: bool) -> None:
    stop = asyncio.Event()
    with _signals(stop):
        async with serving(settings) as served:
            where = describe(settings, served)
            _note(settings, where)
            gc.enable()
            try:
                _announce(settings, served, where, json)
                await stop.wait()
            finally:
                runtime.remove(settings.data)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Served]:
    """A running emulator with its admin API and STS.  Raises Failure where it cannot start, RegisterError."""
    async with contextlib.AsyncExitStack() as stack:
        admin_socket = _admin_socket(settings)
        if admin_socket is not None:
            stack.callback(admin_socket.close)
        https_socket = None if settings.https_port is None else _https_socket(settings.host, settings.https_port)
        if https_socket is not None:
            stack.callback(https_socket.close)
        ready = await stack.enter_async_context(_admin_api(settings, admin_socket)) if admin_socket else None
        keys = await _keys(settings)
        app = await _start(stack, settings, keys)
        if https_socket is not None and keys is not None:
            from adapters.http.server import serving as serving_http

            sts = keys.sts(lambda: app.service)
            await stack.enter_async_context(serving_http(sts, https_socket, keys.tls))
        https = None if https_socket is None else https_socket.getsockname()[:2]
        ca = None if keys is None else keys.ca
        if ready is not None:
            admin = await ready
            admin.emulator, admin.https, admin.ca = app, https, ca
            stack.callback(_withdraw, admin)
        yield Served(app, None if admin_socket is None else _url(admin_socket), https, ca)


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


def _https_socket(host: str, port: int) -> socket.socket:
    try:
        return bind(host, port)
    except StoreError as error:
        raise Failure(Exit.CANNOT_START, str(error)) from None


def _admin_socket(settings: Settings) -> socket.socket | None:
    """On loopback whatever --host says: the API has no password."""
    if settings.admin_port is None:
        return None
    host = settings.host if settings.host in _LOOPBACK[::2] else _LOOPBACK[0]
    return bind(host, settings.admin_port)


@asynccontextmanager
async def _admin_api(settings: Settings, sock: socket.socket) -> AsyncIterator[asyncio.Future[Admin]]:
    """Serve the API within the block; it answers "starting" until it is given the emulator.

    FastAPI is imported in a thread: half of it goes on while the store opens its files.
    """
    up: asyncio.Future[Admin] = asyncio.get_running_loop().create_future()
    down = asyncio.Event()
    task = asyncio.create_task(_serve_api(settings, sock, up, down), name="admin")
    try:
        yield up
    finally:
        down.set()
        await task


async def _serve_api(settings: Settings, sock: socket.socket, up: asyncio.Future[Admin], down: asyncio.Event) -> None:
    try:
        admin, app = await asyncio.to_thread(_load_api, settings, sock.getsockname()[0])
        from adapters.http.server import serving as serving_http

        async with serving_http(app, sock):
            up.set_result(admin)
            await down.wait()
    except Exception as error:
        if up.done():
            raise
        up.set_exception(error)


def _load_api(settings: Settings, bound: str) -> tuple[Admin, Any]:
    import adapters.http.server  # noqa: F401  - uvicorn, imported here rather than on the loop
    from adapters.rest.app import create_app
    from adapters.rest.context import Admin

    admin = Admin(settings)
    return admin, create_app(admin, bound)


def _withdraw(admin: Admin) -> None:
    admin.emulator, admin.reason = None, "stopping"


def _url(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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


def describe(settings: Settings, served: Served) -> dict[str, Any]:
    """Where the emulator is, as --json prints it and serve.json holds it."""
    app = served.app
    admin = None
    if served.admin_url is not None:
        host, _, port = served.admin_url.removeprefix("http://").rpartition(":")
        admin = {"url": served.admin_url, "host": host.strip("[]"), "port": int(port)}
    return {
        "amqp": _address(app.amqp),
        "amqps": _address(app.amqps),
        "https": _address(served.https),
        "admin": admin,
        "auth": settings.auth,
        "ca": str(served.ca.absolute()) if served.ca is not None else None,
        "data": str(settings.data.absolute()),
        "durability": settings.durability,
        "pid": os.getpid(),
    }


def _address(address: tuple[str, int] | None) -> dict[str, Any] | None:
    return {"host": address[0], "port": address[1]} if address is not None else None


def _note(settings: Settings, where: dict[str, Any]) -> None:
    try:
        runtime.write(settings.data, where)
    except OSError as error:
        raise Failure(Exit.CANNOT_START, f"{settings.data}: cannot be written to ({error.strerror})") from None


def _announce(settings: Settings, served: Served, where: dict[str, Any], json: bool) -> None:
    if json:
        print_json(where)
        return
    content = served.app.service.content
    tell = [("Ready", "")]
    for name, scheme, address in (("AMQP", "amqp", served.app.amqp), ("AMQPS", "amqps", served.app.amqps)):
        if address is not None:
            tell.append((name, f"{scheme}://{address[0]}:{address[1]}, virtual host BF"))
    if served.https is not None:
        tell.append(("STS", f"https://{served.https[0]}:{served.https[1]}/runtime/api/rest/wstrust/v1/issue"))
    if served.ca is not None:
        tell.append(("Trust", f"{served.ca} (what clients are to trust; beskedfordeler certs export --format ca)"))
    if settings.auth != "open":
        tell.append(("Login", _LOGIN[settings.auth]))
    if served.admin_url is not None:
        tell.append(("Admin", f"{served.admin_url} (what it answers: {served.admin_url}/openapi.json)"))
    tell.append(("Data", f"{where['data']} (durability {settings.durability})"))
    source = f"{settings.register_file}" if settings.register_file is not None else "as it stands in the data directory"
    tell.append(
        (
            "Register",
            f"{source}: {len(content.anvendersystemer)} anvendersystemer, {len(content.dueslag)} dueslag, "
            f"{len(content.abonnementer)} abonnementer",
        )
    )
    example = next(iter(sorted(dueslag.navn for dueslag in content.dueslag.values())), "DUESLAG")
    tell.append(("Send", "beskedfordeler send besked.xml"))
    tell.append(("Fetch", f"beskedfordeler hent {example if ' ' not in example else repr(example)}"))
    tell.append(("Stop", "Ctrl-C"))
    for name, text in tell:
        say(f"{name:<9} {text}".rstrip())
    import sys

    sys.stdout.flush()
