"""Methods that clients send on a channel: those of the message path read by hand, the rare ones by pamqp."""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

from pamqp import commands
from pamqp.base import Frame

from broker.amqp import frames
from broker.amqp.channel import Channel
from broker.amqp.errors import CommandInvalid, cannot_decode
from broker.amqp.events import Asked, Event, Got, How, Settled

_TAG_BITS = Struct(">QB")

RARE: dict[int, type[Frame]] = {
    method.index: method
    for method in (
        commands.Channel.Flow,
        commands.Exchange.Declare,
        commands.Exchange.Delete,
        commands.Exchange.Bind,
        commands.Exchange.Unbind,
        commands.Queue.Declare,
        commands.Queue.Bind,
        commands.Queue.Unbind,
        commands.Queue.Purge,
        commands.Queue.Delete,
        commands.Basic.Qos,
        commands.Basic.Consume,
        commands.Basic.Cancel,
        commands.Basic.CancelOk,
        commands.Basic.Recover,
        commands.Basic.RecoverAsync,
        commands.Confirm.Select,
        commands.Tx.Select,
        commands.Tx.Commit,
        commands.Tx.Rollback,
    )
}


def read_rare(channel: Channel, method_id: int, arguments: bytes) -> Asked:
    """Raises CommandInvalid for a method that no client sends, FrameError for one that cannot be read."""
    kind = RARE.get(method_id)
    if kind is None:
        raise CommandInvalid("unimplemented method", method_id)
    method = kind.__new__(kind)  # its __init__ would check defaults, and warns for recover-async
    try:
        method.unmarshal(arguments)
    except Exception:  # whatever pamqp stumbles over, the peer has sent something that is no such method
        raise cannot_decode(arguments, method_id) from None
    return Asked(channel, method)


def _tag_and_bits(data: bytes, start: int, end: int) -> tuple[int, int]:
    if end - start != 9:
        raise ValueError("a delivery tag and its bits have nine octets")
    tag, bits = _TAG_BITS.unpack_from(data, start)
    return tag, bits


def _ack(channel: Channel, data: bytes, start: int, end: int) -> Settled:
    tag, bits = _tag_and_bits(data, start, end)
    return Settled(channel, tag, bits & 1 == 1, How.ACK, frames.BASIC_ACK)


def _nack(channel: Channel, data: bytes, start: int, end: int) -> Settled:
    tag, bits = _tag_and_bits(data, start, end)
    how = How.REQUEUE if bits & 2 else How.REJECT
    return Settled(channel, tag, bits & 1 == 1, how, frames.BASIC_NACK)


def _reject(channel: Channel, data: bytes, start: int, end: int) -> Settled:
    tag, bits = _tag_and_bits(data, start, end)
    how = How.REQUEUE if bits & 1 else How.REJECT
    return Settled(channel, tag, False, how, frames.BASIC_REJECT)


def _get(channel: Channel, data: bytes, start: int, end: int) -> Got:
    name_end = start + 3 + data[start + 2]
    if name_end + 1 != end:
        raise ValueError("basic.get does not fill its frame")
    return Got(channel, data[start + 3 : name_end].decode(), data[name_end] & 1 == 1)


READERS: dict[int, Callable[[Channel, bytes, int, int], Event]] = {
    frames.BASIC_ACK: _ack,
    frames.BASIC_NACK: _nack,
    frames.BASIC_REJECT: _reject,
    frames.BASIC_GET: _get,
}
