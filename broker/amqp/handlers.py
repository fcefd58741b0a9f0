"""Which function answers which event: the table of the conversation, and the events that are about the connection."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog
from pamqp import commands

from broker.amqp import consuming, declaring, frames, publishing, sasl, settling
from broker.amqp.errors import NotAllowed, NotImplementedHere, PreconditionFailed
from broker.amqp.events import (
    Asked,
    ChannelClosed,
    ChannelFailed,
    ChannelOpened,
    Closed,
    ConnectionFailed,
    Dropped,
    Event,
    Got,
    LoginAsked,
    Opened,
    Published,
    SecretUpdated,
    Settled,
    TooLarge,
)
from broker.errors import AccessDenied

if TYPE_CHECKING:
    from broker.amqp.channel import Channel
    from broker.amqp.session import Session

log = structlog.get_logger("broker.amqp")


def login_asked(session: Session, event: LoginAsked) -> None:
    offered = session.hub.front.mechanisms(session.peer)
    if event.mechanism not in offered:
        session.machine.refuse_silently()
        why = f"mechanism {event.mechanism[:20]!r} is not on offer here, but {', '.join(offered)}"
        session.hub.front.denied(session.peer, why)
        _refused(session, event, why)
        return
    try:
        credentials = sasl.read(event.mechanism, event.response)
        login = session.hub.front.login(event.mechanism, credentials.user, credentials.secret, session.peer)
    except (AccessDenied, ValueError) as error:
        session.machine.refuse_login(event.mechanism)
        _refused(session, event, str(error) if isinstance(error, AccessDenied) else "malformed response")
        return
    system = login.system
    session.login = login
    session.user = credentials.user or system.id
    session.aliases = frozenset(name.encode() for name in (session.user, system.id, system.navn))
    session.client = _client_name(event)
    session.machine.accept_login()


def _refused(session: Session, event: LoginAsked, why: str) -> None:
    log.warning("amqp.login_refused", peer=session.name, mechanism=event.mechanism, why=why)
    session.link.linger()


def _client_name(event: LoginAsked) -> str:
    """product/version (name), as the client says; for logs and status."""
    said = [event.client_properties.get(key) for key in ("product", "version", "connection_name")]
    return " ".join(part.decode(errors="replace")[:80] for part in said if isinstance(part, bytes))


def opened(session: Session, event: Opened) -> None:
    session.link.opened(event.heartbeat)
    assert session.login is not None
    system = session.login.system
    log.info("amqp.login", peer=session.name, system=system.navn, user=session.user, client=session.client)


def secret_updated(session: Session, event: SecretUpdated) -> None:
    """What is open stays open; from here on the new token (or password) stands for who is logged in."""
    assert session.login is not None
    try:
        session.login = session.hub.front.renew(session.login, event.secret)
    except AccessDenied as error:
        log.warning("amqp.secret_refused", peer=session.name, user=session.user, why=str(error))
        raise NotAllowed("New secret was refused by one of the backends", frames.CONNECTION_UPDATE_SECRET) from None
    session.machine.output.send(frames.update_secret_ok())
    log.info("amqp.secret_updated", peer=session.name, user=session.user, reason=event.reason)


def channel_opened(session: Session, event: ChannelOpened) -> None:
    log.debug("amqp.channel_opened", peer=session.name, channel=event.channel.number)


def channel_closed(session: Session, event: ChannelClosed) -> None:
    event.channel.closing = True
    session.settle_up()
    session.release_channels([event.channel])
    session.machine.finish_close(event.channel)


def channel_failed(session: Session, event: ChannelFailed) -> None:
    session.settle_up()
    session.release_channels([event.channel])
    error = str(event.error)
    log.warning("amqp.channel_closed", peer=session.name, user=session.user, channel=event.channel.number, error=error)


def connection_failed(session: Session, event: ConnectionFailed) -> None:
    session.settle_up()
    session.ended(str(event.error))
    session.link.linger()


def closed(session: Session, event: Closed) -> None:
    session.settle_up()
    session.ended(f"closed: {event.code} {event.text}")
    session.link.finish()


def dropped(session: Session, event: Dropped) -> None:
    log.warning("amqp.dropped", peer=session.name, why=event.reason)
    session.ended(event.reason)
    if event.at_once:
        session.link.finish()
    else:
        session.link.linger()


# methods on a channel that no other module takes


def flow(session: Session, channel: Channel, method: commands.Channel.Flow) -> None:
    if not method.active:
        raise NotImplementedHere("active=false")
    session.machine.output.send(frames.flow_ok(channel.number, True))


def tx_select(session: Session, channel: Channel, method: commands.Tx.Select) -> None:
    if channel.confirms is not None:
        raise PreconditionFailed("cannot switch from confirm to tx mode")
    raise NotImplementedHere("tx.select")


def tx_end(session: Session, channel: Channel, method: commands.Tx.Commit | commands.Tx.Rollback) -> None:
    raise PreconditionFailed("channel is not transactional")


def asked(session: Session, event: Asked) -> None:
    METHODS[event.method.index](session, event.channel, event.method)


def method_of(event: Event) -> int:
    """Class and method that an error in handling the event is about."""
    if isinstance(event, Asked):
        return event.method.index
    if isinstance(event, Settled):
        return event.method_id
    return _METHOD_IDS.get(type(event), 0)


_METHOD_IDS: dict[type[Any], int] = {Published: frames.BASIC_PUBLISH, Got: frames.BASIC_GET}

HANDLERS: dict[type[Any], Callable[[Session, Any], None]] = {
    Published: publishing.published,
    TooLarge: publishing.too_large,
    Settled: settling.settled,
    Got: consuming.got,
    Asked: asked,
    LoginAsked: login_asked,
    Opened: opened,
    SecretUpdated: secret_updated,
    ChannelOpened: channel_opened,
    ChannelClosed: channel_closed,
    ChannelFailed: channel_failed,
    ConnectionFailed: connection_failed,
    Closed: closed,
    Dropped: dropped,
}

METHODS: dict[int, Callable[[Session, Channel, Any], None]] = {
    commands.Channel.Flow.index: flow,
    commands.Exchange.Declare.index: declaring.exchange_declare,
    commands.Exchange.Delete.index: declaring.exchange_delete,
    commands.Exchange.Bind.index: declaring.exchange_bind,
    commands.Exchange.Unbind.index: declaring.exchange_bind,
    commands.Queue.Declare.index: declaring.queue_declare,
    commands.Queue.Bind.index: declaring.queue_bind,
    commands.Queue.Unbind.index: declaring.queue_bind,
    commands.Queue.Purge.index: declaring.queue_change,
    commands.Queue.Delete.index: declaring.queue_change,
    commands.Basic.Qos.index: consuming.qos,
    commands.Basic.Consume.index: consuming.consume,
    commands.Basic.Cancel.index: consuming.cancel,
    commands.Basic.CancelOk.index: consuming.cancel_ok,
    commands.Basic.Recover.index: settling.recover,
    commands.Basic.RecoverAsync.index: settling.recover_async,
    commands.Confirm.Select.index: publishing.confirm_select,
    commands.Tx.Select.index: tx_select,
    commands.Tx.Commit.index: tx_end,
    commands.Tx.Rollback.index: tx_end,
}
