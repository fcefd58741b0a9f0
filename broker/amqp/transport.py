"""One socket: octets to the session and back, timers, and the brakes in both directions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import structlog

from broker.amqp import frames
from broker.amqp.session import Session
from broker.ports import Peer

if TYPE_CHECKING:
    from broker.amqp.hub import Hub

log = structlog.get_logger("broker.amqp")

TLS_RECORD = 16 * 1024
"""Octets of the largest (RFC 8446, section 5.1)."""
MISSED_TICKS = 4
"""Half heartbeats in a row without an octet, after which a peer is taken for dead: two whole ones, as RabbitMQ."""


class SocketLink(asyncio.BufferedProtocol):
    """Made per connection by `broker.amqp.server.AmqpServer`."""

    def __init__(self, hub: Hub, loop: asyncio.AbstractEventLoop) -> None:
        self._hub = hub
        self._loop = loop
        self._session: Session
        self._transport: asyncio.Transport
        self._deadline: asyncio.TimerHandle | None = None
        self._tick: asyncio.TimerHandle | None = None
        self._buffer = hub.read_buffer
        self._full = False
        self._reading = True
        self._heard = False
        self._spoke = False
        self._missed = 0
        self._why = "the peer closed the socket"

    # asyncio.BufferedProtocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self._hub.settings.output_limit)
        self._session = Session(self._hub, self, _peer(self._transport))
        self._hub.sessions.add(self._session)
        self._deadline = self._loop.call_later(self._hub.settings.handshake_timeout, self._too_late)

    def get_buffer(self, sizehint: int) -> memoryview:
        """TLS says how much has come beside a record that it has opened, and asks no second time where the peer is
        gone."""
        shared, size = self._hub.read_buffer, sizehint + TLS_RECORD
        self._buffer = shared if size <= len(shared) else memoryview(bytearray(size))
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._heard = True
        data = bytes(self._buffer[:nbytes])
        self._buffer = self._hub.read_buffer
        self._session.receive(data)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._deadline, self._tick):
            if timer is not None:
                timer.cancel()
        self._session.lost(self._why if exc is None else f"{type(exc).__name__}: {exc}")

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self.flush()

    # Link

    def opened(self, heartbeat: int) -> None:
        self._set_deadline(None)
        if heartbeat:
            self._tick = self._loop.call_later(heartbeat / 2, self._beat, heartbeat / 2)

    def pause_reading(self) -> None:
        if self._reading:
            self._reading = False
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if not self._reading:
            self._reading = True
            self._transport.resume_reading()

    def flush(self) -> None:
        """Nothing is written while the socket is full: output waits in the session, within its limits."""
        if self._full or self._transport.is_closing():
            return
        pieces = self._session.take_output()
        if pieces:
            self._spoke = True
            self._transport.write(b"".join(pieces))
        self._session.written(self._full)

    def linger(self) -> None:
        self._set_deadline(self._hub.settings.silent_close_delay)

    def finish(self) -> None:
        self.linger()
        self._loop.call_soon(self._finish)

    def abort(self) -> None:
        self._transport.abort()

    # timers

    def _finish(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"".join(self._session.take_output()))
            self._transport.close()

    def _set_deadline(self, delay: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if delay is not None:
            self._deadline = self._loop.call_later(delay, self.abort)

    def _too_late(self) -> None:
        self._why = "handshake timeout"
        log.warning("amqp.handshake_timeout", peer=self._session.name)
        self.abort()

    def _beat(self, half: float) -> None:
        """Every half heartbeat: speak if nothing was said, and count the silence of the peer."""
        if not self._spoke and not self._full:
            self._transport.write(frames.HEARTBEAT_FRAME)
        self._spoke = False
        self._missed = 0 if self._heard or not self._reading else self._missed + 1
        self._heard = False
        if self._missed >= MISSED_TICKS:
            self._why = "missed heartbeats"
            log.warning("amqp.missed_heartbeats", peer=self._session.name, user=self._session.user)
            self.abort()
            return
        self._tick = self._loop.call_later(half, self._beat, half)


def _peer(transport: asyncio.Transport) -> Peer:
    address = transport.get_extra_info("peername") or ("unknown", 0)
    tls = transport.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls is not None else None
    return Peer(str(address[0]), int(address[1]), tls is not None, certificate)
