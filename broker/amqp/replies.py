"""Direct reply-to: the pseudo-queue amq.rabbitmq.reply-to, and the replies that go to it.

A consumer of the pseudo-queue gets a name of its own, ``amq.rabbitmq.reply-to.<opaque>``; what is addressed to that
name is delivered at once or, where the channel is gone, dropped.  https://www.rabbitmq.com/direct-reply-to.html
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from broker.amqp import frames, properties
from broker.amqp.errors import PreconditionFailed
from broker.errors import BeskedfordelerError
from broker.ports import Verdict

if TYPE_CHECKING:
    from broker.amqp.channel import Channel
    from broker.amqp.session import Session

REPLY_TO = b"amq.rabbitmq.reply-to"
REPLY_PREFIX = REPLY_TO + b"."


class ReplyConsumer:
    """The consumer of replies on one channel."""

    __slots__ = ("_address", "_prefix", "channel", "consumer_tag", "gone", "name", "session")

    def __init__(self, session: Session, channel: Channel, consumer_tag: str) -> None:
        self.session = session
        self.channel = channel
        self.consumer_tag = consumer_tag
        self.gone = False
        self.name = REPLY_PREFIX + secrets.token_urlsafe(18).encode()
        address = frames.shortstr(b"") + frames.shortstr(self.name)
        self._prefix = frames.deliver_prefix(channel.number, consumer_tag, address)
        self._address = address + frames.END_OCTET

    def deliver(self, header: bytes, body: bytes) -> None:
        """Pass on a direct reply; ``header`` is the content header payload from its property flags on.

        Dropped, as RabbitMQ drops what cannot be delivered at once, where the consumer does not read.
        """
        if self.session.machine.output.pending <= self.session.hub.settings.answer_limit:
            self._send(header, body)

    def answer(self, correlation_id: bytes | None, document: bytes) -> bool:
        """Send a StandardRetur; False where the consumer is gone."""
        if self.gone:
            return False
        self._send(properties.reply(correlation_id), document)
        return True

    def _send(self, header: bytes, body: bytes) -> None:
        tag = self.channel.unacked.next_tag()
        output = self.session.machine.output
        output.deliver(self.channel.number, self._prefix, tag, False, self._address, header, body)
        self.session.wake()


class Replies:
    """The reply consumers that live now, by name, over all connections."""

    __slots__ = ("_by_name",)

    def __init__(self) -> None:
        self._by_name: dict[bytes, ReplyConsumer] = {}

    def __len__(self) -> int:
        return len(self._by_name)

    def add(self, consumer: ReplyConsumer) -> None:
        self._by_name[consumer.name] = consumer

    def discard(self, consumer: ReplyConsumer | None) -> None:
        if consumer is not None:
            consumer.gone = True
            self._by_name.pop(consumer.name, None)

    def find(self, name: bytes) -> ReplyConsumer | None:
        return self._by_name.get(name)

    def target(self, channel: Channel, reply_to: bytes) -> ReplyConsumer | None:
        """Who gets the answer to a message with this reply_to; None where nobody can.

        Raises PreconditionFailed where it is the pseudo-queue and the channel does not consume it, as RabbitMQ.
        """
        if reply_to == REPLY_TO:
            if channel.reply is None:
                raise PreconditionFailed("fast reply consumer does not exist")
            return channel.reply
        return self._by_name.get(reply_to)


def refusal(error: BeskedfordelerError) -> Verdict:
    """The StandardRetur for a message that the front would not even judge, for example while it is stopping."""
    document = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<StandardRetur xmlns="urn:oio:sagdok:3.0.0">'
        f"<StatusKode>{error.status_kode}</StatusKode>"
        f"<FejlbeskedTekst>{escape(str(error))}</FejlbeskedTekst>"
        "</StandardRetur>"
    )
    return Verdict(error.status_kode, str(error), document.encode())
