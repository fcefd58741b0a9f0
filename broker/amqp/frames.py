"""AMQP 0-9-1 on the wire: numbers, and packers for every method that the server sends.

The message path is packed by hand, as pamqp costs ten times more, and so are all replies that carry a name:
pamqp refuses names that RabbitMQ allows.  Source: amqp0-9-1.stripped.extended.xml of RabbitMQ.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

PROTOCOL_HEADER: Final = b"AMQP\x00\x00\x09\x01"

METHOD: Final = 1
HEADER: Final = 2
BODY: Final = 3
HEARTBEAT: Final = 8

END: Final = 0xCE
END_OCTET: Final = b"\xce"
HEARTBEAT_FRAME: Final = b"\x08\x00\x00\x00\x00\x00\x00\xce"

FRAME_MIN_SIZE: Final = 4096
OVERHEAD: Final = 8
"""Octets of a frame beside its payload."""

HEAD: Final = Struct(">BHI")
LONG: Final = Struct(">I")
LONGLONG: Final = Struct(">Q")
CONTENT_HEAD: Final = Struct(">HHQH")
"""Class, weight, body size, property flags."""

BASIC: Final = 60

# class and method id in one 32-bit number, as the first four octets of a method frame
CONNECTION_START_OK: Final = 10 << 16 | 11
CONNECTION_TUNE_OK: Final = 10 << 16 | 31
CONNECTION_OPEN: Final = 10 << 16 | 40
CONNECTION_CLOSE: Final = 10 << 16 | 50
CONNECTION_CLOSE_OK: Final = 10 << 16 | 51
CONNECTION_UPDATE_SECRET: Final = 10 << 16 | 70
CHANNEL_OPEN: Final = 20 << 16 | 10
CHANNEL_CLOSE: Final = 20 << 16 | 40
CHANNEL_CLOSE_OK: Final = 20 << 16 | 41
ACCESS_REQUEST: Final = 30 << 16 | 10
BASIC_PUBLISH: Final = 60 << 16 | 40
BASIC_GET: Final = 60 << 16 | 70
BASIC_ACK: Final = 60 << 16 | 80
BASIC_REJECT: Final = 60 << 16 | 90
BASIC_NACK: Final = 60 << 16 | 120
BASIC_DELIVER: Final = 60 << 16 | 60

_ACK = Struct(">BHIIQBB")
_GET_OK = Struct(">QB")


def shortstr(text: str | bytes) -> bytes:
    """A short string: one octet of length, at most 255 octets (cut at a character where it is longer)."""
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > 255:
        raw = raw[:255].decode(errors="ignore").encode()
    return bytes((len(raw),)) + raw


def method(channel: int, method_id: int, arguments: bytes = b"") -> bytes:
    """One whole method frame."""
    return HEAD.pack(METHOD, channel, 4 + len(arguments)) + LONG.pack(method_id) + arguments + END_OCTET


def tune(channel_max: int, frame_max: int, heartbeat: int) -> bytes:
    return method(0, 10 << 16 | 30, Struct(">HIH").pack(channel_max, frame_max, heartbeat))


def open_ok() -> bytes:
    return method(0, 10 << 16 | 41, b"\x00")


def close(channel: int, code: int, text: str, method_id: int) -> bytes:
    """channel.close, or connection.close where ``channel`` is 0."""
    wanted = CHANNEL_CLOSE if channel else CONNECTION_CLOSE
    return method(channel, wanted, code.to_bytes(2, "big") + shortstr(text) + LONG.pack(method_id))


def close_ok(channel: int) -> bytes:
    return method(channel, CHANNEL_CLOSE_OK if channel else CONNECTION_CLOSE_OK)


def blocked(reason: str) -> bytes:
    return method(0, 10 << 16 | 60, shortstr(reason))


def unblocked() -> bytes:
    return method(0, 10 << 16 | 61)


def update_secret_ok() -> bytes:
    return method(0, 10 << 16 | 71)


def channel_open_ok(channel: int) -> bytes:
    return method(channel, 20 << 16 | 11, b"\x00\x00\x00\x00")


def flow_ok(channel: int, active: bool) -> bytes:
    return method(channel, 20 << 16 | 21, bytes((active,)))


def access_request_ok(channel: int) -> bytes:
    """Ticket 1, as RabbitMQ answers to this method of AMQP 0-8."""
    return method(channel, 30 << 16 | 11, b"\x00\x01")


def exchange_declare_ok(channel: int) -> bytes:
    return method(channel, 40 << 16 | 11)


def queue_declare_ok(channel: int, name: str, ready: int, consumers: int) -> bytes:
    return method(channel, 50 << 16 | 11, shortstr(name) + LONG.pack(ready) + LONG.pack(consumers))


def qos_ok(channel: int) -> bytes:
    return method(channel, 60 << 16 | 11)


def consume_ok(channel: int, consumer_tag: str) -> bytes:
    return method(channel, 60 << 16 | 21, shortstr(consumer_tag))


def cancel(channel: int, consumer_tag: str) -> bytes:
    """basic.cancel from the server: nowait, no answer is expected."""
    return method(channel, 60 << 16 | 30, shortstr(consumer_tag) + b"\x01")


def cancel_ok(channel: int, consumer_tag: str) -> bytes:
    return method(channel, 60 << 16 | 31, shortstr(consumer_tag))


def recover_ok(channel: int) -> bytes:
    return method(channel, 60 << 16 | 111)


def select_ok(channel: int) -> bytes:
    """confirm.select-ok."""
    return method(channel, 85 << 16 | 11)


def get_empty(channel: int) -> bytes:
    return method(channel, 60 << 16 | 72, b"\x00")


def get_ok(channel: int, tag: int, redelivered: bool, address: bytes, ready: int) -> bytes:
    """``address`` is exchange and routing key as two short strings."""
    return method(channel, 60 << 16 | 71, _GET_OK.pack(tag, redelivered) + address + LONG.pack(ready))


def returned(channel: int, code: int, text: str, address: bytes) -> bytes:
    """basic.return; content header and body must follow."""
    return method(channel, 60 << 16 | 50, code.to_bytes(2, "big") + shortstr(text) + address)


def ack(channel: int, tag: int, multiple: bool) -> bytes:
    """basic.ack as a publisher confirm."""
    return _ACK.pack(METHOD, channel, 13, BASIC_ACK, tag, multiple, END)


def nack(channel: int, tag: int, multiple: bool) -> bytes:
    """basic.nack as a publisher confirm (the bits are multiple and requeue)."""
    return _ACK.pack(METHOD, channel, 13, BASIC_NACK, tag, multiple, END)


def deliver_prefix(channel: int, consumer_tag: str, address: bytes) -> bytes:
    """basic.deliver up to the delivery tag: the same for every delivery to one consumer."""
    tag = shortstr(consumer_tag)
    return HEAD.pack(METHOD, channel, 4 + len(tag) + 9 + len(address)) + LONG.pack(BASIC_DELIVER) + tag


def content(channel: int, header: bytes, body: bytes, frame_max: int) -> list[bytes]:
    """Content header and body frames; ``header`` is the header payload from the property flags on."""
    head = HEAD.pack(HEADER, channel, 12 + len(header)) + CONTENT_HEAD.pack(BASIC, 0, len(body), 0)[:12]
    pieces = [head, header, END_OCTET]
    room = frame_max - OVERHEAD
    for start in range(0, len(body), room):
        part = body[start : start + room] if len(body) > room else body
        pieces += (HEAD.pack(BODY, channel, len(part)), part, END_OCTET)
    return pieces
