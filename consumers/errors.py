"""What the clients here raise."""

from __future__ import annotations


class ClientError(Exception):
    """Root of what the clients here raise."""


class NotPermitted(ClientError):
    """The Beskedfordeler says no, and would say it again: wrong password, unknown or foreign dueslag.

    ``str`` is its own text (reply-text of the AMQP close)."""


class ConnectionLost(ClientError):
    """The connection went, or could not be made: worth another try."""


class NoAnswer(ClientError):
    """No StandardRetur in all the tries: whether the message was taken is not known.  Send it again, unchanged."""


class NotOffered(NotPermitted):
    """The Beskedfordeler offers other ways to log in: a token where we have a password, or the other way round."""


class NoToken(NotPermitted):
    """The STS gives no token, and would not another time: ``str`` is what it says, or what does not fit."""


class StsUnreachable(ConnectionLost):
    """The STS cannot be reached, or has trouble of its own: worth another try."""
