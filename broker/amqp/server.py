"""The AMQP server: listeners, one flush per turn of the loop, and what the caretaker may see and do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

from broker.amqp.connection import State
from broker.amqp.errors import ConnectionForced
from broker.amqp.hub import Hub
from broker.amqp.session import Session
from broker.amqp.settings import AmqpSettings
from broker.amqp.transport import SocketLink
from broker.ports import Front, Peer
from broker.tls import behind_tls

BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class ConnectionInfo:
    """One connection, for status."""

    name: str
    """``host:port`` of the peer; `AmqpServer.force_close` takes it."""
    system: str | None
    """Id of the anvendersystem; None before login."""
    user: str
    client: str
    mechanism: str | None
    tls: bool
    state: str
    channels: int
    consumers: int
    unacked: int
    unanswered: int
    blocked: bool


class AmqpServer:
    """Serves a `Front` over AMQP 0-9-1; any number of listeners, plain or TLS."""

    def __init__(self, front: Front, settings: AmqpSettings | None = None) -> None:
        self._hub = Hub(front, settings or AmqpSettings(), wake=self._wake, spawn=self._spawn)
        self._listeners: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._dirty: list[Session] = []
        self._flush_due = False
        self._loop: asyncio.AbstractEventLoop

    def __repr__(self) -> str:
        return f"AmqpServer(listeners={len(self._listeners)}, connections={len(self._hub.sessions)})"

    async def start(
        self, host: str = "127.0.0.1", port: int = 5672, *, ssl: SSLContext | None = None
    ) -> list[tuple[str, int]]:
        """Listen, too, on this address (port 0 = any free port); the addresses bound.

        Raises OSError where the port is in use.
        """
        self._loop = asyncio.get_running_loop()

        def link() -> SocketLink:
            return SocketLink(self._hub, self._loop)

        def refused(peer: tuple[str, int], reason: str) -> None:
            self._hub.front.denied(Peer(*peer, tls=True), f"TLS: {reason}")

        factory = link if ssl is None else behind_tls(link, ssl, self._hub.settings.handshake_timeout, refused)
        listener = await self._loop.create_server(factory, host, port, backlog=BACKLOG)
        self._listeners.append(listener)
        return [(str(name[0]), int(name[1])) for name in (bound.getsockname() for bound in listener.sockets)]

    async def close(self, grace: float = 5.0) -> None:
        """Take no new connections, tell the clients (320 CONNECTION_FORCED), wait up to ``grace`` seconds, close."""
        for listener in self._listeners:
            listener.close()
        self.force_close("broker forced connection closure with reason 'shutdown'")
        await self._emptied(grace)
        for session in tuple(self._hub.sessions):
            session.link.abort()
        await self._emptied(1.0)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        for listener in self._listeners:
            await listener.wait_closed()
        self._listeners.clear()

    async def _emptied(self, timeout: float) -> None:  # noqa: ASYNC109  # a plain wait, nothing to cancel
        deadline = self._loop.time() + timeout if self._listeners else 0.0
        while self._hub.sessions and self._loop.time() < deadline:  # noqa: ASYNC110  # at shutdown only
            await asyncio.sleep(0.01)

    def connections(self) -> list[ConnectionInfo]:
        """Every connection, the oldest port first."""
        return sorted((_info(session) for session in self._hub.sessions), key=lambda info: info.name)

    def force_close(self, reason: str, wanted: Callable[[ConnectionInfo], bool] | None = None) -> int:
        """Close the connections that ``wanted`` picks (None = all) with 320 CONNECTION_FORCED; how many."""
        closed = 0
        for session in tuple(self._hub.sessions):
            if wanted is not None and not wanted(_info(session)):
                continue
            closed += 1
            if session.machine.state is State.RUNNING:
                session.fail_connection(ConnectionForced(reason, 0))
            elif session.machine.state not in (State.CLOSING, State.CLOSED):
                session.link.abort()
        return closed

    def block(self, reason: str) -> None:
        """Nothing can be stored: publishers are told (connection.blocked) and wait; fetching goes on."""
        self._hub.block(reason)

    def unblock(self) -> None:
        """Publishers go on."""
        self._hub.unblock()

    # called by sessions

    def _wake(self, session: Session) -> None:
        self._dirty.append(session)
        if not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        dirty, self._dirty = self._dirty, []
        for session in dirty:
            session.link.flush()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _info(session: Session) -> ConnectionInfo:
    channels = session.machine.channels.values()
    login = session.login
    return ConnectionInfo(
        name=session.name,
        system=login.system.id if login else None,
        user=session.user,
        client=session.client,
        mechanism=login.mechanism if login else None,
        tls=session.peer.tls,
        state=session.machine.state.value,
        channels=len(channels),
        consumers=sum(len(channel.consumers) for channel in channels),
        unacked=sum(len(channel.unacked) for channel in channels),
        unanswered=session.unanswered,
        blocked=session.blocked,
    )
