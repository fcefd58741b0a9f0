"""Publisher confirms of one channel: which publications are answered, told in as few frames as truth allows."""

from __future__ import annotations

from broker.amqp import frames


class Confirms:
    """Sequence numbers given out, settled in any order, and reported with ``multiple`` where that covers no open one.

    RabbitMQ's rule (rabbit_channel:coalesce_and_send): everything settled below the oldest open number goes into one
    multiple ack, the rest is told one by one.  Nacks are told one by one, and first.
    """

    __slots__ = ("_acked", "_lowest", "_nacked", "_open", "last")

    def __init__(self) -> None:
        self.last = 0
        """The number of the newest publication."""
        self._lowest = 1
        self._open: set[int] = set()
        self._acked: list[int] = []
        self._nacked: list[int] = []

    def __repr__(self) -> str:
        return f"Confirms(last={self.last}, open={len(self._open)}, untold={len(self._acked) + len(self._nacked)})"

    def begin(self) -> int:
        """The number of a publication that has just come."""
        self.last += 1
        self._open.add(self.last)
        return self.last

    def settle(self, number: int, ack: bool) -> None:
        """The publication is answered for: taken, or not."""
        self._open.discard(number)
        (self._acked if ack else self._nacked).append(number)

    @property
    def untold(self) -> bool:
        return bool(self._acked or self._nacked)

    def take(self, channel: int) -> list[bytes]:
        """The frames that tell what was settled since the last call."""
        told = [frames.nack(channel, number, False) for number in sorted(self._nacked)]
        if self._acked:
            told += self._acks(channel, self._oldest_open())
        self._acked, self._nacked = [], []
        return told

    def _acks(self, channel: int, oldest_open: int) -> list[bytes]:
        below = [number for number in self._acked if number < oldest_open]
        above = sorted(number for number in self._acked if number > oldest_open)
        told = [frames.ack(channel, max(below), len(below) > 1)] if below else []
        return told + [frames.ack(channel, number, False) for number in above]

    def _oldest_open(self) -> int:
        """Only ever advances, so that all calls together cost one step per publication."""
        if not self._open:
            self._lowest = self.last + 1
        while self._lowest <= self.last and self._lowest not in self._open:
            self._lowest += 1
        return self._lowest
