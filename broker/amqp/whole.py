"""The quick way in: a basic.publish that lies in the buffer whole, in the three frames that clients make of it.

Says nothing about anything else: whatever is unusual, cut short or wrong goes the long way through `Channel`, which
knows what to answer.  Read together the three frames cost half of what they do one by one.
"""

from __future__ import annotations

from struct import Struct
from struct import error as struct_error

from broker.amqp.channel import Channel
from broker.amqp.events import Published

_PUBLISH = b"\x00\x3c\x00\x28"
_HEADER = Struct(">BBHIHHQ")
_BODY = Struct(">BBHI")


def publish(channel: Channel, data: bytes, start: int, end: int) -> Published | None:
    """The publication whose method payload is ``data[start:end]``; None = the long way.

    It ends ``29 + len(header) + len(body)`` octets behind ``end``.
    """
    if data[start : start + 4] != _PUBLISH or channel.closing or channel.expects_content:
        return None
    try:
        # each frame's last octet is read together with the head of the next
        close, kind, number, length, class_id, weight, size = _HEADER.unpack_from(data, end)
        header_end = end + 8 + length
        if close != 0xCE or kind != 2 or number != channel.number or class_id != 60 or weight or length < 14:
            return None
        close, kind, number, length = _BODY.unpack_from(data, header_end)
        body_start = header_end + 8
        stop = body_start + length
        if close != 0xCE or kind != 3 or number != channel.number or length != size or data[stop] != 0xCE:
            return None
        exchange_end = start + 7 + data[start + 6]
        key_end = exchange_end + 1 + data[exchange_end]
        if key_end + 1 != end or length > channel.whole_max or header_end - end - 8 > channel.whole_max:
            return None
    except (struct_error, IndexError):
        return None
    return Published(
        channel,
        data[start + 7 : exchange_end],
        data[exchange_end + 1 : key_end],
        data[key_end],
        data[end + 20 : header_end],
        data[body_start:stop],
    )
