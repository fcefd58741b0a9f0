"""AMQP 0-9-1 frames of the message path, packed and read by hand.  Pure.

Frame = type (1 octet), channel (2), payload size (4), payload, 0xCE.  Source: AMQP 0-9-1, section 4.2.3.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from consumers.load.message import ID_LENGTH, Template

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
OVERHEAD = 8
CHANNEL = 1
DELIVER, ACK, NACK, RETURN = 0x003C003C, 0x003C0050, 0x003C0078, 0x003C0032
PUBLISH = 0x003C0028
REPLY_TO = b"amq.rabbitmq.reply-to"
HEARTBEAT_FRAME = b"\x08\0\0\0\0\0\0\xce"

head_at = struct.Struct(">BHI").unpack_from
u32_at = struct.Struct(">I").unpack_from
u64_at = struct.Struct(">Q").unpack_from
_ack = struct.Struct(">BHIIQBB").pack
_nack = struct.Struct(">BHIIQBB").pack

_CONTENT_TYPE, _HEADERS, _DELIVERY, _CORRELATION, _REPLY, _MESSAGE = 1 << 15, 1 << 13, 1 << 12, 1 << 10, 1 << 9, 1 << 7


def frame(kind: int, payload: bytes, channel: int = CHANNEL) -> bytes:
    """One whole frame."""
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce"


def ack(tag: int, multiple: bool) -> bytes:
    """basic.ack."""
    return _ack(METHOD, CHANNEL, 13, ACK, tag, multiple, 0xCE)


def requeue(tag: int) -> bytes:
    """basic.nack of one message, back into its queue."""
    return _nack(METHOD, CHANNEL, 13, NACK, tag, 2, 0xCE)


def shortstr(text: bytes) -> bytes:
    """A short string: length octet and octets (at most 255)."""
    return bytes((len(text),)) + text


def table(values: Mapping[str, str]) -> bytes:
    """A field table of long strings, its length before it."""
    entries = b"".join(
        shortstr(name.encode()) + b"S" + struct.pack(">I", len(value.encode())) + value.encode()
        for name, value in values.items()
    )
    return struct.pack(">I", len(entries)) + entries


@dataclass(frozen=True, slots=True)
class Publication:
    """A basic.publish with everything but the id and the time: `parts` puts these in."""

    begin: bytes
    second: bytes
    third: bytes
    between: bytes
    middle: bytes
    tail: bytes

    def parts(self, identifier: bytes, when: bytes) -> tuple[bytes, ...]:
        """What to write, in order."""
        return (
            self.begin,
            identifier,
            self.second,
            identifier,
            self.third,
            identifier,
            self.between,
            when,
            self.middle,
            when,
            self.tail,
        )


def publication(
    template: Template, *, exchange: str, routing_key: str, headers: Mapping[str, str], reply: bool, frame_max: int
) -> Publication:
    """A persistent, mandatory message; with ``reply`` its answer is asked for by direct reply-to.

    The BeskedId is message_id and correlation_id, too.
    """
    method = struct.pack(">IH", PUBLISH, 0) + shortstr(exchange.encode()) + shortstr(routing_key.encode()) + b"\x01"
    flags = _CONTENT_TYPE | _DELIVERY | _CORRELATION | _MESSAGE
    flags |= (_HEADERS if headers else 0) | (_REPLY if reply else 0)
    first = struct.pack(">HHQH", 60, 0, template.size, flags) + shortstr(b"application/xml")
    first += (table(headers) if headers else b"") + b"\x02" + bytes((ID_LENGTH,))
    second = (shortstr(REPLY_TO) if reply else b"") + bytes((ID_LENGTH,))
    header_size = len(first) + len(second) + 2 * ID_LENGTH
    room = frame_max - OVERHEAD
    fixed = template.size - len(template.tail)
    tail_room = min(template.size, room) - fixed  # head, id and times stand in the first body frame
    rest = template.tail[tail_room:]
    tail = template.tail[:tail_room] + b"\xce"
    tail += b"".join(frame(BODY, rest[at : at + room]) for at in range(0, len(rest), room))
    return Publication(
        frame(METHOD, method) + struct.pack(">BHI", HEADER, CHANNEL, header_size) + first,
        second,
        b"\xce" + struct.pack(">BHI", BODY, CHANNEL, min(template.size, room)) + template.head,
        template.between,
        template.middle,
        tail,
    )


def correlation_of(header: bytes | bytearray, start: int) -> bytes:
    """correlation_id in a content header whose payload begins at ``start``; empty where it has none."""
    flags = header[start + 12] << 8 | header[start + 13]
    at = start + 14
    for bit in (1 << 15, 1 << 14):  # content-type, content-encoding
        if flags & bit:
            at += 1 + header[at]
    if flags & _HEADERS:
        at += 4 + int(u32_at(header, at)[0])
    at += (flags >> 12 & 1) + (flags >> 11 & 1)  # delivery-mode, priority
    if not flags & _CORRELATION:
        return b""
    return bytes(header[at + 1 : at + 1 + header[at]])
