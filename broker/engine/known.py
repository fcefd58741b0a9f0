"""Which BeskedIds may have been seen: a filter that says "surely not" for nearly every new message.  Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from threading import Lock
from typing import Final

BITS_PER_KEY = 16
_MARKS: Final = tuple(
    1 << low | 1 << (low + near) % 64 | 1 << (low + near + far) % 64
    for far in range(1, 41, 5)
    for near in range(1, 23, 3)
    for low in range(64)
)
"""Three bits of a word: about 4,000 of the 41,664 ways to choose them."""


class Seen:
    """Two Bloom filters in turn, each for ``limit`` keys: at least the ``limit`` newest keys are always found; of
    others one or two in a hundred.  Memory: 2 bytes per key of the limit, and as much again once that is passed.

    The bits of a key lie in one word of 64: a look costs one access to memory and one to a table of all marks.
    """

    def __init__(self, limit: int) -> None:
        self._limit = max(limit, 1024)
        words = 1 << (self._limit * BITS_PER_KEY // 64 - 1).bit_length()
        self._mask = words - 1
        self._new = array("Q", bytes(8 * words))
        self._old: array[int] | None = None
        self._count = 0
        self._lock = Lock()
        """Those that are on disk are read in one thread while new ones come in another."""

    def add(self, hashes: Iterable[int]) -> None:
        """Remember keys by their 64-bit hashes; from any thread."""
        mask = self._mask
        with self._lock:
            for hash in hashes:
                if self._count >= self._limit:
                    self._old, self._new, self._count = self._new, array("Q", bytes(8 * len(self._new))), 0
                self._count += 1
                self._new[hash & mask] |= _MARKS[hash >> 40 & 4095]

    def among(self, hashes: Iterable[int]) -> list[int]:
        """Positions of those that may have been added."""
        new, old, mask = self._new, self._old, self._mask
        return [
            position
            for position, hash in enumerate(hashes)
            if new[word := hash & mask] & (mark := _MARKS[hash >> 40 & 4095]) == mark
            or (old is not None and old[word] & mark == mark)
        ]
