"""Files that commands read and write; ``-`` is stdin."""

from __future__ import annotations

import base64
import contextlib
import sys
from pathlib import Path

from adapters.cli.exits import Exit, Failure


def read_bytes(name: str) -> bytes:
    """Raises OSError."""
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def read_token(name: str) -> str:
    """The decoded assertion in a file that holds it as XML or in base64; anything else as it is.

    Raises OSError, Failure where it is no text.
    """
    content = read_bytes(name).strip()
    if content and not content.startswith(b"<"):
        with contextlib.suppress(ValueError):
            content = base64.b64decode(b"".join(content.split()), validate=True)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Failure(Exit.USAGE, f"{name}: holds no token: neither XML nor base64 of it") from None
