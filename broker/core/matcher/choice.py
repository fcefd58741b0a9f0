"""Which comparisons of an arm are looked up, given their operands.

First the Beskedtype, under which everything else is kept apart.  Then, of the others, the most selective: a
value of one citizen or case alone; else a value of a small vocabulary, and under it a second one, a
værdiliste or a prefix; else a værdiliste or the longest prefix alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias

from broker.core.filter.fields import BESKEDTYPE_FIELDS, Field
from broker.core.filter.program import Bound
from broker.core.filter.terms import Comparison, Op

MAX_PLACES: Final = 256
"""Places that the values of several IN may multiply to within one arm."""

Arm: TypeAlias = tuple[int, ...]
"""Slots of comparisons that all must hold; () = no comparison leads to the filter."""
Under: TypeAlias = tuple[Field, str] | None
"""A value under which filters are kept apart; None = they are not."""


class Kind(Enum):
    """What is looked up in a field."""

    VALUE = "value"
    """A value."""
    LIST = "list"
    """Any value that a værdiliste has."""
    PREFIX = "prefix"
    """The beginning of a value."""
    ALL = "all"
    """Nothing: every filter here is checked."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The places of one arm are ``roots`` x ``outers`` x ``places``."""

    settled: frozenset[int]
    """Slots of the comparisons that hold for every message that leads to these places."""
    roots: Sequence[Under] = (None,)
    outers: Sequence[Under] = (None,)
    kind: Kind = Kind.ALL
    field: Field | None = None
    places: Sequence[Any] = (None,)
    """VALUE: str; LIST: id of the set; PREFIX: str; ALL: None."""
    values: AbstractSet[str] | None = None
    """LIST: the set."""


class _Values(NamedTuple):
    """A comparison that holds if the field has one of these values."""

    slot: int
    field: Field
    values: tuple[str, ...]

    @property
    def unders(self) -> list[Under]:
        return [(self.field, value) for value in self.values]


class _Search(NamedTuple):
    """A comparison with a værdiliste or a prefix; ``settles``: finding the place is all there is to it."""

    slot: int
    field: Field
    kind: Kind
    at: Any
    values: AbstractSet[str] | None
    settles: bool


def choose(leaves: tuple[Comparison[int], ...], arm: Arm, bound: Bound) -> Choice:
    """What to look up for an arm; the same for the same operands."""
    of_type: _Values | None = None
    single: list[_Values] = []
    vocabulary: list[_Values] = []
    searches: list[_Search] = []
    for slot in arm:
        leaf = leaves[slot]
        values = _values(leaf, bound[slot])
        if values is None:
            searches += _search(leaf, bound[slot])
        elif of_type is None and leaf.field in BESKEDTYPE_FIELDS:
            of_type = _Values(slot, leaf.field, values)
        else:
            (vocabulary if leaf.field.shared else single).append(_Values(slot, leaf.field, values))
    if single:
        return _finish(of_type, None, min(single, key=_count))
    search = min(searches, key=_rank, default=None)
    if not vocabulary:
        return _finish(of_type, None, search)
    first, second = _pair(vocabulary)
    if second is None and search is None:
        return _finish(of_type, None, first)
    return _finish(of_type, first, second or search)


def _finish(of_type: _Values | None, outer: _Values | None, last: _Values | _Search | None) -> Choice:
    """The choice; where the values multiply to too many places, without the outer one or the Beskedtype."""
    places = len(last.values) if isinstance(last, _Values) else 1
    if outer is not None and places * len(outer.values) > MAX_PLACES:
        outer = None
    elif outer is not None:
        places *= len(outer.values)
    if (
        of_type is not None
        and last is not None
        and len(of_type.values) > 1
        and places * len(of_type.values) > MAX_PLACES
    ):
        of_type = None
    settled = [part.slot for part in (of_type, outer) if part is not None]
    roots: Sequence[Under] = (None,) if of_type is None else of_type.unders
    outers: Sequence[Under] = (None,) if outer is None else outer.unders
    if last is None:
        return Choice(frozenset(settled), roots, outers)
    if isinstance(last, _Values):
        return Choice(frozenset((*settled, last.slot)), roots, outers, Kind.VALUE, last.field, last.values)
    if last.settles:
        settled.append(last.slot)
    return Choice(frozenset(settled), roots, outers, last.kind, last.field, (last.at,), last.values)


def _pair(vocabulary: list[_Values]) -> tuple[_Values, _Values | None]:
    """The two with the fewest values on different fields, in an order that does not depend on the expression."""
    vocabulary.sort(key=_count)
    first = vocabulary[0]
    for second in vocabulary[1:]:
        if second.field is not first.field and len(first.values) * len(second.values) <= MAX_PLACES:
            return (first, second) if first.field.path < second.field.path else (second, first)
    return first, None


def _values(leaf: Comparison[int], operand: Any) -> tuple[str, ...] | None:
    """The values one of which a message must have; None where the comparison is of another kind."""
    if leaf.op is Op.EQUALS:
        return (operand,)
    if leaf.op is Op.IN:
        return tuple(sorted(operand))
    if leaf.op is Op.LIKE and operand.exact:
        return (operand.prefix,)
    return None


def _search(leaf: Comparison[int], operand: Any) -> tuple[_Search, ...]:
    """How to look up a comparison with a værdiliste or a pattern; () where it leads nowhere."""
    if leaf.op is Op.IN_LIST:
        return (_Search(leaf.operand, leaf.field, Kind.LIST, id(operand), operand, True),)
    if operand.prefix:
        return (_Search(leaf.operand, leaf.field, Kind.PREFIX, operand.prefix, None, operand.pure),)
    return ()


def _count(candidate: _Values) -> int:
    return len(candidate.values)


def _rank(candidate: _Search) -> int:
    """A værdiliste before the longest prefix."""
    return -1_000_000 if candidate.kind is Kind.LIST else -len(candidate.at)
