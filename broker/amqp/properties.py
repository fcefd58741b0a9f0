"""Basic properties: what the server needs of a publisher's, and those it puts on what it sends.

Order of the properties and their flags: amqp0-9-1.stripped.extended.xml, class basic.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from broker.amqp.tables import find_string

CONTENT_TYPE = 0x8000
CONTENT_ENCODING = 0x4000
HEADERS = 0x2000
DELIVERY_MODE = 0x1000
PRIORITY = 0x0800
CORRELATION_ID = 0x0400
REPLY_TO = 0x0200
EXPIRATION = 0x0100
MESSAGE_ID = 0x0080
TIMESTAMP = 0x0040
TYPE = 0x0020
USER_ID = 0x0010
APP_ID = 0x0008
CLUSTER_ID = 0x0004
_UNKNOWN = 0x0003
_AFTER_MESSAGE_ID = TIMESTAMP | TYPE | USER_ID | APP_ID | CLUSTER_ID

_FLAGS = Struct(">H")
_XML = b"\x0fapplication/xml"
_DELIVERED = _FLAGS.pack(CONTENT_TYPE | DELIVERY_MODE | MESSAGE_ID | TIMESTAMP) + _XML + b"\x02"
_TIMESTAMP = Struct(">Q")


class Properties(NamedTuple):
    """The properties of a publication that mean something here; octets as the publisher sent them."""

    message_id: bytes | None = None
    correlation_id: bytes | None = None
    reply_to: bytes | None = None
    expiration: bytes | None = None
    user_id: bytes | None = None
    token: bytes | None = None
    """The long string ``token`` of the headers table; the other headers are not looked at."""


def parse(raw: bytes) -> Properties:
    """The properties in ``raw``, a content header payload from its flags on.

    Raises ValueError where it is malformed.
    """
    try:
        return _parse(raw)
    except IndexError:
        raise ValueError("properties are cut short") from None


def _parse(raw: bytes) -> Properties:
    flags = raw[0] << 8 | raw[1]
    if flags & _UNKNOWN:
        raise ValueError("unknown property flags")
    message_id = correlation_id = reply_to = expiration = user_id = token = None
    at = 2
    if flags & CONTENT_TYPE:
        at += 1 + raw[at]
    if flags & CONTENT_ENCODING:
        at += 1 + raw[at]
    if flags & HEADERS:
        start = at + 4
        at = start + int.from_bytes(raw[at:start], "big")
        if at > len(raw):
            raise ValueError("headers go beyond their frame")
        token = find_string(raw, start, at, b"token")
    if flags & DELIVERY_MODE:
        at += 1
    if flags & PRIORITY:
        at += 1
    if flags & CORRELATION_ID:
        start, at = at + 1, at + 1 + raw[at]
        correlation_id = raw[start:at]
    if flags & REPLY_TO:
        start, at = at + 1, at + 1 + raw[at]
        reply_to = raw[start:at]
    if flags & EXPIRATION:
        start, at = at + 1, at + 1 + raw[at]
        expiration = raw[start:at]
    if flags & MESSAGE_ID:
        start, at = at + 1, at + 1 + raw[at]
        message_id = raw[start:at]
    if flags & _AFTER_MESSAGE_ID:
        if flags & TIMESTAMP:
            at += 8
        if flags & TYPE:
            at += 1 + raw[at]
        if flags & USER_ID:
            start, at = at + 1, at + 1 + raw[at]
            user_id = raw[start:at]
        if flags & APP_ID:
            at += 1 + raw[at]
        if flags & CLUSTER_ID:
            at += 1 + raw[at]
    if at != len(raw):
        raise ValueError("properties do not fill their frame")
    return Properties(message_id, correlation_id, reply_to, expiration, user_id, token)


def delivered(message_id: str, timestamp: int) -> bytes:
    """The header payload, from its flags on, of a Haendelsesbesked on its way out: application/xml, persistent,
    message_id, timestamp (seconds).  Nothing of the sender's header goes along: it holds the sender's token."""
    identity = message_id.encode()[:255]
    return _DELIVERED + bytes((len(identity),)) + identity + _TIMESTAMP.pack(timestamp)


def reply(correlation_id: bytes | None) -> bytes:
    """The header payload, from its flags on, of a StandardRetur: application/xml and the request's correlation_id."""
    if correlation_id is None:
        return _FLAGS.pack(CONTENT_TYPE) + _XML
    return _FLAGS.pack(CONTENT_TYPE | CORRELATION_ID) + _XML + bytes((len(correlation_id),)) + correlation_id


def without_headers(raw: bytes) -> bytes:
    """The same properties less the headers table; ``raw`` must have been parsed before."""
    flags = raw[0] << 8 | raw[1]
    if not flags & HEADERS:
        return raw
    at = 2
    for flag in (CONTENT_TYPE, CONTENT_ENCODING):
        if flags & flag:
            at += 1 + raw[at]
    end = at + 4 + int.from_bytes(raw[at : at + 4], "big")
    return _FLAGS.pack(flags & ~HEADERS) + raw[2:at] + raw[end:]
