"""Files that commands read and write; ``-`` is stdin."""

from __future__ import annotations

import sys
from pathlib import Path


def read_bytes(name: str) -> bytes:
    """Raises OSError."""
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
