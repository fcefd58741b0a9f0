"""What went wrong, as an exit code and one line."""

from __future__ import annotations

import errno

import pytest

from adapters.cli.exits import Exit, Failure
from adapters.cli.failures import failure_of
from broker.errors import AccessDenied, FilterError, NotAvailable, NotFound, Refused, RegisterError, StoreError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Failure(Exit.USAGE, "x"), Exit.USAGE),
        (RegisterError("x"), Exit.REGISTER),
        (FilterError("x", 1), Exit.REGISTER),
        (StoreError("x"), Exit.CANNOT_START),
        (NotFound("x"), Exit.NOT_FOUND),
        (Refused("x"), Exit.REFUSED),
        (AccessDenied("x"), Exit.REFUSED),
        (NotAvailable("x"), Exit.REFUSED),
        (FileNotFoundError(errno.ENOENT, "No such file", "x"), Exit.NOT_FOUND),
        (OSError(errno.ENOSPC, "No space left"), Exit.FAILED),
        (PermissionError(errno.EACCES, "Permission denied", "x"), Exit.FAILED),
        (ZeroDivisionError("x"), Exit.FAILED),
        (ExceptionGroup("g", [NotFound("x"), ZeroDivisionError()]), Exit.NOT_FOUND),
    ],
)
def test_exit_code(error: BaseException, code: Exit) -> None:
    """Each kind of failure has its exit code, as docs/cli.md says."""
    assert failure_of(error).code is code


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "the disk is full: /data/x"),
        (FileNotFoundError(errno.ENOENT, "No such file", "a.xml"), "a.xml: no such file"),
        (ValueError("two\n lines"), "unexpected failure: ValueError: two lines"),
    ],
)
def test_one_clear_line(error: BaseException, text: str) -> None:
    """What is wrong and where, without line breaks of a library's own."""
    assert str(failure_of(error)) == text
