"""What stands at one place of the index: one key, one key with a condition, or many of them.

A place is an entry of a mapping.  Most places hold a single key that needs no further check, and then the key
itself is the entry: a million abonnementer must stay small.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from broker.core.filter.fields import Field
from broker.core.filter.program import Bound, Felter, Program

K = TypeVar("K", bound=Hashable)


class Hits(Generic[K]):
    """The keys found for one message: ``once`` can only be found once, ``many`` at several places."""

    __slots__ = ("_values", "_wanted", "felter", "many", "once")

    def __init__(self, felter: Felter) -> None:
        self.felter = felter
        self.once: list[K] = []
        self.many: dict[K, None] = {}
        self._values: dict[Field, tuple[str, ...]] = {}
        self._wanted: dict[Field, frozenset[str]] = {}

    def values(self, field: Field) -> tuple[str, ...]:
        """The values that the message has in a field, each once."""
        values = self._values.get(field)
        if values is None:
            values = self.felter.get(field.leaves[0], ())
            for leaf in field.leaves[1:]:
                values += self.felter.get(leaf, ())
            if len(values) > 1:
                values = tuple(dict.fromkeys(values))
            self._values[field] = values
        return values

    def wanted(self, field: Field) -> frozenset[str]:
        """The same as a set."""
        wanted = self._wanted.get(field)
        if wanted is None:
            wanted = self._wanted[field] = frozenset(self.values(field))
        return wanted


class Item(Generic[K]):
    """A key at a place, with what must still hold (None = nothing)."""

    __slots__ = ("bound", "key", "program", "several")

    def __init__(self, key: K, program: Program | None, bound: Bound, several: bool) -> None:
        self.key = key
        self.program = program
        self.bound = bound
        self.several = several
        """The key stands at several places, so that one message may find it twice."""

    def identity(self) -> Hashable:
        """Equal for items that the same check decides."""
        return (self.several, self.program and self.program.identity(self.bound))

    def collect(self, hits: Hits[K]) -> None:
        if self.program is None or self.program.check(hits.felter, self.bound):
            if self.several:
                hits.many[self.key] = None
            else:
                hits.once.append(self.key)


class _Group(Generic[K]):
    """Keys that one check decides."""

    __slots__ = ("bound", "check", "keys", "several")

    def __init__(self, item: Item[K]) -> None:
        self.check = None if item.program is None else item.program.check
        self.bound = item.bound
        self.several = item.several
        self.keys: dict[K, None] = {}


class Bucket(Generic[K]):
    """Many keys at one place, grouped so that equal checks are made once."""

    __slots__ = ("_groups", "_plain")

    def __init__(self) -> None:
        self._plain: dict[K, None] = {}
        self._groups: dict[Hashable, _Group[K]] = {}

    def __bool__(self) -> bool:
        return bool(self._plain or self._groups)

    def add(self, item: Item[K]) -> None:
        if item.program is None and not item.several:
            self._plain[item.key] = None
            return
        identity = item.identity()
        group = self._groups.get(identity)
        if group is None:
            group = self._groups[identity] = _Group(item)
        group.keys[item.key] = None

    def discard(self, item: Item[K]) -> None:
        if item.program is None and not item.several:
            del self._plain[item.key]
            return
        identity = item.identity()
        group = self._groups[identity]
        del group.keys[item.key]
        if not group.keys:
            del self._groups[identity]

    def collect(self, hits: Hits[K]) -> None:
        once, felter = hits.once, hits.felter
        once.extend(self._plain)
        for group in self._groups.values():
            check = group.check
            if check is None or check(felter, group.bound):
                if group.several:
                    hits.many.update(group.keys)
                else:
                    once.extend(group.keys)


class Places(Protocol):
    """The part of a mapping that places are kept in: dict and `broker.core.matcher.table.Table` both do."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...
    def get(self, key: Any, /) -> Any: ...
    def pop(self, key: Any, default: None, /) -> Any: ...
    def __setitem__(self, key: Any, value: Any, /) -> None: ...


def add(places: Places, at: Hashable, item: Item[K]) -> None:
    """Put an item at a place."""
    there = places.get(at)
    if there is None:
        places[at] = item.key if item.program is None and not item.several else item
        return
    if not isinstance(there, Bucket):
        bucket: Bucket[K] = Bucket()
        bucket.add(there if isinstance(there, Item) else Item(there, None, (), False))
        places[at] = there = bucket
    there.add(item)


def discard(places: Places, at: Hashable, item: Item[K]) -> None:
    """Take an item from a place where it was put."""
    there = places.get(at)
    if isinstance(there, Bucket):
        there.discard(item)
        if there:
            return
    places.pop(at, None)


def collect(leaf: Any, hits: Hits[K]) -> None:
    """Add what stands at a place to the hits."""
    if isinstance(leaf, Item | Bucket):
        leaf.collect(hits)
    else:
        hits.once.append(leaf)
