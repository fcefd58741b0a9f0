"""What the AMQP clients raise, as failures of a command."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.cli.exits import Exit, Failure
from consumers.client import ClientError, ConnectionLost, Endpoint, NoAnswer, NoToken, NotPermitted
from consumers.errors import NotOffered, StsUnreachable


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


def _instead(where: Endpoint) -> str:
    if where.tokens is not None:
        return " (--amqps HOST:PORT)"
    return " (leave out --amqp and --amqps to have it found, or give --sts, --cert and --cvr)"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
