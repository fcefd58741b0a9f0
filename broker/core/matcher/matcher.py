"""`Matcher`: the index over the filters of all abonnementer.

A filter stands under the Beskedtype that it asks for, and there in a drawer by its most selective comparison
(`broker.core.matcher.access`); it is checked for what the place does not settle only when a message leads to
that place.  Used on the loop thread only; changes take effect with the next `match`.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from collections.abc import Set as AbstractSet
from typing import Generic, TypeAlias, TypeVar

from broker.core.besked import Besked
from broker.core.filter.expression import Filter
from broker.core.filter.fields import Field
from broker.core.filter.program import Bound
from broker.core.matcher.access import Spot, spots
from broker.core.matcher.choice import Kind
from broker.core.matcher.drawers import Drawer, drawer
from broker.core.matcher.leaf import Hits, Item
from broker.core.matcher.table import Table

K = TypeVar("K", bound=Hashable)

_Where: TypeAlias = tuple[Field | None, Kind, Field | None]
_Node: TypeAlias = dict[_Where, Drawer[K]]


class Matcher(Generic[K]):
    """Finds the keys whose filter accepts a message.  A key may be anything hashable but None."""

    def __init__(self) -> None:
        self._filters: Table[K, Filter | tuple[Filter, Bound]] = Table()
        """With the bound operands where the filter names værdilister."""
        self._any: _Node[K] = {}
        self._by_type: dict[Field, dict[str, _Node[K]]] = {}

    def __len__(self) -> int:
        return len(self._filters)

    def __contains__(self, key: K) -> bool:
        return key in self._filters

    def get(self, key: K) -> Filter | None:
        """The filter of a key, or None."""
        held = self._filters.get(key)
        return held[0] if isinstance(held, tuple) else held

    def put(self, key: K, filter: Filter, lists: Mapping[str, AbstractSet[str]]) -> None:
        """Take in a filter, in place of the one that the key had.

        ``lists`` are the sets of the værdilister that it names.  They are held by reference: a change to a set
        holds from the next message on.  One that is missing counts as empty until the filter is put again.
        """
        self.remove(key)
        bound = filter.bound(lists)
        self._filters[key] = (filter, bound) if filter.shape.list_slots else filter
        found = spots(filter.shape, bound)
        several = len(found) > 1
        for spot in found:
            node, where = self._node(spot), _where(spot)
            holder = node.get(where)
            if holder is None:
                holder = node[where] = drawer(spot)
            holder.add(spot, Item(key, spot.program, bound, several))

    def remove(self, key: K) -> None:
        """Leave a filter out; an unknown key is passed over."""
        held = self._filters.pop(key, None)
        if held is None:
            return
        filter, bound = held if isinstance(held, tuple) else (held, held.operands)
        found = spots(filter.shape, bound)
        several = len(found) > 1
        for spot in found:
            node, where = self._node(spot), _where(spot)
            holder = node[where]
            holder.discard(spot, Item(key, spot.program, bound, several))
            if not holder:
                del node[where]
                self._forget(spot)

    def match(self, besked: Besked) -> list[K]:
        """The keys whose filter accepts the message, each once, in the order of the index."""
        hits: Hits[K] = Hits(besked.felter)
        for holder in self._any.values():
            holder.find(hits)
        for field, nodes in self._by_type.items():
            for value in hits.values(field):
                node = nodes.get(value)
                if node is not None:
                    for holder in node.values():
                        holder.find(hits)
        hits.once.extend(hits.many)
        return hits.once

    def _node(self, spot: Spot) -> _Node[K]:
        if spot.root is None:
            return self._any
        field, value = spot.root
        return self._by_type.setdefault(field, {}).setdefault(value, {})

    def _forget(self, spot: Spot) -> None:
        """Drop the node of a Beskedtype that nobody asks for any more."""
        if spot.root is not None:
            field, value = spot.root
            nodes = self._by_type[field]
            if not nodes[value]:
                del nodes[value]
            if not nodes:
                del self._by_type[field]


def _where(spot: Spot) -> _Where:
    """Spots that agree in this share a drawer."""
    return (spot.outer and spot.outer[0], spot.kind, spot.field)
