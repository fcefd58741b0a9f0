"""What the AMQP clients raise, as failures of a command."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.cli.api import connect
from adapters.cli.exits import Exit, Failure
from adapters.cli.login import Given
from consumers.client import ClientError, ConnectionLost, Endpoint, NoAnswer, NoToken, NotPermitted
from consumers.errors import NotOffered, StsUnreachable

_JUST_NOW = "10s"
"""How old a refusal may be to be the one that was just met, by the clock of the emulator."""


@asynccontextmanager
async def failing_clearly(where: Endpoint) -> AsyncIterator[None]:
    """Raises Failure; what the AMQP library logs besides would say the same thing worse."""
    logging.getLogger("aiormq").addHandler(logging.NullHandler())
    logging.getLogger("aio_pika").addHandler(logging.NullHandler())
    try:
        yield
    except NoToken as error:
        raise Failure(Exit.REFUSED, f"no token: {_one_line(error)}") from None
    except StsUnreachable as error:
        raise Failure(Exit.UNREACHABLE, f"no token: {_one_line(error)}") from None
    except NotOffered as error:
        raise Failure(Exit.REFUSED, f"{where.host}:{where.port}: {_one_line(error)}{_instead(where)}") from None
    except NotPermitted as error:
        code = Exit.NOT_FOUND if "NOT_FOUND" in str(error) else Exit.REFUSED
        raise Failure(code, f"{where.host}:{where.port} refuses '{where.user}': {_one_line(error)}") from None
    except (ConnectionLost, NoAnswer) as error:
        text = f"no answer over AMQP from {where.host}:{where.port}: {_one_line(error)}"
        raise Failure(Exit.UNREACHABLE, text) from None
    except ClientError as error:  # a file that cannot be used
        raise Failure(Exit.USAGE, _one_line(error)) from None


def with_reason(failure: Failure, given: Given) -> Failure:
    """With what the trace says of a 403, which names no reason itself: who types here may know it.

    Not where an address was named: the emulator that answers the admin API need not be the one that refused.
    """
    if "ACCESS_REFUSED" not in str(failure) or given.amqp is not None or given.amqps is not None:
        return failure
    hint = "beskedfordeler spor --what denied"
    try:
        newest = connect(given.admin, given.data).get("/spor", what="denied", since=_JUST_NOW, limit=1)
        hint = f"{_one_line(newest[-1]['detail']['grund'])} ({hint})"
    except (Failure, LookupError, TypeError):
        pass
    return Failure(failure.code, f"{failure}; why: {hint}")


def _instead(where: Endpoint) -> str:
    if where.tokens is not None:
        return " (--amqps HOST:PORT)"
    return " (leave out --amqp and --amqps to have it found, or give --sts, --cert and --cvr)"


def _one_line(said: object) -> str:
    text = " ".join(str(said).split())
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
