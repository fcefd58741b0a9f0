"""A dict that grows without a stall: extendible hashing over small dicts.

A plain dict of a million entries is copied whole when it grows, 40 ms in which nothing else runs.  Here a
page that is full is split in two, which moves some hundred entries at most; the directory of pages doubles by copying
references.  A lookup costs one hash and one list index more than in a dict.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Final, Generic, TypeVar, overload

H = TypeVar("H", bound=Hashable)
V = TypeVar("V")
D = TypeVar("D")

PAGE: Final = 170
"""Entries in a page at most: they fill a dict of 256 slots, and half of them one of 128."""
SPREAD: Final = 16
"""The directory doubles only while there are so many entries to each place in it: where it does not help, as
the hashes agree in the bits in use, a page grows instead."""


class _Page(dict[H, V]):
    __slots__ = ("depth",)
    depth: int


class Table(Generic[H, V]):
    """A mapping from H to V; iteration is in no promised order."""

    __slots__ = ("_length", "_mask", "_pages")

    def __init__(self) -> None:
        page: _Page[H, V] = _Page()
        page.depth = 0
        self._pages = [page]
        self._mask = 0
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __contains__(self, key: H) -> bool:
        return key in self._pages[hash(key) & self._mask]

    def __iter__(self) -> Iterator[H]:
        for number, page in enumerate(self._pages):
            if number < 1 << page.depth:  # a page stands in several places; it is at home in the first
                yield from page

    @overload
    def get(self, key: H) -> V | None: ...
    @overload
    def get(self, key: H, default: D) -> V | D: ...
    def get(self, key: H, default: D | None = None) -> V | D | None:
        """The value of a key, or ``default``."""
        return self._pages[hash(key) & self._mask].get(key, default)

    def __setitem__(self, key: H, value: V) -> None:
        page = self._pages[hash(key) & self._mask]
        before = len(page)
        page[key] = value
        self._length += len(page) - before
        if len(page) > PAGE and ((1 << page.depth) <= self._mask or len(self._pages) * SPREAD < self._length):
            self._split(page, hash(key))

    def pop(self, key: H, default: D) -> V | D:
        """Take a key out; its value, or ``default`` where it is not there."""
        page = self._pages[hash(key) & self._mask]
        before = len(page)
        value = page.pop(key, default)
        self._length -= before - len(page)
        return value

    def _split(self, page: _Page[H, V], digest: int) -> None:
        """Share the entries of a page out over two, by one more bit of their hashes."""
        bit = 1 << page.depth
        low: _Page[H, V] = _Page()
        high: _Page[H, V] = _Page()
        low.depth = high.depth = page.depth + 1
        for key, value in page.items():
            (high if hash(key) & bit else low)[key] = value
        if bit > self._mask:
            self._pages += self._pages
            self._mask = self._mask * 2 + 1
        home = digest & (bit - 1)
        for number in range(home, len(self._pages), bit):
            self._pages[number] = high if number & bit else low
