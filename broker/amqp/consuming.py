"""basic.consume, cancel, qos and get."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import structlog
from pamqp import commands

from broker.amqp import frames, properties, replies
from broker.amqp.consumer import ChannelConsumer
from broker.amqp.errors import InternalError, NotAllowed, NotFound, NotImplementedHere, PreconditionFailed
from broker.amqp.events import Got
from broker.amqp.link import Hold
from broker.amqp.names import strip

if TYPE_CHECKING:
    from broker.amqp.channel import Channel
    from broker.amqp.session import Session
    from broker.core.model import Dueslag
    from broker.ports import Leverance, Rendered

log = structlog.get_logger("broker.amqp")

MAX_PRIORITY = 2**31


def queue_name(channel: Channel, said: str) -> str:
    """The queue that a client means; an empty name is the one it declared last on this channel."""
    name = strip(said)
    if name:
        return name
    if channel.queue is None:
        raise NotFound("no previously declared queue")
    return channel.queue


def qos(session: Session, channel: Channel, method: commands.Basic.Qos) -> None:
    if method.prefetch_size:
        raise NotImplementedHere(f"prefetch_size!=0 ({method.prefetch_size})")
    if method.global_:
        channel.limit = method.prefetch_count
        session.kicks.update(consumer.dueslag for consumer in channel.consumers.values())
    else:
        channel.prefetch = method.prefetch_count
    session.machine.output.send(frames.qos_ok(channel.number))


def consume(session: Session, channel: Channel, method: commands.Basic.Consume) -> None:
    tag = strip(method.consumer_tag or "")
    if tag and (tag in channel.consumers or (channel.reply is not None and channel.reply.consumer_tag == tag)):
        raise NotAllowed(f"attempt to reuse consumer tag '{tag}'")
    name = queue_name(channel, method.queue)
    tag = tag or f"amq.ctag-{secrets.token_urlsafe(16)}"
    if name.encode() == replies.REPLY_TO:
        _consume_replies(session, channel, method, tag)
        return
    dueslag = session.dueslag(name)
    priority = _priority(session, method, name)
    session.hub.claims.claim(dueslag.id, method.exclusive, name, session.vhost)
    consumer = ChannelConsumer(
        session, channel, dueslag.id, tag, no_ack=method.no_ack, exclusive=method.exclusive, priority=priority
    )
    channel.consumers[tag] = consumer
    if not method.nowait:
        session.machine.output.send(frames.consume_ok(channel.number, tag))
    session.hub.front.engine.attach(dueslag.id, consumer)


def _priority(session: Session, method: commands.Basic.Consume, name: str) -> int:
    said = (method.arguments or {}).get("x-priority", 0)
    if isinstance(said, bool) or not isinstance(said, int) or abs(said) > MAX_PRIORITY:
        where = f"invalid arg 'x-priority' for queue '{name}' in vhost '{session.vhost}'"
        raise PreconditionFailed(f"{where}: {{unacceptable_type,{type(said).__name__}}}")
    return said


def _consume_replies(session: Session, channel: Channel, method: commands.Basic.Consume, tag: str) -> None:
    if channel.reply is not None:
        raise PreconditionFailed("reply consumer already set")
    if not method.no_ack:
        raise PreconditionFailed("reply consumer cannot acknowledge")
    channel.reply = replies.ReplyConsumer(session, channel, tag)
    session.hub.replies.add(channel.reply)
    if not method.nowait:
        session.machine.output.send(frames.consume_ok(channel.number, tag))


def cancel(session: Session, channel: Channel, method: commands.Basic.Cancel) -> None:
    """An unknown tag is answered like a known one, as RabbitMQ; what the consumer has out stays out."""
    tag = strip(method.consumer_tag or "")
    consumer = channel.consumers.pop(tag, None)
    if consumer is not None:
        session.hub.front.engine.detach(consumer.dueslag, consumer)
        session.hub.claims.release(consumer.dueslag)
    elif channel.reply is not None and channel.reply.consumer_tag == tag:
        session.hub.replies.discard(channel.reply)
        channel.reply = None
    if not method.nowait:
        session.machine.output.send(frames.cancel_ok(channel.number, tag))


def cancel_ok(session: Session, channel: Channel, method: commands.Basic.CancelOk) -> None:
    """Some clients answer our basic.cancel, though it says nowait: nothing to do."""


def got(session: Session, event: Got) -> None:
    """basic.get; nothing else of the connection is looked at until it is answered."""
    dueslag = session.dueslag(queue_name(event.channel, event.queue))
    session.settle_up()
    session.hold(Hold.GET)
    session.hub.spawn(_get(session, event, dueslag))


async def _get(session: Session, event: Got, dueslag: Dueslag) -> None:
    engine = session.hub.front.engine
    try:
        while (leverance := await engine.get(dueslag.id)) is not None:
            if not session.is_open(event.channel):
                engine.requeue([leverance])
                break
            rendered = session.render(leverance)
            if rendered is not None:
                _got(session, event, leverance, rendered, engine.depth(dueslag.id).ready)
                break
        else:
            if session.is_open(event.channel):
                session.machine.output.send(frames.get_empty(event.channel.number))
    except Exception:
        log.exception("amqp.get_failed", peer=session.name, dueslag=dueslag.id)
        if not session.gone:
            session.fail_connection(InternalError("basic.get failed, see the emulator's log", frames.BASIC_GET))
    finally:
        if not session.gone:
            session.wake()
            session.check_output()
        session.release(Hold.GET)


def _got(session: Session, event: Got, leverance: Leverance, rendered: Rendered, ready: int) -> None:
    channel = event.channel
    if event.no_ack:
        tag = channel.unacked.next_tag()
        session.sent.append(leverance)
    else:
        tag = channel.unacked.add(leverance, None)
        leverance.besked = None
    method = frames.get_ok(channel.number, tag, leverance.redelivered, session.hub.address, ready)
    header = properties.delivered(rendered.message_id, rendered.timestamp)
    session.machine.output.send_content(method, channel.number, header, rendered.body)
