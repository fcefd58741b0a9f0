"""What the AMQP clients raise, as failures of a command."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.cli.exits import Exit, Failure
from consumers.client import ConnectionLost, Endpoint, NoAnswer, NotPermitted


@asynccontextmanager
async def failing_clearly(where: Endpoint) -> AsyncIterator[None]:
    """Raises Failure; what the AMQP library logs besides would say the same thing worse."""
    logging.getLogger("aiormq").addHandler(logging.NullHandler())
    logging.getLogger("aio_pika").addHandler(logging.NullHandler())
    try:
        yield
    except NotPermitted as error:
        code = Exit.NOT_FOUND if "NOT_FOUND" in str(error) else Exit.REFUSED
        raise Failure(code, f"{where.host}:{where.port} refuses '{where.user}': {_one_line(error)}") from None
    except (ConnectionLost, NoAnswer) as error:
        text = f"no answer over AMQP from {where.host}:{where.port}: {_one_line(error)}"
        raise Failure(Exit.UNREACHABLE, text) from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
