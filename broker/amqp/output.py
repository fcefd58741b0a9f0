"""What one connection has to write: whole frames in pieces, joined once when they go out."""

from __future__ import annotations

from struct import Struct

from broker.amqp import frames

_DELIVERY = Struct(">QB")
_HEADER_HEAD = Struct(">BHIHHQ")
_BODY_HEAD = Struct(">BBHI")
_AROUND = 160
"""About what a delivery takes beside its body."""


class Output:
    """Pieces in order; ``pending`` is about how many octets they are."""

    __slots__ = ("_pieces", "frame_max", "pending")

    def __init__(self, frame_max: int) -> None:
        self.frame_max = frame_max
        self.pending = 0
        self._pieces: list[bytes] = []

    def __repr__(self) -> str:
        return f"Output(pending={self.pending})"

    def send(self, frame: bytes) -> None:
        """Queue one whole frame."""
        self._pieces.append(frame)
        self.pending += len(frame)

    def send_content(self, method: bytes, channel: int, header: bytes, body: bytes) -> None:
        """Queue a method frame with its content; ``header`` is the header payload from the property flags on."""
        self._pieces.append(method)
        self._pieces += frames.content(channel, header, body, self.frame_max)
        self.pending += len(body) + len(header) + _AROUND

    def deliver(
        self, channel: int, prefix: bytes, tag: int, redelivered: bool, address: bytes, header: bytes, body: bytes
    ) -> None:
        """Queue basic.deliver with its content.

        ``prefix`` is from `frames.deliver_prefix`; ``address`` is exchange and routing key as short strings and the
        octet that ends the frame.
        """
        size = len(body)
        if 0 < size <= self.frame_max - 8:
            self._pieces += (
                prefix,
                _DELIVERY.pack(tag, redelivered),
                address,
                _HEADER_HEAD.pack(2, channel, 12 + len(header), 60, 0, size),
                header,
                _BODY_HEAD.pack(0xCE, 3, channel, size),
                body,
                b"\xce",
            )
        else:
            self._pieces += (prefix, _DELIVERY.pack(tag, redelivered), address)
            self._pieces += frames.content(channel, header, body, self.frame_max)
        self.pending += size + _AROUND

    def take(self) -> list[bytes]:
        """The pieces so far; they are the caller's to write."""
        taken, self._pieces, self.pending = self._pieces, [], 0
        return taken
