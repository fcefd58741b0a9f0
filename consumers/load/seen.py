"""What one destination has got of one stream: two bits a message, and a few numbers.  Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

_STEP = 4096
"""Octets by which the bits grow."""


@dataclass(slots=True)
class Seen:
    """Bit n of ``arrived`` and ``taken`` (least significant first) is message n.

    A message arrives when it is read off the socket, and is taken when it is acknowledged.
    """

    total: int
    arrived: bytearray = field(default_factory=bytearray, repr=False)
    taken: bytearray = field(default_factory=bytearray, repr=False)
    highest: int = -1
    out_of_order: int = 0
    """First arrivals, not flagged redelivered, after one with a higher number."""
    again_flagged: int = 0
    """Arrivals of a message that had arrived before, flagged redelivered."""
    again_unflagged: int = 0
    strays: int = 0
    """Numbers that the stream never had."""

    def arrive(self, number: int, redelivered: bool) -> bool:
        """Whether it is the first time."""
        if number >= self.total:
            self.strays += 1
            return False
        byte, bit = number >> 3, 1 << (number & 7)
        if byte >= len(self.arrived):
            self.arrived.extend(bytes(byte - len(self.arrived) + _STEP))
        if self.arrived[byte] & bit:
            if redelivered:
                self.again_flagged += 1
            else:
                self.again_unflagged += 1
            return False
        self.arrived[byte] |= bit
        if number > self.highest:
            self.highest = number
        elif not redelivered:
            self.out_of_order += 1
        return True

    def take(self, number: int) -> bool:
        """Whether it is the first time."""
        if number >= self.total:
            return False
        byte, bit = number >> 3, 1 << (number & 7)
        if byte >= len(self.taken):
            self.taken.extend(bytes(byte - len(self.taken) + _STEP))
        if self.taken[byte] & bit:
            return False
        self.taken[byte] |= bit
        return True
