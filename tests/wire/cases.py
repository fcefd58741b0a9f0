"""A mistake and what it is answered with: the shape of the error tables."""

from __future__ import annotations

from dataclasses import dataclass

from pamqp import commands, frame
from pamqp.base import Frame

from broker.amqp import frames

C = commands


def octets(channel: int, *methods: Frame) -> bytes:
    return b"".join(frame.marshal(method, channel) for method in methods)


def header_frame(size: int, class_id: int = 60, weight: int = 0) -> bytes:
    payload = frames.CONTENT_HEAD.pack(class_id, weight, size, 0)
    return frames.HEAD.pack(2, 1, len(payload)) + payload + b"\xce"


@dataclass(frozen=True)
class Case:
    """What a client says on a running connection with channel 1 open, and what it is told."""

    name: str
    says: bytes
    code: int
    text: str
    method: tuple[int, int]


BEGUN = octets(1, C.Basic.Publish(0, "AFSEND_BESKED_EXCHANGE", ""))
