"""Files with keys: private from their first moment, whole or not at all, and the first of two writers wins."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from broker.errors import StoreError

_PASSING = ".passing-"
"""How files begin that are being written."""
_LEFT_BEHIND = 600.0
"""Seconds after which a file that is being written is taken for one of a killed process."""


def private_directory(path: Path) -> None:
    """Make it (0700) where it is missing, and sweep out what killed processes left.  Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        _sweep(path)
    except OSError as error:
        raise unusable(path, error, "make it a directory that this user may write, or choose another --data") from None


def put_first(path: Path, content: bytes) -> None:
    """Write the file unless it is there by now; after it, the file is there and whole.  Raises StoreError."""
    with _written(path, content) as passing:
        try:
            os.link(passing, path)
        except FileExistsError:
            return
        except OSError:  # no hard links here (some network and container mounts): nearly as good
            if not path.exists():
                passing.replace(path)


def put(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write the file in place of the one that is there.  Raises StoreError."""
    with _written(path, content, mode) as passing:
        passing.replace(path)


def read(path: Path) -> bytes | None:
    """What it holds; None where there is no such file.  Raises StoreError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unusable(path, error, "let this user read it") from None


def unusable(path: Path, error: OSError, advice: str) -> StoreError:
    return StoreError(f"{path}: {(error.strerror or str(error)).lower()}; {advice}")


@contextlib.contextmanager
def _written(path: Path, content: bytes, mode: int = 0o600) -> Iterator[Path]:
    passing = path.with_name(f"{_PASSING}{path.name}.{secrets.token_hex(8)}")
    try:
        try:
            with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            yield passing
        finally:
            passing.unlink(missing_ok=True)
    except OSError as error:
        raise unusable(path, error, "this user must be able to write there") from None


def _sweep(directory: Path) -> None:
    for left in directory.glob(_PASSING + "*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _LEFT_BEHIND:
                left.unlink()
