"""One connection to RabbitMQ: frames in, frames out, synchronous callbacks on the loop thread."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from typing import Any

from pamqp import base, commands, frame
from pamqp.header import ProtocolHeader

from broker.engine.rabbitmq import frames
from broker.engine.rabbitmq.address import Address
from broker.engine.rabbitmq.channel import Channel
from broker.errors import StoreError

FRAME_MAX = 131_072
CHANNEL_MAX = 2_047
"""Asked for at most; RabbitMQ may allow fewer."""
OPEN_TIMEOUT = 10.0
"""Seconds that connecting to one node and logging in may take."""
READ = 4 * 1024 * 1024
"""Octets read in one turn of the loop at most.  What asyncio reads by itself is 256 KiB: 45 messages from RabbitMQ
against as many from each of the senders, and receivers starve when there are eight of those."""
_CAPABILITIES = {
    "publisher_confirms": True,
    "basic.nack": True,
    "consumer_cancel_notify": True,
    "connection.blocked": True,
    "authentication_failure_close": True,
}


class LinkLost(StoreError):
    """The connection to RabbitMQ is gone, or was refused."""


class Link(asyncio.BufferedProtocol):
    """A connection, after `open` until ``on_lost`` is called, once, with the reason."""

    def __init__(
        self, address: Address, name: str, heartbeat: int, on_lost: Callable[[str], None],
        on_blocked: Callable[[str | None], None],
    ) -> None:  # fmt: skip
        self.frame_max = FRAME_MAX
        self.channel_max = CHANNEL_MAX
        self.version: tuple[int, ...] = (0,)
        """RabbitMQ's, as far as it says."""
        self.channels: dict[int, Channel] = {}
        self.lost: str | None = None
        """Why it is gone."""
        self.writable = True
        """The write buffer has room."""
        self.on_writable: Callable[[], None] | None = None
        self._address = address
        self._name = name
        self._heartbeat = heartbeat
        self._on_lost = on_lost
        self._on_blocked = on_blocked
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._output: list[bytes] = []
        self._opening: asyncio.Future[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._heard = self._spoke = self._loop.time()
        self._numbers = itertools.count(1)
        self._free: list[int] = []
        self._read = memoryview(bytearray(READ))

    async def open(self, host: str, port: int) -> None:
        """Connect to one node and log in.  Raises LinkLost."""
        try:
            async with asyncio.timeout(OPEN_TIMEOUT):
                await self._loop.create_connection(lambda: self, host, port, ssl=self._address.tls)
                await self._handshake()
        except (OSError, TimeoutError) as error:
            text = "no answer" if isinstance(error, TimeoutError) else (error.strerror or str(error))
            self.abort(f"{host}:{port}: {text}")
            raise LinkLost(f"RabbitMQ at {host}:{port} is not reached: {text}") from None
        except BaseException:
            self.abort("refused")
            raise

    async def _handshake(self) -> None:
        start = await self._expect(commands.Connection.Start, ProtocolHeader().marshal())
        self.version = _version(start.server_properties.get("version"))
        properties: Any = {"product": "beskedfordeler", "connection_name": self._name, "capabilities": _CAPABILITIES}
        response = f"\0{self._address.user}\0{self._address.password}"
        start_ok = commands.Connection.StartOk(properties, "PLAIN", response)
        tune = await self._expect(commands.Connection.Tune, frame.marshal(start_ok, 0))
        self.frame_max = min(tune.frame_max or FRAME_MAX, FRAME_MAX)
        self.channel_max = min(tune.channel_max or CHANNEL_MAX, CHANNEL_MAX)
        self._send_method(0, commands.Connection.TuneOk(self.channel_max, self.frame_max, self._heartbeat))
        opened = frame.marshal(commands.Connection.Open(self._address.vhost), 0)
        await self._expect(commands.Connection.OpenOk, opened)
        if self._heartbeat:
            self._timer = self._loop.call_later(self._heartbeat / 2, self._beat)

    async def _expect(self, reply: type[base.Frame], send: bytes) -> Any:
        """The next method on channel 0.  Raises LinkLost."""
        self._opening = self._loop.create_future()
        self.send(send)
        try:
            answer = await self._opening
        finally:
            self._opening = None
        if not isinstance(answer, reply):
            raise LinkLost(f"RabbitMQ at {self._address}: {getattr(answer, 'reply_text', answer.name)}")
        return answer

    async def channel(self) -> Channel:
        """A new channel.  Raises LinkLost, or StoreError where there are as many as may be."""
        if self.lost is not None:
            raise LinkLost(self.lost)
        if len(self.channels) >= self.channel_max:
            raise StoreError(
                f"RabbitMQ at {self._address} allows {self.channel_max} channels on a connection (its channel_max), "
                "and all are in use"
            )
        number = self._free.pop() if self._free else next(self._numbers)
        channel = self.channels[number] = Channel(self, number)
        await channel.call(commands.Channel.Open())
        return channel

    def forget(self, channel: Channel) -> None:
        """A channel is closed on both sides."""
        if self.channels.get(channel.number) is channel:
            del self.channels[channel.number]
            self._free.append(channel.number)

    # out
    def send(self, data: bytes) -> None:
        """Goes out at the end of this turn of the loop."""
        if self.lost is None:
            if not self._output:
                self._loop.call_soon(self._flush)
            self._output.append(data)

    def _send_method(self, channel: int, method: base.Frame) -> None:
        self.send(frame.marshal(method, channel))

    def _flush(self) -> None:
        for channel in [one for one in self.channels.values() if one.acked]:
            channel.write_acks()
        output, self._output = self._output, []
        if output and self._transport is not None:
            self._spoke = self._loop.time()
            self._transport.write(b"".join(output))

    def soon(self) -> None:
        """Something is to be written at the end of this turn."""
        self.send(b"")

    # in
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=1 << 20)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._read

    def buffer_updated(self, nbytes: int) -> None:
        self._heard = self._loop.time()
        read = self._read[:nbytes]
        data = b"".join((self._buffer, read)) if self._buffer else bytes(read)
        at, size = 0, len(data)
        unpack = frames.HEAD.unpack_from
        channels = self.channels
        while size - at >= 7:
            kind, number, length = unpack(data, at)
            end = at + 7 + length
            if end >= size:
                break
            payload = data[at + 7 : end]
            at = end + 1
            if number and kind != frames.HEARTBEAT:
                channel = channels.get(number)
                if channel is not None:
                    channel.take(kind, payload)
            elif kind == frames.METHOD:
                self._control(payload)
            elif data.startswith(b"AMQP"):
                self.abort(f"RabbitMQ at {self._address} speaks another version of AMQP")
            if self.lost is not None:
                return
        self._buffer = data[at:]

    def _control(self, payload: bytes) -> None:
        method: Any = frames.decode(payload)
        if self._opening is not None and not self._opening.done():
            self._opening.set_result(method)
        elif isinstance(method, commands.Connection.Blocked):
            self._on_blocked(method.reason or "resources are short")
        elif isinstance(method, commands.Connection.Unblocked):
            self._on_blocked(None)
        elif isinstance(method, commands.Connection.Close):
            self._send_method(0, commands.Connection.CloseOk())
            self._flush()
            self.abort(f"RabbitMQ at {self._address} closed the connection: {method.reply_text}")
        elif isinstance(method, commands.Connection.CloseOk):
            self.abort("closed")

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        if self.on_writable is not None:
            self.on_writable()

    def connection_lost(self, exc: Exception | None) -> None:
        self.abort(f"RabbitMQ at {self._address} is gone" + (f": {exc}" if exc is not None else ""))

    # the end
    def _beat(self) -> None:
        now = self._loop.time()
        if now - self._heard > 2 * self._heartbeat:
            self.abort(f"RabbitMQ at {self._address} has said nothing for {2 * self._heartbeat} s")
            return
        if now - self._spoke >= self._heartbeat / 2 - 0.1:
            self.send(frames.HEARTBEAT_FRAME)
        self._timer = self._loop.call_later(self._heartbeat / 2, self._beat)

    def abort(self, reason: str) -> None:
        """It is gone: whoever waits for an answer hears so."""
        if self.lost is not None:
            return
        self.lost = reason
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.abort()
        if self._opening is not None and not self._opening.done():
            self._opening.set_exception(LinkLost(reason))
        for channel in [*self.channels.values()]:
            channel.lose(reason)
        self.channels.clear()
        self._on_lost(reason)

    async def close(self) -> None:
        """In order, as far as RabbitMQ still answers."""
        if self.lost is None:
            self._send_method(0, commands.Connection.Close(200, "bye", 0, 0))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    while self.lost is None:  # noqa: ASYNC110 - close-ok, or the socket's end
                        await asyncio.sleep(0.002)
        self.abort("closed")


def _version(text: object) -> tuple[int, ...]:
    """The numbers that it begins with."""
    found: list[int] = []
    for part in str(text).split("."):
        if not part.isdecimal():
            break
        found.append(int(part))
    return tuple(found) or (0,)
