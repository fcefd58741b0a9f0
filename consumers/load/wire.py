"""One AMQP connection for load: pamqp for the handshake and the rare methods, raw bytes for the rest.

`Link` is an `asyncio.Protocol` that reads whole frames and hands them to its three methods; what is many a second
costs no task, no await and no object.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pamqp import base, commands, common, frame, header

from consumers.load import frames

_FRAME_MAX = 131_072
_TIMEOUT = 10.0
_Reply = TypeVar("_Reply", bound=base.Frame)
_CLOSES = (commands.Channel.Close, commands.Connection.Close)


class WireError(Exception):
    """The connection or the channel was closed, or did not answer as asked."""


class Refusal(WireError):
    """Another try is of no use: login, virtual host, exchange or queue refused."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to connect; SASL is PLAIN with ``user`` and ``password``, or EXTERNAL with a token."""

    host: str
    port: int
    vhost: str = "BF"
    user: str = "guest"
    password: str = field(default="lokal", repr=False)
    ca: str | None = None
    """CAs (PEM) that the server's certificate is checked against, with TLS; None and ``tls`` = the system's."""
    tls: bool = False


class Link(asyncio.Protocol):
    """Subclasses take `on_method`, `on_header` and `on_body`; ``lost`` is done when the connection is gone."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.frame_max = _FRAME_MAX
        self.properties: dict[str, Any] = {}
        self.writable = True
        self.final = False
        """Whether it was refused: another try is of no use."""
        self._buffer = bytearray()
        self._answer: asyncio.Future[Any] | None = None
        self._closing = ""

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=1 << 20)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        position, end = 0, len(buffer)
        while end - position >= frames.OVERHEAD:
            kind, _, size = frames.head_at(buffer, position)
            following = position + size + frames.OVERHEAD
            if following > end:
                break
            if kind == frames.BODY:
                self.on_body(buffer, position + 7, size)
            elif kind == frames.HEADER:
                self.on_header(buffer, position + 7, size)
            elif kind == frames.METHOD:
                method = frames.u32_at(buffer, position + 7)[0]
                if not self.on_method(method, buffer, position + 11):
                    self._rare(bytes(buffer[position:following]))
            elif kind == frames.HEARTBEAT:
                self.write(frames.HEARTBEAT_FRAME)
            position = following
        del buffer[:position]
        self.on_turn()

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        self.on_writable()

    def connection_lost(self, error: Exception | None) -> None:
        reason = self._closing or (str(error) if error else "") or "the connection was closed"
        if error is not None and not isinstance(error, OSError):
            self.final = True  # a fault of ours: trying again would only repeat it
            reason = f"the generator failed: {type(error).__name__}: {error}"
        if not self.lost.done():
            self.lost.set_result(reason)
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(WireError(reason))

    # What subclasses take

    def on_method(self, _method: int, _data: bytearray, _at: int) -> bool:
        """Arguments begin at ``at``; False = not one of mine."""
        return False

    def on_header(self, _data: bytearray, _at: int, _size: int) -> None: ...

    def on_body(self, _data: bytearray, _at: int, _size: int) -> None: ...

    def on_turn(self) -> None:
        """All that came together has been handed over."""

    def on_writable(self) -> None:
        """The socket takes more again."""

    # What they do

    def write(self, data: bytes) -> None:
        """Nothing once the connection is gone."""
        if self.transport is not None and not self.lost.done():
            self.transport.write(data)

    def abort(self) -> None:
        """Cut the connection, as a crash would."""
        if self.transport is not None:
            self.transport.abort()

    async def call(self, channel: int, method: base.Frame, reply: type[_Reply]) -> _Reply:
        """Send a method and wait for its answer.  Raises WireError, Refusal where the server closes instead."""
        self._answer = asyncio.get_running_loop().create_future()
        if self.lost.done():
            raise WireError(self.lost.result())
        self.write(frame.marshal(method, channel))
        return await self._expect(reply)

    async def _expect(self, reply: type[_Reply]) -> _Reply:
        assert self._answer is not None
        try:
            async with asyncio.timeout(_TIMEOUT):
                answer = await self._answer
        except TimeoutError:
            raise WireError(f"no {reply.name} within {_TIMEOUT:.0f} s") from None
        finally:
            self._answer = None
        if not isinstance(answer, reply):
            raise WireError(f"{reply.name} was expected, {getattr(answer, 'name', answer)} came")
        return answer

    async def log_in(self, address: Address, token: str | None) -> None:
        """From the protocol header to an open channel."""
        self._answer = asyncio.get_running_loop().create_future()
        self.write(header.ProtocolHeader().marshal())
        start = await self._expect(commands.Connection.Start)
        self.properties = dict(start.server_properties or {})
        able: common.FieldTable = {
            "publisher_confirms": True,
            "basic.nack": True,
            "connection.blocked": True,
            "authentication_failure_close": True,
        }
        mechanism = ("PLAIN", f"\0{address.user}\0{address.password}") if token is None else ("EXTERNAL", token)
        start_ok = commands.Connection.StartOk({"product": "beskedfordeler load", "capabilities": able}, *mechanism)
        tune = await self.call(0, start_ok, commands.Connection.Tune)
        self.frame_max = min(tune.frame_max or _FRAME_MAX, _FRAME_MAX)
        self.write(frame.marshal(commands.Connection.TuneOk(tune.channel_max, self.frame_max, 0), 0))
        await self.call(0, commands.Connection.Open(address.vhost), commands.Connection.OpenOk)
        await self.call(frames.CHANNEL, commands.Channel.Open(), commands.Channel.OpenOk)

    async def close(self) -> None:
        """In order, as far as the server still answers."""
        if self.transport is None or self.lost.done():
            return
        self._closing = "closed by the generator"
        self.write(frame.marshal(commands.Connection.Close(200, "bye", 0, 0), 0))
        try:
            async with asyncio.timeout(2.0):
                await asyncio.shield(self.lost)
        except TimeoutError:
            self.abort()

    def _rare(self, data: bytes) -> None:
        method = frame.unmarshal(data)[2]
        if isinstance(method, commands.Connection.CloseOk):
            self.abort()
        elif isinstance(method, commands.Connection.Blocked | commands.Connection.Unblocked):
            return  # what TCP lets through is sent; the rest waits, and its schedule lags
        elif isinstance(method, _CLOSES):
            self._closed(method)
        elif isinstance(method, commands.Basic.Cancel):
            self._end(Refusal("the server cancelled the consumer: its queue was removed"))
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(method)

    def _closed(self, method: commands.Channel.Close | commands.Connection.Close) -> None:
        text = f"{method.reply_code} {method.reply_text}"
        final = method.reply_code in (403, 404, 405, 406, 530)
        self._end(Refusal(text) if final else WireError(text))

    def _end(self, error: WireError) -> None:
        self._closing = self._closing or str(error)
        self.final = isinstance(error, Refusal)
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)
        self.abort()


_LinkT = TypeVar("_LinkT", bound=Link)


async def connect(make: Callable[[], _LinkT], address: Address, token: str | None = None) -> _LinkT:
    """A link that is logged in, its channel open.  Raises WireError, Refusal."""
    context = ssl.create_default_context(cafile=address.ca) if address.tls else None
    try:
        async with asyncio.timeout(_TIMEOUT):
            _, link = await asyncio.get_running_loop().create_connection(make, address.host, address.port, ssl=context)
    except ssl.SSLCertVerificationError as error:
        raise Refusal(f"its certificate is not trusted: {error.verify_message}") from error
    except (OSError, TimeoutError) as error:
        number = getattr(error, "errno", None)
        reason = os.strerror(number).lower() if number and number > 0 else str(error) or "no answer"
        raise WireError(f"{address.host}:{address.port}: {reason}") from error
    try:
        await link.log_in(address, token)
    except BaseException:
        link.abort()
        raise
    return link
