"""What the AMQP front refuses: one tree, the reply code as class attribute, texts as RabbitMQ 3.10 writes them.

A `ChannelException` closes the channel ("soft error" in the specification), a `ConnectionException` the connection.
Clients match on ``str(error)``: ``NAME - text``.
"""

from __future__ import annotations

from typing import ClassVar


class AmqpException(Exception):
    """Root; ``method_id`` is class and method of the offending method, 0 where there is none."""

    code: ClassVar[int]
    name: ClassVar[str]

    def __init__(self, text: str, method_id: int | None = None) -> None:
        super().__init__(f"{self.name} - {text}")
        self.method_id = method_id


class ChannelException(AmqpException):
    """Closes the channel and leaves the connection alone."""


class AccessRefused(ChannelException):
    code, name = 403, "ACCESS_REFUSED"


class NotFound(ChannelException):
    code, name = 404, "NOT_FOUND"


class PreconditionFailed(ChannelException):
    code, name = 406, "PRECONDITION_FAILED"


class ConnectionException(AmqpException):
    """Closes the connection."""


class ConnectionForced(ConnectionException):
    code, name = 320, "CONNECTION_FORCED"


class LoginRefused(ConnectionException):
    code, name = 403, "ACCESS_REFUSED"


class FrameError(ConnectionException):
    code, name = 501, "FRAME_ERROR"


class CommandInvalid(ConnectionException):
    code, name = 503, "COMMAND_INVALID"


class ChannelNumberError(ConnectionException):
    code, name = 504, "CHANNEL_ERROR"


class UnexpectedFrame(ConnectionException):
    code, name = 505, "UNEXPECTED_FRAME"


class NotAllowed(ConnectionException):
    code, name = 530, "NOT_ALLOWED"


class NotImplementedHere(ConnectionException):
    code, name = 540, "NOT_IMPLEMENTED"


class InternalError(ConnectionException):
    code, name = 541, "INTERNAL_ERROR"


# texts that more than one place raises


def login_refused(mechanism: str) -> LoginRefused:
    return LoginRefused(
        f"Login was refused using authentication mechanism {mechanism}. For details see the broker logfile.", 0
    )


def no_queue(name: str, vhost: str) -> NotFound:
    return NotFound(f"no queue '{name}' in vhost '{vhost}'")


def no_exchange(name: str, vhost: str) -> NotFound:
    return NotFound(f"no exchange '{name}' in vhost '{vhost}'")


def queue_refused(name: str, vhost: str, user: str) -> AccessRefused:
    return AccessRefused(f"access to queue '{name}' in vhost '{vhost}' refused for user '{user}'")


def exchange_refused(name: str, vhost: str, user: str) -> AccessRefused:
    return AccessRefused(f"access to exchange '{name}' in vhost '{vhost}' refused for user '{user}'")


def default_exchange() -> AccessRefused:
    return AccessRefused("operation not permitted on the default exchange")


def reserved_name(kind: str, name: str) -> AccessRefused:
    return AccessRefused(f"{kind} name '{name}' contains reserved prefix 'amq.*'")


def unknown_delivery_tag(tag: int) -> PreconditionFailed:
    return PreconditionFailed(f"unknown delivery tag {tag}")


def cannot_decode(arguments: bytes, method_id: int) -> FrameError:
    """As RabbitMQ's ``cannot decode ~w``; long ones are cut, a reply text holds 255 octets."""
    return FrameError(f"cannot decode {octets(arguments[:32])}", method_id)


def octets(data: bytes) -> str:
    """``data`` as Erlang writes a binary of numbers: <<0,20,0,10>>."""
    return "<<" + ",".join(map(str, data)) + ">>"


def snippet(kind: int, payload: bytes) -> str:
    """``type 1, all octets = <<0,20,0,10>>``, as RabbitMQ names an offending frame."""
    which = "all" if len(payload) <= 16 else "first 16"
    part = payload[:16]
    printable = bool(part) and all(32 <= octet < 127 for octet in part)
    shown = f'<<"{part.decode("ascii")}">>' if printable else octets(part)
    return f"type {kind}, {which} octets = {shown}"
