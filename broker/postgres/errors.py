"""What PostgreSQL and the way to it say, as refusals of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import exc

from broker.errors import BeskedfordelerError, NotAvailable, StoreError

_NOT_NOW = ("08", "28", "3D", "40", "53", "57", "58", "25006", "25P03", "25P04", "55P03", "55006")
"""SQLSTATEs, or what they begin with, that are about the server and not about what it was asked."""
_NETWORK = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
"""InternalClientError: asyncpg loses its place where a server is killed in the midst of an answer."""
LOST = (exc.DBAPIError, exc.TimeoutError, asyncpg.PostgresError, *_NETWORK)
"""What SQLAlchemy, the driver and the network raise."""


@contextmanager
def mapped(place: str) -> Iterator[None]:
    """Raises NotAvailable for a PostgreSQL that cannot do it now; what else it says is a bug of ours and passes."""
    try:
        yield
    except LOST as error:
        if (refusal := refusal_of(error, place)) is None:
            raise
        raise refusal from error


@contextmanager
def mapped_at_start(place: str) -> Iterator[None]:
    """Raises StoreError for whatever PostgreSQL says: serve must not start."""
    try:
        yield
    except StoreError:
        raise
    except (NotAvailable, *LOST) as error:
        cause = error.__cause__ if isinstance(error, NotAvailable) and error.__cause__ is not None else error
        raise StoreError(f"PostgreSQL at {place} cannot be used: {_said(cause)}") from error


def refusal_of(error: BaseException, place: str) -> BeskedfordelerError | None:
    """NotAvailable, or None where the fault is in what was asked."""
    code = _code(error)
    if code is None and not _is_lost(error):
        return None
    if code is not None and not code.startswith(_NOT_NOW):
        return None
    return NotAvailable(f"PostgreSQL at {place} cannot do it now ({_said(error)}): try again")


def _code(error: BaseException) -> str | None:
    found = getattr(getattr(error, "orig", error), "sqlstate", None)
    return found if isinstance(found, str) else None


def _is_lost(error: BaseException) -> bool:
    """Errors without an SQLSTATE: of the network, of waiting, of a connection that is closed."""
    if isinstance(error, exc.DBAPIError):
        origin = error.orig
        cause = origin.__cause__ if origin is not None else None
        return error.connection_invalidated or isinstance(cause, _NETWORK)
    return isinstance(error, (exc.TimeoutError, *_NETWORK))


def _said(error: BaseException) -> str:
    """One line, without the statement that SQLAlchemy adds."""
    if isinstance(error, BeskedfordelerError):
        return str(error)
    origin = getattr(error, "orig", None) or error
    text = " ".join(str(origin.__cause__ or origin).split())
    return text or type(origin).__name__
