"""AMQP 0-9-1 as a client writes and reads it on the message path, by hand.  Pure.

pamqp does the rare methods; on the path of every message it costs ten times as much.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from pamqp import base, frame, header

METHOD: Final = 1
HEADER: Final = 2
BODY: Final = 3
HEARTBEAT: Final = 8
HEARTBEAT_FRAME: Final = b"\x08\x00\x00\x00\x00\x00\x00\xce"
END: Final = b"\xce"
OVERHEAD: Final = 8
"""Octets of a frame beside its payload."""

DELIVER: Final = 60 << 16 | 60
GET_OK: Final = 60 << 16 | 71
RETURN: Final = 60 << 16 | 50
ACK: Final = 60 << 16 | 80
NACK: Final = 60 << 16 | 120

HEAD: Final = Struct(">BHI")
_SETTLE: Final = Struct(">BHIIQB")
_CONTENT: Final = Struct(">BHIHHQH")
_PUBLISH: Final = Struct(">IHB")
_LONG: Final = Struct(">I")
_TAG: Final = Struct(">Q")

_HAS_HEADERS: Final = 1 << 13
_HAS_MODE: Final = 1 << 12
_HAS_EXPIRATION: Final = 1 << 8
_HAS_MESSAGE_ID: Final = 1 << 7
_HAS_TYPE: Final = 1 << 5
_INTEGERS: Final = {b"b": 1, b"B": 1, b"s": 2, b"u": 2, b"I": 4, b"i": 4, b"l": 8, b"t": 1}
"""Octets of a table value by its type; all signed but B, u and i."""


def shortstr(text: str) -> bytes:
    """A short string, cut at 255 octets (at a character)."""
    raw = text.encode()
    if len(raw) > 255:
        raw = raw[:255].decode(errors="ignore").encode()
    return bytes((len(raw),)) + raw


def publish_method(channel: int, queue: str) -> bytes:
    """The method frame of a mandatory publish to ``queue`` by the default exchange; the same for all to it."""
    payload = b"\x00\x3c\x00\x28\x00\x00\x00" + shortstr(queue) + b"\x01"
    return HEAD.pack(METHOD, channel, len(payload)) + payload + END


def properties(headers: bytes, message_id: str, kind: str, expiration: int | None) -> tuple[int, bytes]:
    """Flags and values of a persistent message; ``headers`` as `table` packs them, ``expiration`` in ms."""
    flags = _HAS_HEADERS | _HAS_MODE | _HAS_MESSAGE_ID | _HAS_TYPE
    expires = b""
    if expiration is not None:
        flags |= _HAS_EXPIRATION
        expires = shortstr(str(expiration))
    return flags, b"".join((headers, b"\x02", expires, shortstr(message_id), shortstr(kind)))


def table(*fields: tuple[bytes, bytes]) -> bytes:
    """A headers table of long strings."""
    packed = b"".join(
        bytes((len(name),)) + name + b"S" + len(value).to_bytes(4, "big") + value for name, value in fields
    )
    return len(packed).to_bytes(4, "big") + packed


def content(channel: int, flags: int, values: bytes, body: bytes, frame_max: int) -> list[bytes]:
    """Header and body frames."""
    size = len(body)
    pieces = [_CONTENT.pack(HEADER, channel, 14 + len(values), 60, 0, size, flags), values, END]
    limit = frame_max - OVERHEAD
    if 0 < size <= limit:
        pieces += [HEAD.pack(BODY, channel, size), body, END]
    else:
        for start in range(0, size, limit):
            piece = body[start : start + limit]
            pieces += [HEAD.pack(BODY, channel, len(piece)), piece, END]
    return pieces


def ack(channel: int, tag: int, multiple: bool) -> bytes:
    """basic.ack of one delivery, or of all up to it."""
    return _SETTLE.pack(METHOD, channel, 13, ACK, tag, multiple) + END


def requeue(channel: int, tag: int) -> bytes:
    """basic.nack of one delivery, to be delivered again."""
    return _SETTLE.pack(METHOD, channel, 13, NACK, tag, 2) + END


def read_deliver(payload: bytes) -> tuple[bytes, int, bool]:
    """Consumer tag, delivery tag and redelivered flag of a basic.deliver payload."""
    end = 5 + payload[4]
    return payload[5:end], _TAG.unpack_from(payload, end)[0], bool(payload[end + 8])


def read_get_ok(payload: bytes) -> tuple[int, bool]:
    """Delivery tag and redelivered flag of a basic.get-ok payload."""
    return _TAG.unpack_from(payload, 4)[0], bool(payload[12])


def read_confirm(payload: bytes) -> tuple[int, bool]:
    """Delivery tag and the flag "multiple" of a basic.ack or basic.nack payload."""
    return _TAG.unpack_from(payload, 4)[0], bool(payload[12] & 1)


def body_size(payload: bytes) -> int:
    """What a content header announces."""
    return int(_TAG.unpack_from(payload, 4)[0])


def raw_properties(payload: bytes) -> tuple[int, bytes]:
    """Flags and values of a content header's payload, as they are."""
    return int.from_bytes(payload[12:14], "big"), payload[14:]


def read_headers(payload: bytes) -> dict[str, object]:
    """The headers table of a content header's payload; long strings as bytes.

    Tables that hold anything but strings and integers are read by pamqp: RabbitMQ writes such (x-death) only when it
    moves a message itself.  Raises ValueError where there is no table.
    """
    flags = int.from_bytes(payload[12:14], "big")
    if not flags & _HAS_HEADERS:
        raise ValueError("a message without headers")
    at = 14
    for flag in (1 << 15, 1 << 14):  # content type and encoding come before
        if flags & flag:
            at += 1 + payload[at]
    end = at + 4 + _LONG.unpack_from(payload, at)[0]
    at += 4
    found: dict[str, object] = {}
    while at < end:
        name_end = at + 1 + payload[at]
        name = payload[at + 1 : name_end].decode()
        kind = payload[name_end : name_end + 1]
        at = name_end + 1
        if kind == b"S":
            size = _LONG.unpack_from(payload, at)[0]
            found[name] = payload[at + 4 : at + 4 + size]
            at += 4 + size
        elif (width := _INTEGERS.get(kind)) is not None:
            found[name] = int.from_bytes(payload[at : at + width], "big", signed=kind not in (b"B", b"u", b"i"))
            at += width
        else:
            return _read_all(payload)
    return found


def letter_id(payload: bytes) -> int | None:
    """The id in the header ``l`` of a message of ours."""
    own = read_headers(payload).get("l")
    return int(own[1:].split(b",", 1)[0]) if isinstance(own, bytes) else None


def _read_all(payload: bytes) -> dict[str, object]:
    whole = header.ContentHeader()
    whole.unmarshal(payload)
    headers = whole.properties.headers or {}
    return {name: value.encode() if isinstance(value, str) else value for name, value in headers.items()}


def decode(payload: bytes) -> base.Frame:
    """A rare method by its payload."""
    method = frame.unmarshal(HEAD.pack(METHOD, 0, len(payload)) + payload + END)[2]
    assert isinstance(method, base.Frame)
    return method
