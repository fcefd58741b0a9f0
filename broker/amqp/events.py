"""What `broker.amqp.connection.Connection.receive` yields.

NamedTuples: made once per message on the hot path, and frozen dataclasses cost three times as much.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from pamqp.base import Frame

from broker.amqp.errors import ChannelException, ConnectionException
from broker.amqp.tables import Table

if TYPE_CHECKING:
    from broker.amqp.channel import Channel


MANDATORY = 1
IMMEDIATE = 2


class LoginAsked(NamedTuple):
    """connection.start-ok; answer with `Connection.accept_login` or `Connection.refuse_login`."""

    mechanism: str
    response: bytes
    client_properties: Table

    def __repr__(self) -> str:
        """Without the response, so that no log shows it."""
        return f"LoginAsked(mechanism={self.mechanism!r}, response=<{len(self.response)} octets>)"


class Opened(NamedTuple):
    """The handshake is done; ``heartbeat`` in seconds, 0 = none."""

    heartbeat: int


class SecretUpdated(NamedTuple):
    """connection.update-secret: a renewed token, to be answered by update-secret-ok."""

    secret: bytes
    reason: str

    def __repr__(self) -> str:
        """Without the secret, so that no log shows it."""
        return f"SecretUpdated(secret=<{len(self.secret)} octets>, reason={self.reason!r})"


class ChannelOpened(NamedTuple):
    channel: Channel


class ChannelClosed(NamedTuple):
    """The client closes the channel; close-ok is sent when the next event is asked for."""

    channel: Channel
    code: int
    text: str


class ChannelFailed(NamedTuple):
    """The machine closed the channel for this error; what it held is to be released."""

    channel: Channel
    error: ChannelException


class ConnectionFailed(NamedTuple):
    """The machine closed the connection for this error; nothing more will come but `Closed`."""

    error: ConnectionException


class Closed(NamedTuple):
    """Both sides have said goodbye: write what is left, then close the socket."""

    code: int
    text: str


class Dropped(NamedTuple):
    """No frame is sent; the socket is closed, ``at_once`` or after the silent-close delay."""

    reason: str
    at_once: bool = False


class Published(NamedTuple):
    """A whole basic.publish; ``header`` is the content header payload from its property flags on."""

    channel: Channel
    exchange: bytes
    routing_key: bytes
    bits: int
    """`MANDATORY` and `IMMEDIATE`."""
    header: bytes
    body: bytes


class TooLarge(NamedTuple):
    """A basic.publish whose content header announces more octets than are taken; its body is not kept.

    Comes twice: with the header, when its sender can still be spared the rest, and ``whole`` when the body is over.
    """

    channel: Channel
    exchange: bytes
    header: bytes
    size: int
    limit: int
    whole: bool


class How(Enum):
    """What a client does with a delivery."""

    ACK = "ack"
    REQUEUE = "requeue"
    REJECT = "reject"


class Settled(NamedTuple):
    """basic.ack, basic.nack or basic.reject."""

    channel: Channel
    tag: int
    multiple: bool
    how: How
    method_id: int


class Got(NamedTuple):
    """basic.get."""

    channel: Channel
    queue: str
    no_ack: bool


class Asked(NamedTuple):
    """Any other method on an open channel, as pamqp decodes it."""

    channel: Channel
    method: Frame


Event = (
    LoginAsked
    | Opened
    | SecretUpdated
    | ChannelOpened
    | ChannelClosed
    | ChannelFailed
    | ConnectionFailed
    | Closed
    | Dropped
    | Published
    | TooLarge
    | Settled
    | Got
    | Asked
)
