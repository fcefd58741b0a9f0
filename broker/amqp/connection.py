"""The AMQP 0-9-1 machine of one connection: bytes in, events out; commands in, bytes out.

`Connection.receive` is a generator, so that what is done about one event, such as closing a channel, governs how the
very next frame is treated.  States::

    AWAIT_HEADER -> AWAIT_START_OK -> AWAIT_TUNE_OK -> AWAIT_OPEN -> RUNNING -> CLOSING -> CLOSED
                         every state may also go to DEAF: nothing that comes is looked at any more

Before RUNNING a mistake is answered with silence, as RabbitMQ does: `Dropped`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from struct import Struct

from broker.amqp import frames, handshake, methods, whole
from broker.amqp.channel import Channel
from broker.amqp.errors import (
    AmqpException,
    ChannelException,
    ChannelNumberError,
    ConnectionException,
    FrameError,
    NotAllowed,
    UnexpectedFrame,
    cannot_decode,
    login_refused,
    snippet,
)
from broker.amqp.events import (
    ChannelClosed,
    ChannelFailed,
    ChannelOpened,
    Closed,
    ConnectionFailed,
    Dropped,
    Event,
    Opened,
)
from broker.amqp.output import Output
from broker.amqp.settings import AmqpSettings
from broker.amqp.tables import Table


class State(Enum):
    AWAIT_HEADER = "awaiting the protocol header"
    AWAIT_START_OK = "starting"
    AWAIT_LOGIN = "securing"
    AWAIT_TUNE_OK = "tuning"
    AWAIT_OPEN = "opening"
    RUNNING = "running"
    CLOSING = "closing"
    CLOSED = "closed"
    DEAF = "deaf"


_TUNE_OK = Struct(">HIH")


_DONE = frozenset({State.CLOSED, State.DEAF})


class Connection:
    """One connection as the server sees it."""

    def __init__(self, settings: AmqpSettings, mechanisms: tuple[str, ...]) -> None:
        self.settings = settings
        self.state = State.AWAIT_HEADER
        self.channels: dict[int, Channel] = {}
        self.capabilities: Table = {}
        """The client's, from start-ok."""
        self.channel_max = settings.channel_max
        self.output = Output(settings.frame_max)
        self._mechanisms = mechanisms
        self._limit = settings.initial_frame_max
        self._heartbeat = 0
        self._lost = False
        self._held: list[bytes] = []
        self._held_size = 0
        self._need = 0

    def __repr__(self) -> str:
        return f"Connection({self.state.value}, channels={len(self.channels)}, {self.output!r})"

    # bytes in

    def receive(self, data: bytes) -> Iterator[Event]:
        """The events in what has come; exhaust it before the next call.  Never raises for what a peer sends."""
        if self.state in _DONE:
            return
        if self._held:
            self._held.append(data)
            self._held_size += len(data)
            if self._held_size < self._need:
                return
            data, self._held = b"".join(self._held), []
        offset, size = 0, len(data)
        if self.state is State.AWAIT_HEADER:
            if (event := self._protocol_header(data)) is not None:
                yield event
                return
            if self.state is State.AWAIT_HEADER:
                self._hold(data, frames.OVERHEAD)
                return
            offset = 8
        unpack, need, running, channels = frames.HEAD.unpack_from, frames.OVERHEAD, State.RUNNING, self.channels
        while size - offset >= 8:
            kind, number, length = unpack(data, offset)
            start = offset + 7
            end = start + length
            if kind == 1 and number in channels and self.state is running:
                event = whole.publish(channels[number], data, start, end)
                if event is not None:
                    offset = end + 29 + len(event.header) + len(event.body)
                    yield event
                    continue
            try:
                if length > self._limit:
                    raise self._too_large(kind, length)
                if end >= size:
                    need = length + 8
                    break
                if data[end] != 0xCE:
                    raise self._bad_end(kind, data[start:end], data[end])
                offset = end + 1
                event = self._frame(kind, number, data, start, end)
            except ChannelException as error:
                event = self._channel_failed(number, error)
            except ConnectionException as error:
                event = self._connection_failed(error)
            if event is not None:
                yield event
                if self.state is not running and self.state in _DONE:
                    return
        if offset < size:
            self._hold(data[offset:], need)

    def _hold(self, rest: bytes, need: int) -> None:
        """Keep a frame that has come in part; it is looked at again when ``need`` octets are there."""
        if rest:
            self._held, self._held_size, self._need = [rest], len(rest), need

    def _protocol_header(self, data: bytes) -> Event | None:
        if not frames.PROTOCOL_HEADER.startswith(data[:8]):
            self.state = State.DEAF
            self.output.send(frames.PROTOCOL_HEADER)
            return Dropped("wrong protocol header", at_once=True)
        if len(data) >= 8:
            self.state = State.AWAIT_START_OK
            self.output.send(handshake.start(self.settings, self._mechanisms))
        return None

    def _frame(self, kind: int, number: int, data: bytes, start: int, end: int) -> Event | None:
        if number and self.state is State.RUNNING:
            channel = self.channels.get(number)
            if channel is None:
                return self._unknown_channel(kind, number, data, start, end)
            if channel.closing:
                self._closing_channel(kind, channel, data, start)
                return None
            if kind == 1:
                return self._channel_method(channel, data, start, end)
            if kind == 3:
                return channel.body(data, start, end)
            if kind == 2:
                return channel.header(data, start, end)
            raise self._odd_frame(kind, data[start:end])
        if kind == frames.HEARTBEAT and not number:
            return None
        if self.state is State.CLOSING:
            return self._while_closing(kind, number, data, start, end)
        if kind == frames.METHOD and not number and end - start >= 4:
            return self._connection_method(data, start, end)
        raise self._odd_frame(kind, data[start:end])

    # frames that should not be

    def _too_large(self, kind: int, length: int) -> FrameError:
        self._framing_lost()
        what = f"{snippet(kind, b'')}: {{frame_too_large,{length},{self._limit - frames.OVERHEAD}}}"
        return FrameError(what, 0)

    def _bad_end(self, kind: int, payload: bytes, octet: int) -> FrameError:
        self._framing_lost()
        return FrameError(f"{snippet(kind, payload)}: {{invalid_frame_end_marker,{octet}}}", 0)

    def _odd_frame(self, kind: int, payload: bytes) -> ConnectionException:
        if kind in (frames.METHOD, frames.HEADER, frames.BODY, frames.HEARTBEAT):
            return UnexpectedFrame(snippet(kind, payload), 0)
        self._framing_lost()
        return FrameError(f"{snippet(kind, payload)}: unknown_frame", 0)

    def _framing_lost(self) -> None:
        """What follows cannot be read: `_connection_failed` leaves the machine deaf."""
        self._lost = True

    def _channel_failed(self, number: int, error: ChannelException) -> Event:
        channel = self.channels[number]
        self.close_channel(channel, error)
        return ChannelFailed(channel, error)

    def _connection_failed(self, error: ConnectionException) -> Event:
        if self.state is State.CLOSING:
            self.state = State.DEAF
            return Dropped(str(error))
        if self.state is not State.RUNNING and not isinstance(error, NotAllowed):
            self.state = State.DEAF
            return Dropped(str(error))
        self.close_connection(error)
        if self._lost:
            self.state = State.DEAF
        return ConnectionFailed(error)

    # channel 0

    def _connection_method(self, data: bytes, start: int, end: int) -> Event | None:
        method_id = int.from_bytes(data[start : start + 4], "big")
        step = _STEPS.get((self.state, method_id))
        if step is None:
            raise ChannelNumberError(f"unexpected method in connection state {self.state.value}", method_id)
        try:
            return step(self, data, start + 4, end)
        except (ValueError, IndexError, ArithmeticError):
            raise cannot_decode(data[start + 4 : end], method_id) from None

    def _start_ok(self, data: bytes, start: int, end: int) -> Event:
        asked = handshake.read_start_ok(data, start, end)
        capabilities = asked.client_properties.get("capabilities")
        self.capabilities = capabilities if isinstance(capabilities, dict) else {}
        self.state = State.AWAIT_LOGIN
        return asked

    def _tune_ok(self, data: bytes, start: int, end: int) -> Event | None:
        if end - start != _TUNE_OK.size:
            raise ValueError("tune-ok has eight octets")
        channel_max, frame_max, heartbeat = _TUNE_OK.unpack_from(data, start)
        offer = self.settings
        if not 0 < channel_max <= offer.channel_max:
            return self._drop(f"negotiated channel_max = {channel_max} is out of range")
        if not frames.FRAME_MIN_SIZE <= frame_max <= offer.frame_max:
            return self._drop(f"negotiated frame_max = {frame_max} is out of range")
        self.channel_max = channel_max
        self.output.frame_max = self._limit = frame_max
        self._heartbeat = heartbeat
        self.state = State.AWAIT_OPEN
        return None

    def _open(self, data: bytes, start: int, end: int) -> Event:
        vhost = data[start + 1 : start + 1 + data[start]].decode()
        if vhost != self.settings.vhost:
            raise NotAllowed(f"vhost {vhost} not found", frames.CONNECTION_OPEN)
        self.state = State.RUNNING
        self.output.send(frames.open_ok())
        return Opened(self._heartbeat)

    def _update_secret(self, data: bytes, start: int, end: int) -> Event:
        return handshake.read_secret(data, start, end)

    def _close(self, data: bytes, start: int, end: int) -> Event:
        code, text = handshake.read_reason(data, start, end)
        self.output.send(frames.close_ok(0))
        self.state = State.CLOSED
        return Closed(code, text)

    def _close_ok(self, data: bytes, start: int, end: int) -> Event:
        self.state = State.CLOSED
        return Closed(200, "close-ok")

    def _while_closing(self, kind: int, number: int, data: bytes, start: int, end: int) -> Event | None:
        """Everything but a goodbye is ignored."""
        if kind != frames.METHOD or number or end - start < 4:
            return None
        method_id = int.from_bytes(data[start : start + 4], "big")
        return self._connection_method(data, start, end) if (self.state, method_id) in _STEPS else None

    def _drop(self, reason: str) -> Dropped:
        self.state = State.DEAF
        return Dropped(reason)

    # channels

    def _unknown_channel(self, kind: int, number: int, data: bytes, start: int, end: int) -> Event | None:
        method_id = int.from_bytes(data[start : start + 4], "big")
        if len(self.channels) >= self.channel_max:
            text = (
                f"number of channels opened ({len(self.channels)}) has reached "
                f"the negotiated channel_max ({self.channel_max})"
            )
            raise NotAllowed(text, 0)
        if kind != frames.METHOD:
            if kind in (frames.HEADER, frames.BODY):
                raise UnexpectedFrame("expected method frame, got non method frame instead", 0)
            raise self._odd_frame(kind, data[start:end])
        if method_id == frames.CHANNEL_CLOSE_OK:
            return None
        if method_id != frames.CHANNEL_OPEN:
            raise ChannelNumberError("expected 'channel.open'", method_id)
        channel = self.channels[number] = Channel(number, self.settings.max_body, self._limit)
        self.output.send(frames.channel_open_ok(number))
        return ChannelOpened(channel)

    def _closing_channel(self, kind: int, channel: Channel, data: bytes, start: int) -> None:
        if kind != frames.METHOD:
            return
        method_id = int.from_bytes(data[start : start + 4], "big")
        if method_id == frames.CHANNEL_CLOSE_OK:
            del self.channels[channel.number]
        elif method_id == frames.CHANNEL_CLOSE:
            self.output.send(frames.close_ok(channel.number))

    def _channel_method(self, channel: Channel, data: bytes, start: int, end: int) -> Event | None:
        method_id = int.from_bytes(data[start : start + 4], "big")
        if channel.expects_content:
            raise UnexpectedFrame(channel.expected, frames.BASIC_PUBLISH)
        try:
            if method_id == frames.BASIC_PUBLISH:
                channel.begin(data, start, end)
                return None
            if (read := methods.READERS.get(method_id)) is not None:
                return read(channel, data, start + 4, end)
        except (IndexError, ValueError):
            raise cannot_decode(data[start + 4 : end], method_id) from None
        return self._channel_housekeeping(channel, method_id, data, start, end)

    def _channel_housekeeping(
        self, channel: Channel, method_id: int, data: bytes, start: int, end: int
    ) -> Event | None:
        if method_id == frames.CHANNEL_CLOSE:
            try:
                code, text = handshake.read_reason(data, start + 4, end)
            except (IndexError, ValueError):
                raise cannot_decode(data[start + 4 : end], method_id) from None
            return ChannelClosed(channel, code, text)
        if method_id == frames.CHANNEL_OPEN:
            raise ChannelNumberError("second 'channel.open' seen", method_id)
        if method_id == frames.ACCESS_REQUEST:
            self.output.send(frames.access_request_ok(channel.number))
            return None
        return methods.read_rare(channel, method_id, data[start + 4 : end])

    # commands in

    def accept_login(self) -> None:
        """Answer to `LoginAsked`: go on with tune."""
        offer = self.settings
        self.state = State.AWAIT_TUNE_OK
        self.output.send(frames.tune(offer.channel_max, offer.frame_max, offer.heartbeat))

    def refuse_login(self, mechanism: str) -> None:
        """Answer to `LoginAsked`: no.  Clients without authentication_failure_close are told nothing."""
        if self.capabilities.get("authentication_failure_close") is True:
            self.close_connection(login_refused(mechanism))
        else:
            self.state = State.DEAF

    def refuse_silently(self) -> None:
        """Answer to `LoginAsked` with a mechanism that is not on offer: no frame, as RabbitMQ."""
        self.state = State.DEAF

    def close_channel(self, channel: Channel, error: AmqpException) -> None:
        """Close for an error; what comes on the channel is ignored until the client's close-ok."""
        channel.closing = True
        channel.forget()
        self.output.send(frames.close(channel.number, error.code, str(error), error.method_id or 0))

    def finish_close(self, channel: Channel) -> None:
        """Answer to `ChannelClosed`, when all that the channel held is released."""
        channel.closing = True
        del self.channels[channel.number]
        self.output.send(frames.close_ok(channel.number))

    def close_connection(self, error: ConnectionException) -> None:
        """Close for an error; what comes is ignored until the client's close-ok."""
        if self.state in (State.CLOSING, State.CLOSED, State.DEAF):
            return
        self.state = State.CLOSING
        self.output.send(frames.close(0, error.code, str(error), error.method_id or 0))

    def take_output(self) -> list[bytes]:
        """What is to be written, in pieces."""
        return self.output.take()


_Step = Callable[[Connection, bytes, int, int], Event | None]

_STEPS: dict[tuple[State, int], _Step] = {
    (State.AWAIT_START_OK, frames.CONNECTION_START_OK): Connection._start_ok,
    (State.AWAIT_TUNE_OK, frames.CONNECTION_TUNE_OK): Connection._tune_ok,
    (State.AWAIT_OPEN, frames.CONNECTION_OPEN): Connection._open,
    (State.AWAIT_OPEN, frames.CONNECTION_CLOSE): Connection._close,
    (State.RUNNING, frames.CONNECTION_CLOSE): Connection._close,
    (State.RUNNING, frames.CONNECTION_UPDATE_SECRET): Connection._update_secret,
    (State.CLOSING, frames.CONNECTION_CLOSE): Connection._close,
    (State.CLOSING, frames.CONNECTION_CLOSE_OK): Connection._close_ok,
}
"""What may come on channel 0, by state."""
