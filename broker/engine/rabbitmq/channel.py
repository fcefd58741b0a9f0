"""One channel: calls in order, confirms, deliveries, acks gathered for a turn of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pamqp import base, commands, frame

from broker.engine.rabbitmq import frames
from broker.errors import StoreError

if TYPE_CHECKING:
    from broker.engine.rabbitmq.link import Link


class ChannelClosed(StoreError):
    """RabbitMQ closed the channel, or the connection went; ``code`` is AMQP's, 0 where there is none."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


class Channels(Protocol):
    """Where channels come from: one connection, or as many as it takes."""

    async def channel(self) -> Channel:
        """A new channel.  Raises StoreError."""
        ...


class Message(NamedTuple):
    """One delivery as RabbitMQ hands it over."""

    channel: Channel
    tag: int
    redelivered: bool
    header: bytes
    """The content header's payload."""
    body: bytes


class Channel:
    """Made by `Link.channel`.  Callbacks are synchronous and must not raise."""

    def __init__(self, link: Link, number: int) -> None:
        self.link = link
        self.number = number
        self.closed: str | None = None
        """Why it takes nothing more."""
        self.consumers: dict[bytes, Callable[[Message], None]] = {}
        self.on_cancelled: Callable[[], None] | None = None
        """RabbitMQ ended a consumer: its queue was deleted."""
        self.on_closed: Callable[[str], None] | None = None
        self.on_confirm: Callable[[int, bool, bool], None] | None = None
        """Tag, multiple, and whether it is an ack."""
        self.on_return: Callable[[bytes], None] | None = None
        """An unroutable message: its header's payload; the confirm comes after."""
        self.acked: set[int] = set()
        """To be acked at the end of this turn."""
        self._unsettled: dict[int, None] = {}
        self._asked: list[tuple[list[str], asyncio.Future[Any]]] = []
        """What is not answered, and the names of the methods that would answer it."""
        self._method = b""
        self._header = b""
        self._pieces: list[bytes] = []
        self._missing = 0
        self._tags = 0

    def next_tag(self) -> int:
        """A number for a consumer tag."""
        self._tags += 1
        return self._tags

    def ask(self, method: base.Frame) -> asyncio.Future[Any]:
        """Send a synchronous method now; several may be under way.  The answer to a get is a `Message` or None.

        The answer raises ChannelClosed.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self.closed is not None:
            answer.set_exception(ChannelClosed(self.closed))
            return answer
        self._asked.append((method.valid_responses, answer))
        if self.acked:
            self.write_acks()
        self.link.send(frame.marshal(method, self.number))
        return answer

    async def call(self, method: base.Frame) -> Any:
        """As `ask`, and wait.  Raises ChannelClosed."""
        return await self.ask(method)

    async def heard(self) -> None:
        """Returns when RabbitMQ has read all that was sent; a channel that closes meanwhile is no error."""
        try:
            await self.call(commands.Channel.Flow(True))
        except ChannelClosed:
            return

    async def select(self) -> None:
        """Have publishes confirmed."""
        await self.call(commands.Confirm.Select())

    async def consume(
        self, queue: str, tag: str, prefetch: int, take: Callable[[Message], None], priority: int = 0
    ) -> None:
        """Have what is in a queue delivered, ``prefetch`` unsettled at most; ``tag`` is to be new on this channel."""
        self.consumers[tag.encode()] = take
        arguments: Any = {"x-priority": priority} if priority else None
        qos = self.ask(commands.Basic.Qos(0, prefetch, False))
        await asyncio.gather(
            qos, self.ask(commands.Basic.Consume(0, queue, tag, False, False, False, False, arguments))
        )

    async def get(self, queue: str) -> Message | None:
        """The first ready message of a queue, unsettled."""
        got: Message | None = await self.call(commands.Basic.Get(0, queue, False))
        return got

    def ack(self, tag: int) -> None:
        """Settled; goes out at the end of this turn."""
        if self.closed is None and tag in self._unsettled:
            if not self.acked:
                self.link.soon()
            self.acked.add(tag)

    def requeue(self, tag: int) -> None:
        """Back into its queue: before all that was never delivered, behind what came back earlier."""
        if self.closed is None:
            self._unsettled.pop(tag, None)
            self.link.send(frames.requeue(self.number, tag))

    def write_acks(self) -> None:
        """One ack for all from the oldest on that are settled, one each for the others."""
        acked, self.acked = self.acked, set()
        last = 0
        for tag in self._unsettled:
            if tag not in acked:
                break
            last = tag
        for tag in sorted(acked):
            self._unsettled.pop(tag, None)
            if tag > last:
                self.link.send(frames.ack(self.number, tag, False))
        if last:
            self.link.send(frames.ack(self.number, last, True))

    async def close(self) -> None:
        """What is unsettled goes back into its queue."""
        if self.closed is None:
            closing = self.ask(commands.Channel.Close(200, "bye", 0, 0))
            self.closed = "closed"
            try:
                await closing
            except ChannelClosed:
                return
            self._end("closed", 0)

    def lose(self, reason: str) -> None:
        """The connection went."""
        self._end(reason, 0)

    # in
    def take(self, kind: int, payload: bytes) -> None:
        """One frame of this channel."""
        if kind == frames.METHOD:
            number = int.from_bytes(payload[:4], "big")
            if number in (frames.DELIVER, frames.GET_OK, frames.RETURN):
                self._method = payload
            elif number == frames.ACK or number == frames.NACK:
                if self.on_confirm is not None:
                    tag, multiple = frames.read_confirm(payload)
                    self.on_confirm(tag, multiple, number == frames.ACK)
            else:
                self._answered(payload)
        elif kind == frames.HEADER:
            self._header = payload
            self._missing = frames.body_size(payload)
            if not self._missing:
                self._complete(b"")
        elif kind == frames.BODY:
            self._missing -= len(payload)
            if self._missing > 0:
                self._pieces.append(payload)
            elif self._pieces:
                pieces, self._pieces = self._pieces, []
                self._complete(b"".join((*pieces, payload)))
            else:
                self._complete(payload)

    def _complete(self, body: bytes) -> None:
        method, header = self._method, self._header
        number = int.from_bytes(method[:4], "big")
        if number == frames.DELIVER:
            consumer, tag, redelivered = frames.read_deliver(method)
            self._unsettled[tag] = None
            self.consumers[consumer](Message(self, tag, redelivered, header, body))
        elif number == frames.GET_OK:
            tag, redelivered = frames.read_get_ok(method)
            self._unsettled[tag] = None
            self._answer("Basic.GetOk", Message(self, tag, redelivered, header, body))
        elif self.on_return is not None:
            self.on_return(header)

    def _answered(self, payload: bytes) -> None:
        method: Any = frames.decode(payload)
        if isinstance(method, commands.Channel.Close):
            self.link.send(frame.marshal(commands.Channel.CloseOk(), self.number))
            self._end(method.reply_text or "closed", method.reply_code or 0)
        elif isinstance(method, commands.Basic.Cancel):
            if self.on_cancelled is not None:
                self.on_cancelled()
        elif isinstance(method, commands.Channel.Flow):
            self.link.send(frame.marshal(commands.Channel.FlowOk(method.active), self.number))
        elif isinstance(method, commands.Basic.GetEmpty):
            self._answer(method.name, None)
        else:
            self._answer(method.name, method)

    def _answer(self, name: str, value: object) -> None:
        """The first that asked for such an answer: consume-ok and cancel-ok of a quorum queue may come after the answer
        to what was asked later."""
        for position, (names, answer) in enumerate(self._asked):
            if name in names:
                del self._asked[position]
                if not answer.done():
                    answer.set_result(value)
                return

    def _end(self, reason: str, code: int) -> None:
        self.closed = self.closed or reason
        self.acked = set()
        self._unsettled = {}
        self.link.forget(self)
        asked, self._asked = self._asked, []
        for _, answer in asked:
            if not answer.done():
                answer.set_exception(ChannelClosed(reason, code))
        told, self.on_closed = self.on_closed, None
        if told is not None:
            told(reason)
