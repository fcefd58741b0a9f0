"""Methods on exchanges and queues: an anvendersystem may look at what is its own, and change nothing."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from pamqp import commands

from broker.amqp import frames, replies
from broker.amqp.consuming import queue_name
from broker.amqp.errors import (
    AccessRefused,
    CommandInvalid,
    default_exchange,
    exchange_refused,
    no_exchange,
    no_queue,
    queue_refused,
    reserved_name,
)
from broker.amqp.names import EXCHANGE_TYPES, SYSTEM_EXCHANGES, strip

if TYPE_CHECKING:
    from broker.amqp.channel import Channel
    from broker.amqp.session import Session


def exchange_declare(session: Session, channel: Channel, method: commands.Exchange.Declare) -> None:
    name = strip(method.exchange)
    if not method.passive and method.exchange_type not in EXCHANGE_TYPES:
        raise CommandInvalid(f"unknown exchange type '{method.exchange_type}'")
    if not name:
        raise default_exchange()
    known = name == session.hub.settings.send_exchange or name in SYSTEM_EXCHANGES
    if not method.passive:
        if name.startswith("amq.") and not known:
            raise reserved_name("exchange", name)
        raise exchange_refused(name, session.vhost, session.user)
    if not known:
        raise no_exchange(name, session.vhost)
    if not method.nowait:
        session.machine.output.send(frames.exchange_declare_ok(channel.number))


def exchange_delete(session: Session, channel: Channel, method: commands.Exchange.Delete) -> None:
    name = strip(method.exchange)
    if not name:
        raise default_exchange()
    if name in SYSTEM_EXCHANGES:
        raise AccessRefused(f"deletion of system exchange '{name}' in vhost '{session.vhost}' not allowed")
    raise exchange_refused(name, session.vhost, session.user)


def exchange_bind(
    session: Session, channel: Channel, method: commands.Exchange.Bind | commands.Exchange.Unbind
) -> None:
    source, destination = strip(method.source), strip(method.destination)
    if not source or not destination:
        raise default_exchange()
    raise exchange_refused(destination, session.vhost, session.user)


def queue_declare(session: Session, channel: Channel, method: commands.Queue.Declare) -> None:
    name = strip(method.queue)
    if name.encode().startswith(replies.REPLY_TO):
        ready, consumers = _replies_depth(session, name)
    elif not method.passive:
        raise _declare_refused(session, name)
    else:
        ready, consumers = _depth(session, name)
    channel.queue = name
    if not method.nowait:
        session.machine.output.send(frames.queue_declare_ok(channel.number, name, ready, consumers))


def _depth(session: Session, name: str) -> tuple[int, int]:
    session.settle_up()
    depth = session.hub.front.engine.depth(session.dueslag(name).id)
    return depth.ready, depth.consumers


def _replies_depth(session: Session, name: str) -> tuple[int, int]:
    """The pseudo-queue always exists; a name below it while its consumer lives."""
    octets = name.encode()
    if octets == replies.REPLY_TO or session.hub.replies.find(octets) is not None:
        return 0, 1
    raise no_queue(name, session.vhost)


def _declare_refused(session: Session, name: str) -> AccessRefused:
    if name.startswith("amq."):
        return reserved_name("queue", name)
    return queue_refused(name or f"amq.gen-{secrets.token_urlsafe(16)}", session.vhost, session.user)


def queue_bind(session: Session, channel: Channel, method: commands.Queue.Bind | commands.Queue.Unbind) -> None:
    name = queue_name(channel, method.queue)
    if not strip(method.exchange):
        raise default_exchange()
    raise queue_refused(name, session.vhost, session.user)


def queue_change(session: Session, channel: Channel, method: commands.Queue.Purge | commands.Queue.Delete) -> None:
    raise queue_refused(queue_name(channel, method.queue), session.vhost, session.user)
