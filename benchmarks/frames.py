"""AMQP 0-9-1 frames of the message path, packed and read by hand so that the clients cost little.

Frame = type (1 octet), channel (2), payload size (4), payload, 0xCE.  Source: AMQP 0-9-1, section 4.2.3.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

METHOD, HEADER, BODY, HEARTBEAT = 1, 2, 3, 8
OVERHEAD = 8
"""Octets of a frame around its payload."""
BASIC_RETURN, BASIC_DELIVER, BASIC_ACK, BASIC_NACK = 0x003C0032, 0x003C003C, 0x003C0050, 0x003C0078
CHANNEL_CLOSE, CONNECTION_CLOSE = 0x00140028, 0x000A0032
CONNECTION_BLOCKED, CONNECTION_UNBLOCKED = 0x000A003C, 0x000A003D
END = b"\xce"

frame_head = struct.Struct(">BHI").unpack_from
method_id = struct.Struct(">I").unpack_from
delivery_tag = struct.Struct(">Q").unpack_from
_ack = struct.Struct(">BHIIQBB").pack

_PERSISTENT = 2
_PROPERTY_FLAGS = 1 << 15 | 1 << 12 | 1 << 10 | 1 << 7  # content-type, delivery-mode, correlation-id, message-id
_HEADERS = 1 << 13


def frame(kind: int, channel: int, payload: bytes) -> bytes:
    """One whole frame."""
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + END


def ack(channel: int, tag: int, multiple: bool) -> bytes:
    """basic.ack."""
    return _ack(METHOD, channel, 13, BASIC_ACK, tag, multiple, 0xCE)


def shortstr(text: bytes) -> bytes:
    """A short string: length octet and octets (at most 255)."""
    return bytes((len(text),)) + text


def table(headers: Mapping[str, str]) -> bytes:
    """A field table of long strings, its length before it."""
    entries = b"".join(
        shortstr(name.encode()) + b"S" + struct.pack(">I", len(value.encode())) + value.encode()
        for name, value in headers.items()
    )
    return struct.pack(">I", len(entries)) + entries


def publication(
    channel: int, exchange: str, routing_key: str, head: bytes, tail: bytes, headers: Mapping[str, str]
) -> tuple[bytes, bytes, bytes]:
    """A persistent, mandatory basic.publish in three pieces.

    The message with id ``i`` (36 octets) is piece 0, i, piece 1, i, piece 2: the id stands in property message_id
    and, between ``head`` and ``tail``, in the body.  Body and content header must fit one frame (131,072 octets) each.
    """
    method = struct.pack(">IH", 0x003C0028, 0) + shortstr(exchange.encode()) + shortstr(routing_key.encode()) + b"\x01"
    size = len(head) + 36 + len(tail)
    properties = struct.pack(">H", _PROPERTY_FLAGS | (_HEADERS if headers else 0)) + shortstr(b"application/xml")
    properties += (table(headers) if headers else b"") + bytes((_PERSISTENT,))
    properties += shortstr(b"00000000-0000-4000-8000-000000000001")  # correlation-id
    content = struct.pack(">HHQ", 60, 0, size) + properties + b"\x24"  # 0x24 = 36, the length of message-id
    begin = frame(METHOD, channel, method) + struct.pack(">BHI", HEADER, channel, len(content) + 36) + content
    return begin, END + struct.pack(">BHI", BODY, channel, size) + head, tail + END
