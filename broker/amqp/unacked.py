"""Deliveries of one channel that await ack, nack or reject, by delivery tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from broker.ports import Leverance

if TYPE_CHECKING:
    from broker.amqp.consumer import ChannelConsumer


Entry = tuple[Leverance, "ChannelConsumer | None"]
"""A delivery and its consumer; None where it came by basic.get."""


class Unacked:
    """Delivery tags given out in order, settled in any order."""

    __slots__ = ("_entries", "_lowest", "last")

    def __init__(self) -> None:
        self.last = 0
        """The newest delivery tag of the channel."""
        self._lowest = 1
        self._entries: dict[int, Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"Unacked(last={self.last}, open={len(self._entries)})"

    def next_tag(self) -> int:
        """A tag for a delivery that needs no ack."""
        self.last += 1
        return self.last

    def add(self, leverance: Leverance, consumer: ChannelConsumer | None) -> int:
        """The tag of a delivery that awaits its ack."""
        self.last += 1
        self._entries[self.last] = (leverance, consumer)
        return self.last

    def take(self, tag: int, multiple: bool) -> list[Entry] | None:
        """What the tag stands for, in order of tag: one delivery, or with ``multiple`` all up to it (0 = all).

        None where the tag is unknown.  With ``multiple`` a tag whose own delivery is settled already is unknown too,
        unless it is 0, as in RabbitMQ.
        """
        if not multiple:
            entry = self._entries.pop(tag, None)
            return None if entry is None else [entry]
        if tag == 0:
            return self.take_all()
        if tag not in self._entries:
            return None
        pop, first, self._lowest = self._entries.pop, self._lowest, tag + 1
        return [entry for number in range(first, tag + 1) if (entry := pop(number, None)) is not None]

    def take_all(self) -> list[Entry]:
        """Everything, in order of tag."""
        entries = list(self._entries.values())
        self._entries.clear()
        self._lowest = self.last + 1
        return entries
