"""What went wrong, as an exit code and one clear line."""

from __future__ import annotations

import errno

from adapters.cli.exits import Exit, Failure
from broker.errors import (
    AccessDenied,
    BeskedfordelerError,
    NotAvailable,
    NotFound,
    RegisterError,
    StoreError,
)

_BY_ERROR: tuple[tuple[type[BeskedfordelerError], Exit], ...] = (
    (RegisterError, Exit.REGISTER),
    (StoreError, Exit.CANNOT_START),
    (NotFound, Exit.NOT_FOUND),
    (NotAvailable, Exit.REFUSED),
    (AccessDenied, Exit.REFUSED),
)


def failure_of(error: BaseException) -> Failure:
    """The failure that an exception means; of a group, that of its first."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, BaseExceptionGroup):
        return failure_of(error.exceptions[0])
    if isinstance(error, BeskedfordelerError):
        code = next((code for kind, code in _BY_ERROR if isinstance(error, kind)), Exit.REFUSED)
        return Failure(code, str(error))
    if isinstance(error, OSError):
        return _os_failure(error)
    return Failure(Exit.FAILED, f"unexpected failure: {type(error).__name__}: {_one_line(error)}")


def _os_failure(error: OSError) -> Failure:
    if error.errno == errno.ENOSPC:
        return Failure(Exit.FAILED, f"the disk is full{_where(error)}")
    if error.filename is not None and isinstance(error, FileNotFoundError):
        return Failure(Exit.NOT_FOUND, f"{error.filename}: no such file")
    return Failure(Exit.FAILED, f"{error.strerror or _one_line(error)}{_where(error)}")


def _where(error: OSError) -> str:
    return f": {error.filename}" if error.filename is not None else ""


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
