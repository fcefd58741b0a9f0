"""Which BeskedIds may have been seen: a filter that says "surely not" for nearly every new message.  Pure."""

from __future__ import annotations

BITS_PER_KEY = 16


class Seen:
    """Two Bloom filters in turn, each for ``limit`` keys: at least the ``limit`` newest keys are always found; of
    others about one in a hundred.  Memory: 4 bytes per key of the limit, taken as it fills."""

    def __init__(self, limit: int) -> None:
        self._limit = max(limit, 1024)
        bits = 1 << (self._limit * BITS_PER_KEY - 1).bit_length()
        self._mask = bits - 1
        self._new = bytearray(bits >> 3)
        self._old: bytearray | None = None
        self._count = 0

    def add(self, hash: int) -> None:
        """Remember a key by its 64-bit hash."""
        if self._count >= self._limit:
            self._old, self._new, self._count = self._new, bytearray(len(self._new)), 0
        self._count += 1
        bits, mask = self._new, self._mask
        for position in (hash & mask, (hash >> 20) & mask, (hash >> 38) & mask):
            bits[position >> 3] |= 1 << (position & 7)

    def __contains__(self, hash: int) -> bool:
        mask = self._mask
        places = (hash & mask, (hash >> 20) & mask, (hash >> 38) & mask)
        return _all_set(self._new, places) or (self._old is not None and _all_set(self._old, places))


def _all_set(bits: bytearray, places: tuple[int, int, int]) -> bool:
    first, second, third = places
    return bool(
        bits[first >> 3] >> (first & 7) & bits[second >> 3] >> (second & 7) & bits[third >> 3] >> (third & 7) & 1
    )
