"""basic.publish: to the Beskedfordeler, as a direct reply, or nowhere; and what its sender is told."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

import structlog
from pamqp import commands

from broker.amqp import frames, properties, replies
from broker.amqp.errors import (
    NotImplementedHere,
    PreconditionFailed,
    cannot_decode,
    exchange_refused,
    no_exchange,
)
from broker.amqp.events import IMMEDIATE, MANDATORY, Published, TooLarge
from broker.amqp.link import Hold
from broker.amqp.names import SYSTEM_EXCHANGES, strip_octets
from broker.amqp.properties import Properties
from broker.errors import AccessDenied, BeskedfordelerError, NotFound, Refused
from broker.ports import Publication, Verdict

if TYPE_CHECKING:
    from broker.amqp.channel import Channel
    from broker.amqp.replies import ReplyConsumer
    from broker.amqp.session import Session

log = structlog.get_logger("broker.amqp")

ACCEPTED = 20


class Answer:
    """Called once with the verdict on a publication: StandardRetur to its reply_to, then the confirm.

    A refused message that nobody else could be told about is nacked: it is not on disk.
    """

    __slots__ = ("_channel", "_correlation_id", "_number", "_session", "_target", "given")

    def __init__(
        self,
        session: Session,
        channel: Channel,
        number: int,
        target: ReplyConsumer | None,
        correlation_id: bytes | None,
    ) -> None:
        self.given = False
        self._session = session
        self._channel = channel
        self._number = number
        """In the channel's confirms; 0 where it is not in confirm mode."""
        self._target = target
        self._correlation_id = correlation_id

    def __call__(self, verdict: Verdict) -> None:
        if self.given:
            return
        self.given = True
        session, target = self._session, self._target
        told = target is not None and target.answer(self._correlation_id, verdict.document)
        taken = verdict.status_kode == ACCEPTED
        if not taken and not told:
            log.info("amqp.refused_unheard", peer=session.name, user=session.user, status_kode=verdict.status_kode)
        if self._number:
            session.settle_confirm(self._channel, self._number, taken or told)
        session.unanswered -= 1
        if session.held:
            session.answered()


def published(session: Session, event: Published) -> None:
    session.has_published = True
    hub = session.hub
    if hub.blocked is not None:
        session.stall(event)
        return
    if event.bits & IMMEDIATE:
        raise NotImplementedHere("immediate=true")
    exchange = event.exchange
    if exchange != hub.exchange:
        exchange = _known_exchange(session, exchange)
    try:
        found = properties.parse(event.header)
    except ValueError:
        raise cannot_decode(event.header, frames.BASIC_PUBLISH) from None
    if found.user_id is not None or found.expiration is not None:
        _check(session, found)
    if exchange:
        _submit(session, event, found)
    else:
        _to_default_exchange(session, event, found)


def too_large(session: Session, event: TooLarge) -> None:
    """StandardRetur 40 to its reply_to when the body is over; 406 at once, as RabbitMQ, where nobody can be told so.

    A client that waits for its answer and gets none would send the same message again and again.
    """
    channel = event.channel
    target = correlation_id = message_id = None
    if strip_octets(event.exchange) == session.hub.exchange:
        with contextlib.suppress(ValueError):
            found = properties.parse(event.header)
            correlation_id, message_id = found.correlation_id, found.message_id
            target = None if found.reply_to is None else session.hub.replies.target(channel, found.reply_to)
    if target is None:
        text = f"message size {event.size} is larger than configured max size {event.limit}"
        raise PreconditionFailed(text, frames.BASIC_PUBLISH)
    if event.whole:
        number = 0 if channel.confirms is None else channel.confirms.begin()
        session.unanswered += 1
        error = Refused(f"the message is {event.size} bytes long; expected at most {event.limit} bytes")
        assert session.login is not None
        said = None if message_id is None else message_id.decode(errors="replace")
        verdict = session.hub.front.refuse(session.login, said, error)
        Answer(session, channel, number, target, correlation_id)(verdict)


def _known_exchange(session: Session, said: bytes) -> bytes:
    """The one that messages are sent to, or the default one (empty); anything else is refused."""
    exchange = strip_octets(said)
    if not exchange or exchange == session.hub.exchange:
        return exchange
    name = exchange.decode(errors="replace")
    if name in SYSTEM_EXCHANGES:
        raise exchange_refused(name, session.vhost, session.user)
    raise no_exchange(name, session.vhost)


def _check(session: Session, found: Properties) -> None:
    if found.user_id is not None and found.user_id not in session.aliases:
        said = found.user_id.decode(errors="replace")
        raise PreconditionFailed(f"user_id property set to '{said}' but authenticated user was '{session.user}'")
    if found.expiration is not None and not found.expiration.isdigit():
        said = found.expiration.decode(errors="replace")
        raise PreconditionFailed(f"invalid expiration '{said}': {_no_integer(said)}")


def _no_integer(said: str) -> str:
    """Why ``said`` is no time to live, as RabbitMQ's rabbit_basic:parse_expiration writes it."""
    digits = len(said) - len(said.lstrip("+-"))
    while digits < len(said) and said[digits] in "0123456789":
        digits += 1
    try:
        value = int(said[:digits])
    except ValueError:
        return "no_integer"
    if rest := said[digits:]:
        return f"{{leftover_string,{json.dumps(rest)}}}"
    return f"{{value_negative,{value}}}" if value < 0 else "no_integer"


def _submit(session: Session, event: Published, found: Properties) -> None:
    channel = event.channel
    message_id, correlation_id, reply_to, token = found.message_id, found.correlation_id, found.reply_to, found.token
    target = None if reply_to is None else session.hub.replies.target(channel, reply_to)
    number = 0 if channel.confirms is None else channel.confirms.begin()
    answer = Answer(session, channel, number, target, correlation_id)
    publication = Publication(
        event.body,
        None if message_id is None else message_id.decode(errors="replace"),
        token,
    )
    assert session.login is not None
    session.unanswered += 1
    try:
        more = session.hub.front.submit(session.login, publication, answer)
    except BeskedfordelerError as error:
        answer(replies.refusal(error))
        more = True
    if not answer.given:
        if not more:
            session.hold(Hold.FRONT)
        elif session.unanswered >= session.max_unanswered:
            session.hold(Hold.WINDOW)


def _to_default_exchange(session: Session, event: Published, found: Properties) -> None:
    """A direct reply; anything else finds no queue, and a dueslag is not for an anvendersystem to write to."""
    channel, key = event.channel, strip_octets(event.routing_key)
    if key.startswith(replies.REPLY_PREFIX):
        consumer = session.hub.replies.find(key)
        if consumer is not None:
            header = properties.without_headers(event.header) if found.token is not None else event.header
            consumer.deliver(header, event.body)
    else:
        if key and _is_dueslag(session, key.decode(errors="replace")):
            raise exchange_refused("amq.default", session.vhost, session.user)
        if event.bits & MANDATORY:
            _return(session, event)
    if channel.confirms is not None:
        session.settle_confirm(channel, channel.confirms.begin(), True)


def _is_dueslag(session: Session, name: str) -> bool:
    assert session.login is not None
    try:
        session.hub.front.open_dueslag(session.login, name)
    except NotFound:
        return False
    except AccessDenied:
        return True
    return True


def _return(session: Session, event: Published) -> None:
    number = event.channel.number
    address = frames.shortstr(event.exchange) + frames.shortstr(event.routing_key)
    method = frames.returned(number, 312, "NO_ROUTE", address)
    session.machine.output.send_content(method, number, event.header, event.body)


def confirm_select(session: Session, channel: Channel, method: commands.Confirm.Select) -> None:
    if channel.confirms is None:
        channel.start_confirms()
    if not method.nowait:
        session.machine.output.send(frames.select_ok(channel.number))
