"""Wiring: settings in, a running Beskedfordeler out; nothing is half-started."""

from __future__ import annotations

import asyncio
import gc
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from broker.amqp.server import AmqpServer
from broker.amqp.settings import AmqpSettings
from broker.clock import Clock, SystemClock
from broker.core.filter import parse_filter
from broker.errors import StoreError
from broker.following import Following
from broker.kuvert import Limits
from broker.meters import Meters
from broker.ports import RegisterContent
from broker.register import Mode, prepare
from broker.service import Beskedfordeler
from broker.settings import Settings
from broker.sharing import AnnouncingRegister
from broker.storage import check_storage, make_engine, make_register, make_trace
from broker.tokens import TokenVerifier

_log = structlog.get_logger(__name__)

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class App:
    """A running Beskedfordeler and where it listens (None = not on that protocol)."""

    service: Beskedfordeler
    server: AmqpServer
    amqp: Address | None
    amqps: Address | None
    lost: asyncio.Future[str]
    """Done when it can never store anything again: why.  It is to be stopped then."""


@dataclass(frozen=True, slots=True)
class Security:
    """What needs keys and certificates, made by who has them: the TLS context, and the judge of tokens."""

    tls: ssl.SSLContext | None = None
    verifier: TokenVerifier | None = None


class _Wire:
    """What the engine says, passed to those who are made after it."""

    service: Beskedfordeler | None = None
    server: AmqpServer | None = None

    def __init__(self) -> None:
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def tell_lost(self, why: str) -> None:
        _log.error("nothing can be stored any more", reason=why)
        if not self.lost.done():
            self.lost.set_result(why)

    def died(self, what: str, leverance_id: int, dueslag: str, besked_id: str, reason: str) -> None:
        if self.service is not None:
            self.service.died(what, leverance_id, dueslag, besked_id, reason)

    def blocked(self, reason: str | None) -> None:
        if reason is None:
            _log.info("senders go on: messages can be stored again")
        else:
            _log.error("senders are blocked", reason=reason)
        if self.server is not None:
            if reason is None:
                self.server.unblock()
            else:
                self.server.block(reason)


@asynccontextmanager
async def running(
    settings: Settings, clock: Clock | None = None, security: Security = Security()
) -> AsyncIterator[App]:
    """Start everything, and stop it in reverse when the block is left.

    AMQPS is listened for where ``security`` has a TLS context.  Raises RegisterError (the register file),
    StoreError (the data directory, RabbitMQ, PostgreSQL), OSError (a port in use).
    """
    clock = clock or SystemClock()
    from_file = _register_file(settings)
    check_storage(settings)
    _data_directory(settings.data)
    wire = _Wire()
    async with AsyncExitStack() as stack:
        meters = Meters()
        engine = make_engine(settings, clock, meters, wire.died, wire.blocked, wire.tell_lost)
        await engine.open()  # first: it holds the lock on the data directory
        stack.push_async_callback(engine.close)
        register = make_register(settings)
        await register.open()
        stack.push_async_callback(register.close)
        mode = Mode.RESET if settings.register_reset else Mode.MERGE
        prepared = await prepare(register, from_file, mode, parse_filter)
        for note in prepared.notes:
            _log.warning("register file not taken in full", note=note)

        trace = make_trace(settings)
        await trace.open()
        stack.push_async_callback(trace.close)

        limits = Limits(_max_body(settings))
        service = Beskedfordeler(
            register, prepared.content, engine, trace, clock, limits, settings.auth, security.verifier, meters
        )
        stack.push_async_callback(service.distributor.close)
        if isinstance(register, AnnouncingRegister):
            following = Following(register, service.registrar)
            following.start()
            stack.push_async_callback(following.close)
        else:
            await service.registrar.mend()  # what a front that died still owed; a follower does it, too
        server = AmqpServer(service, AmqpSettings(heartbeat=settings.heartbeat, max_body=_max_body(settings)))
        stack.push_async_callback(server.close)
        wire.service, wire.server = service, server
        if engine.blocked is not None:
            server.block(engine.blocked)
        amqp = await _listen(server, settings.host, settings.amqp_port, None)
        amqps = None
        if security.tls is not None:
            amqps = await _listen(server, settings.host, settings.amqps_port, security.tls)
        _settle_memory()
        yield App(service, server, amqp, amqps, wire.lost)


def _max_body(settings: Settings) -> int:
    """A message that can never be stored must be refused, not waited with: half of a bounded store at the most."""
    return settings.max_body if settings.max_store is None else min(settings.max_body, settings.max_store // 2)


async def _listen(server: AmqpServer, host: str, port: int | None, tls: ssl.SSLContext | None) -> Address | None:
    if port is None:
        return None
    return (await server.start(host, port, ssl=tls))[0]


def _register_file(settings: Settings) -> RegisterContent | None:
    if settings.register_file is None:
        return None
    from broker.register.file import load_file  # the YAML reader is not needed for every start

    return load_file(settings.register_file, parse_filter)


def _data_directory(path: Path) -> None:
    """Make the data directory; raises StoreError where that fails or it cannot be written to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{path}: the data directory cannot be made ({error.strerror}); name another: --data"
        ) from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise StoreError(f"{path}: the data directory is not writable by this user; name another: --data")


def _settle_memory() -> None:
    """What start-up made stays: keep it out of the collector's rounds, and make those rarer."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
