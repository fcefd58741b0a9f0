"""One channel: what is open on it, and the message that is just coming in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from broker.amqp import frames
from broker.amqp.confirms import Confirms
from broker.amqp.errors import UnexpectedFrame, cannot_decode
from broker.amqp.events import Published, TooLarge
from broker.amqp.unacked import Unacked

if TYPE_CHECKING:
    from broker.amqp.consumer import ChannelConsumer
    from broker.amqp.replies import ReplyConsumer


class Channel:
    """State of one channel; the number is free again when both sides have closed it."""

    __slots__ = (
        "_arguments",
        "_header",
        "_left",
        "_max_body",
        "_parts",
        "_size",
        "closing",
        "confirms",
        "consumers",
        "limit",
        "number",
        "out",
        "prefetch",
        "queue",
        "reply",
        "unacked",
        "whole_max",
    )

    def __init__(self, number: int, max_body: int, frame_max: int) -> None:
        self.number = number
        self.closing = False
        """We have sent channel.close: everything is ignored until the client's close-ok."""
        self.confirms: Confirms | None = None
        self.unacked = Unacked()
        self.consumers: dict[str, ChannelConsumer] = {}
        self.reply: ReplyConsumer | None = None
        self.prefetch = 0
        """basic.qos global=false: for consumers started from now on; 0 = no limit."""
        self.limit = 0
        """basic.qos global=true: for all consumers of the channel together; 0 = no limit."""
        self.out = 0
        """Deliveries to consumers that await their ack."""
        self.queue: str | None = None
        """The queue declared last, which an empty name stands for."""
        self.whole_max = min(max_body, frame_max)
        """Octets that a body in one frame may have, and a content header."""
        self._max_body = max_body
        self._arguments: tuple[bytes, bytes, int] | None = None
        self._header: bytes | None = None
        self._left = 0
        self._parts: list[bytes] = []
        self._size = 0
        """Octets of a body that is too large and therefore dropped; 0 = the body is kept."""

    def __repr__(self) -> str:
        state = "closing" if self.closing else "open"
        return f"Channel({self.number}, {state}, consumers={len(self.consumers)}, unacked={len(self.unacked)})"

    def start_confirms(self) -> None:
        """confirm.select: publications are numbered from now on."""
        self.confirms = Confirms()

    # a message comes in: method, content header, bodies

    @property
    def expects_content(self) -> bool:
        return self._arguments is not None

    @property
    def expected(self) -> str:
        """What a method frame in the middle of a message is told."""
        if self._header is None:
            return _NO_HEADER
        return "expected content body, got non content body frame instead"

    def begin(self, data: bytes, start: int, end: int) -> None:
        """basic.publish; ``data[start:end]`` is its payload."""
        exchange_end = start + 7 + data[start + 6] if end - start > 6 else end
        key_end = exchange_end + 1 + data[exchange_end]
        if key_end + 1 != end:
            raise cannot_decode(data[start + 4 : end], frames.BASIC_PUBLISH)
        self._arguments = (data[start + 7 : exchange_end], data[exchange_end + 1 : key_end], data[key_end])
        self._header = None

    def header(self, data: bytes, start: int, end: int) -> Published | TooLarge | None:
        """A content header frame; the publication is whole already where the body is empty."""
        if self._arguments is None:
            raise UnexpectedFrame("expected method frame, got non method frame instead", 0)
        if self._header is not None:
            raise UnexpectedFrame("expected content body, got non content body frame instead", frames.BASIC_PUBLISH)
        if end - start < 14:
            raise cannot_decode(data[start:end], frames.BASIC_PUBLISH)
        class_id, weight, size, _ = frames.CONTENT_HEAD.unpack_from(data, start)
        if class_id != frames.BASIC:
            text = f"expected content header for class 60, got one for class {class_id} instead"
            raise UnexpectedFrame(text, frames.BASIC_PUBLISH)
        if weight:
            raise UnexpectedFrame(_NO_HEADER, frames.BASIC_PUBLISH)
        self._header, self._left = data[start + 12 : end], size
        if size > self._max_body:
            self._size = size
            return self._too_large(whole=False)
        return None if size else self._whole(b"")

    def body(self, data: bytes, start: int, end: int) -> Published | TooLarge | None:
        """A content body frame; the publication when it is the last."""
        if self._arguments is None:
            raise UnexpectedFrame("expected method frame, got non method frame instead", 0)
        if self._header is None:
            raise UnexpectedFrame(_NO_HEADER, frames.BASIC_PUBLISH)
        left = self._left - (end - start)
        if left < 0:
            raise UnexpectedFrame("content body is longer than its header says", frames.BASIC_PUBLISH)
        if self._size:
            self._left = left
            return None if left else self._too_large(whole=True)
        part = data[start:end]
        if left:
            self._left = left
            self._parts.append(part)
            return None
        if self._parts:
            self._parts.append(part)
            part, self._parts = b"".join(self._parts), []
        return self._whole(part)

    def forget(self) -> None:
        """Drop a message that has come in part."""
        self._arguments = self._header = None
        self._parts = []
        self._size = 0

    def _too_large(self, whole: bool) -> TooLarge:
        arguments, header, size = self._arguments, self._header, self._size
        assert arguments is not None
        assert header is not None
        if whole:
            self.forget()
        return TooLarge(self, arguments[0], header, size, self._max_body, whole)

    def _whole(self, body: bytes) -> Published:
        arguments, header = self._arguments, self._header
        assert arguments is not None
        assert header is not None
        self._arguments = self._header = None
        return Published(self, arguments[0], arguments[1], arguments[2], header, body)


_NO_HEADER = "expected content header for class 60, got non content header frame instead"
