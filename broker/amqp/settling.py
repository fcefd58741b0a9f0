"""basic.ack, nack, reject and recover: what becomes of deliveries that are out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pamqp import commands

from broker.amqp import frames
from broker.amqp.errors import NotImplementedHere, unknown_delivery_tag
from broker.amqp.events import How, Settled

if TYPE_CHECKING:
    from broker.amqp.channel import Channel
    from broker.amqp.session import Session
    from broker.amqp.unacked import Entry

REJECTED = "rejected by the receiver"


def settled(session: Session, event: Settled) -> None:
    channel = event.channel
    entries = channel.unacked.take(event.tag, event.multiple)
    if entries is None:
        raise unknown_delivery_tag(event.tag)
    if event.how is How.ACK:
        acked = session.acked
        for leverance, _ in entries:
            acked.append(leverance)
        _make_room(session, channel, entries)
        return
    _make_room(session, channel, entries)
    give_back(session, entries, event.how)


def give_back(session: Session, entries: list[Entry], how: How) -> None:
    """Requeue or reject, in order; acks that came before are told first.

    The room that this makes is told afterwards: what is requeued comes again before what is behind it.
    """
    session.tell_acked()
    if not entries:
        return
    back = [leverance for leverance, _ in entries]
    engine = session.hub.front.engine
    if how is How.REQUEUE:
        engine.requeue(back)
    else:
        engine.reject(back, REJECTED)
    assert session.login is not None
    session.hub.front.settled(back, how.value, session.login)


def _make_room(session: Session, channel: Channel, entries: list[Entry]) -> None:
    kicks = session.kicks
    for _, consumer in entries:
        if consumer is not None:
            consumer.out -= 1
            channel.out -= 1
            kicks.add(consumer.dueslag)
    if channel.limit:
        kicks.update(consumer.dueslag for consumer in channel.consumers.values())


def recover(session: Session, channel: Channel, method: commands.Basic.Recover) -> None:
    _recover(session, channel, method.requeue)
    session.machine.output.send(frames.recover_ok(channel.number))


def recover_async(session: Session, channel: Channel, method: commands.Basic.RecoverAsync) -> None:
    _recover(session, channel, method.requeue)


def _recover(session: Session, channel: Channel, requeue: bool) -> None:
    if not requeue:
        raise NotImplementedHere("requeue=false")
    entries = channel.unacked.take_all()
    _make_room(session, channel, entries)
    give_back(session, entries, How.REQUEUE)
