"""The fingerprint by which a message that is sent again is known."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

_CHUNK: Final = 2047
"""Bytes up to which hashing keeps the interpreter lock: giving it up for 3 µs of work may cost the loop thread
milliseconds, while the thread that writes to disk has it."""
_LARGE: Final = 64 * 1024


def digest(data: bytes) -> bytes:
    """The first 16 bytes of SHA-256 over the bytes as the sender sent them.

    SHA-256, since processors have instructions for it: 2.9 µs for 4.7 kB where BLAKE2b takes 4.3.
    """
    if len(data) > _LARGE:
        return sha256(data).digest()[:16]
    state = sha256(data[:_CHUNK])
    for start in range(_CHUNK, len(data), _CHUNK):
        state.update(data[start : start + _CHUNK])
    return state.digest()[:16]
