"""The HTTP services beside AMQP: the STS and VærdilisteRediger, over TLS or not, and push."""

from __future__ import annotations

import contextlib
import socket
import ssl
from typing import TYPE_CHECKING

from adapters.cli.exits import Exit, Failure
from adapters.http.listener import bind
from broker.errors import StoreError
from broker.service import Beskedfordeler
from broker.settings import Settings

if TYPE_CHECKING:
    from adapters.cli.security import Keys

Address = tuple[str, int]


class Sockets:
    """Taken before anything else starts: a port in use is known at once.  Raises Failure."""

    def __init__(self, stack: contextlib.ExitStack | contextlib.AsyncExitStack, settings: Settings) -> None:
        self.https = _bound(stack, settings.host, settings.https_port, "HTTPS", "--https-port")
        self.http = _bound(stack, settings.host, settings.http_port, "HTTP", "--http-port")


def _bound(
    stack: contextlib.ExitStack | contextlib.AsyncExitStack, host: str, port: int | None, what: str, option: str
) -> socket.socket | None:
    if port is None:
        return None
    try:
        sock = bind(host, port, what, option)
    except StoreError as error:
        raise Failure(Exit.CANNOT_START, str(error)) from None
    stack.callback(sock.close)
    return sock


def address(sock: socket.socket | None) -> Address | None:
    """Where it listens."""
    return None if sock is None else sock.getsockname()[:2]


async def serve_http(
    stack: contextlib.AsyncExitStack, settings: Settings, sockets: Sockets, service: Beskedfordeler, keys: Keys | None
) -> None:
    """Have the services answer until the stack is left."""
    if sockets.https is None and sockets.http is None:
        return
    from adapters.http.paths import Paths
    from adapters.http.server import serving
    from adapters.soap.app import create_soap
    from adapters.soap.wsdl import PATH

    soap = create_soap(lambda: service, None if keys is None else keys.verifier, settings.auth)
    if sockets.http is not None:
        await stack.enter_async_context(serving(soap, sockets.http))
    if sockets.https is not None and keys is not None:
        both = Paths({PATH: soap}, otherwise=keys.sts(lambda: service))
        await stack.enter_async_context(serving(both, sockets.https, keys.tls))


async def start_push(stack: contextlib.AsyncExitStack, settings: Settings, service: Beskedfordeler) -> None:
    """Push to the dueslag that have a callback, until the stack is left.  Raises Failure."""
    from adapters.push.outlets import PushOutlets

    def tls() -> ssl.SSLContext:
        from adapters.cli.security import push_context

        return push_context(settings)

    outlets = PushOutlets(service, settings, tls)
    stack.push_async_callback(outlets.close)
    try:
        await outlets.start()
    except StoreError as error:
        raise Failure(Exit.CANNOT_START, str(error)) from None
