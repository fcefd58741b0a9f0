"""One basic.consume on a dueslag, as the engine sees it (`broker.ports.Consumer`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from broker.amqp import frames, properties
from broker.ports import Leverance

if TYPE_CHECKING:
    from broker.amqp.channel import Channel
    from broker.amqp.session import Session


class ChannelConsumer:
    """Turns deliveries into frames, within the consumer's and its channel's prefetch and what the socket takes."""

    __slots__ = (
        "_address",
        "_channel",
        "_output",
        "_prefix",
        "_session",
        "dueslag",
        "exclusive",
        "limit",
        "no_ack",
        "out",
        "priority",
        "tag",
    )

    def __init__(
        self,
        session: Session,
        channel: Channel,
        dueslag: str,
        tag: str,
        *,
        no_ack: bool = False,
        exclusive: bool = False,
        priority: int = 0,
    ) -> None:
        self.dueslag = dueslag
        self.tag = tag
        self.no_ack = no_ack
        self.exclusive = exclusive
        self.priority = priority
        self.limit = 0 if no_ack else channel.prefetch
        """Prefetch; 0 = no limit."""
        self.out = 0
        self._session = session
        self._channel = channel
        self._output = session.machine.output
        self._prefix = frames.deliver_prefix(channel.number, tag, session.hub.address)
        self._address = session.hub.address + frames.END_OCTET

    def __repr__(self) -> str:
        return f"ChannelConsumer({self.tag!r}, dueslag={self.dueslag!r}, out={self.out}, limit={self.limit})"

    def has_room(self) -> bool:
        if self.limit and self.out >= self.limit:
            return False
        channel = self._channel
        if channel.limit and channel.out >= channel.limit and not self.no_ack:
            return False
        return self._session.takes_deliveries()

    def deliver(self, leverance: Leverance) -> None:
        session, channel = self._session, self._channel
        rendered = session.render(leverance)
        if rendered is None:
            return
        if self.no_ack:
            tag = channel.unacked.next_tag()
            session.sent.append(leverance)
        else:
            tag = channel.unacked.add(leverance, self)
            self.out += 1
            channel.out += 1
            leverance.besked = None
        self._output.deliver(
            channel.number,
            self._prefix,
            tag,
            leverance.redelivered,
            self._address,
            properties.delivered(rendered.message_id, rendered.timestamp),
            rendered.body,
        )
        session.wake()

    def dueslag_gone(self) -> None:
        self._session.cancel(self._channel, self)
