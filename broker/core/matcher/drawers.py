"""The drawers of the index: each finds the filters that one kind of comparison leads to.

A drawer adds to the hits all that a message leads to, each place once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from collections.abc import Set as AbstractSet
from typing import Any, Generic, Protocol, TypeVar

from broker.core.filter.fields import Field
from broker.core.matcher.access import Spot
from broker.core.matcher.choice import Kind
from broker.core.matcher.leaf import Bucket, Hits, Item, Places, add, collect, discard
from broker.core.matcher.table import Table

K = TypeVar("K", bound=Hashable)


class Drawer(Protocol[K]):
    """Filters by place.  `discard` takes what `add` was given."""

    def __len__(self) -> int: ...
    def add(self, spot: Spot, item: Item[K]) -> None: ...
    def discard(self, spot: Spot, item: Item[K]) -> None: ...
    def find(self, hits: Hits[K]) -> None: ...


def drawer(spot: Spot) -> Drawer[Any]:
    """An empty drawer for spots such as this one."""
    return _inner(spot, Table) if spot.outer is None else ByOuter(spot.outer[0])


def _inner(spot: Spot, places: Callable[[], Places]) -> Drawer[Any]:
    if spot.field is None:
        return All()
    match spot.kind:
        case Kind.LIST:
            return ByList(spot.field)
        case Kind.PREFIX:
            return ByPrefix(spot.field)
        case _:
            return ByValue(spot.field, places())


class ByOuter(Generic[K]):
    """By a value of one field, and under each by something else.

    A message with thousands of values in both costs a look-up under those of the first that somebody asks for.
    """

    __slots__ = ("_drawers", "_field")

    def __init__(self, field: Field) -> None:
        self._field = field
        self._drawers: dict[str, Drawer[K]] = {}

    def __len__(self) -> int:
        return len(self._drawers)

    def add(self, spot: Spot, item: Item[K]) -> None:
        value = _outer(spot)
        inner = self._drawers.get(value)
        if inner is None:
            inner = self._drawers[value] = _inner(spot, dict)
        inner.add(spot, item)

    def discard(self, spot: Spot, item: Item[K]) -> None:
        value = _outer(spot)
        inner = self._drawers[value]
        inner.discard(spot, item)
        if not inner:
            del self._drawers[value]

    def find(self, hits: Hits[K]) -> None:
        for value in hits.values(self._field):
            inner = self._drawers.get(value)
            if inner is not None:
                inner.find(hits)


class ByValue(Generic[K]):
    """By a value of one field."""

    __slots__ = ("_field", "_places")

    def __init__(self, field: Field, places: Places) -> None:
        self._field = field
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, spot: Spot, item: Item[K]) -> None:
        add(self._places, spot.at, item)

    def discard(self, spot: Spot, item: Item[K]) -> None:
        discard(self._places, spot.at, item)

    def find(self, hits: Hits[K]) -> None:
        places = self._places
        values = hits.values(self._field)
        if len(values) > len(places):
            wanted = hits.wanted(self._field)
            values = tuple(value for value in places if value in wanted)
        for value in values:
            leaf = places.get(value)
            if leaf is not None:
                collect(leaf, hits)


class ByList(Generic[K]):
    """By a værdiliste that has a value of one field.

    The sets are shared and change under us, so each is asked; they are held by identity, each once, however
    many filters name it.
    """

    __slots__ = ("_field", "_places", "_sets")

    def __init__(self, field: Field) -> None:
        self._field = field
        self._places: dict[int, Any] = {}
        self._sets: dict[int, AbstractSet[str]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def add(self, spot: Spot, item: Item[K]) -> None:
        add(self._places, spot.at, item)
        assert spot.values is not None
        self._sets[spot.at] = spot.values

    def discard(self, spot: Spot, item: Item[K]) -> None:
        discard(self._places, spot.at, item)
        if spot.at not in self._places:
            del self._sets[spot.at]

    def find(self, hits: Hits[K]) -> None:
        found: dict[int, None] = {}
        for value in hits.values(self._field):
            found.update(dict.fromkeys([at for at, members in self._sets.items() if value in members]))
        for at in found:
            collect(self._places[at], hits)


class ByPrefix(Generic[K]):
    """By the beginning of a value of one field."""

    __slots__ = ("_field", "_lengths", "_places")

    def __init__(self, field: Field) -> None:
        self._field = field
        self._places: dict[str, Any] = {}
        self._lengths: dict[int, int] = {}
        """Places by the length of their prefix."""

    def __len__(self) -> int:
        return len(self._places)

    def add(self, spot: Spot, item: Item[K]) -> None:
        before = len(self._places)
        add(self._places, spot.at, item)
        if len(self._places) > before:
            self._count(len(spot.at), 1)

    def discard(self, spot: Spot, item: Item[K]) -> None:
        before = len(self._places)
        discard(self._places, spot.at, item)
        if len(self._places) < before:
            self._count(len(spot.at), -1)

    def find(self, hits: Hits[K]) -> None:
        values = hits.values(self._field)
        if not values:
            return
        beginnings = [value[:length] for value in values for length in self._lengths]
        for prefix in dict.fromkeys(beginnings):
            leaf = self._places.get(prefix)
            if leaf is not None:
                collect(leaf, hits)

    def _count(self, length: int, change: int) -> None:
        count = self._lengths.get(length, 0) + change
        if count:
            self._lengths[length] = count
        else:
            del self._lengths[length]


class All(Generic[K]):
    """What no comparison leads to: each distinct check is made for every message."""

    __slots__ = ("_bucket",)

    def __init__(self) -> None:
        self._bucket: Bucket[K] = Bucket()

    def __len__(self) -> int:
        return int(bool(self._bucket))

    def add(self, spot: Spot, item: Item[K]) -> None:
        self._bucket.add(item)

    def discard(self, spot: Spot, item: Item[K]) -> None:
        self._bucket.discard(item)

    def find(self, hits: Hits[K]) -> None:
        self._bucket.collect(hits)


def _outer(spot: Spot) -> str:
    assert spot.outer is not None
    return spot.outer[1]
