"""How a filter is found: the comparisons that a message must satisfy for the filter to have a chance.

An *arm* is a conjunction of such comparisons; a filter that holds has at least one arm that holds.  The arms
follow from the terms alone (one computation per `Shape`); which comparisons of an arm are looked up, and
where, depends on the operands too (`spots`).  What the place does not guarantee is left as a program that is
checked for each filter found there.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum
from itertools import product
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from broker.core.filter.expression import Shape
from broker.core.filter.fields import BESKEDTYPE_FIELDS, Field
from broker.core.filter.program import Bound, Program, assume, program
from broker.core.filter.terms import And, Comparison, Everything, Not, Op, Term

Arm: TypeAlias = tuple[int, ...]
"""Slots of comparisons that all must hold; () = no comparison leads to the filter."""

_MAX_ARMS: Final = 16
"""Arms that AND may multiply to; beyond, the terms with the better arms alone lead to the filter."""
_MAX_SPOTS: Final = 256
"""Places that the values of several IN may multiply to within one arm."""


class Kind(Enum):
    """What is looked up."""

    VALUE = "value"
    """One field: a value."""
    PAIR = "pair"
    """Two fields: a value each."""
    LIST = "list"
    """One field: any value that a værdiliste has."""
    PREFIX = "prefix"
    """One field: the beginning of a value."""
    ALL = "all"
    """Nothing: every filter here is checked."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place where a filter stands."""

    root: tuple[Field, str] | None
    """The Beskedtype under which it stands; None = under all."""
    kind: Kind
    fields: tuple[Field, ...]
    at: Any
    """VALUE: str; PAIR: (str, str); LIST: id of the set; PREFIX: str; ALL: None."""
    program: Program | None
    """What must still hold."""
    values: AbstractSet[str] | None = field(default=None, compare=False)
    """LIST: the set."""


def spots(shape: Shape, bound: Bound) -> Sequence[Spot]:
    """Every place where a filter of this shape with these operands stands, each once."""
    access = _known.get(shape)
    if access is None:
        access = _known[shape] = _Access(shape)
    if len(access.arms) == 1:
        return access.spots(access.arms[0], bound)
    return tuple(dict.fromkeys(spot for arm in access.arms for spot in access.spots(arm, bound)))


def arms(term: Term[int], holds: bool = True) -> tuple[Arm, ...]:
    """The arms of "the term holds", or of "the term does not hold"."""
    if isinstance(term, Comparison):
        return ((term.operand,),) if holds and term.op is not Op.NOT_EQUALS else ((),)
    if isinstance(term, Not):
        return arms(term.term, not holds)
    if isinstance(term, Everything):
        return ((),)
    parts = [arms(part, holds) for part in term.terms]
    return _all_of(parts) if isinstance(term, And) is holds else _one_of(parts)


def _one_of(parts: list[tuple[Arm, ...]]) -> tuple[Arm, ...]:
    found = tuple(dict.fromkeys(arm for part in parts for arm in part))
    return ((),) if () in found else found


def _all_of(parts: list[tuple[Arm, ...]]) -> tuple[Arm, ...]:
    found: tuple[Arm, ...] = ((),)
    for part in sorted(parts, key=len):
        if len(found) == 1 or len(found) * len(part) <= _MAX_ARMS:
            found = tuple(one + other for one in found for other in part)
        elif () in found:
            found = part
    return found


class _Access:
    """The arms of a shape, and the programs for what is left once a place is known."""

    __slots__ = ("_left", "arms", "comparisons", "term")

    def __init__(self, shape: Shape) -> None:
        self.term = shape.term
        self.comparisons = shape.comparisons
        self.arms = arms(shape.term)
        self._left: dict[frozenset[int], Program | None] = {}

    def spots(self, arm: Arm, bound: Bound) -> Sequence[Spot]:
        choice = _Choice(self.comparisons, arm, bound)
        left = self.left(frozenset(choice.settled))
        roots = [(choice.type_field, value) for value in choice.type_values] if choice.type_field else [None]
        found: list[Spot] = []
        for root in roots:
            if choice.kind is Kind.VALUE or choice.kind is Kind.PAIR:
                for at in choice.places():
                    found.append(Spot(root, choice.kind, choice.fields, at, left))
            else:
                found.append(Spot(root, choice.kind, choice.fields, choice.at, left, choice.list_values))
        return found

    def left(self, settled: frozenset[int]) -> Program | None:
        """What must still hold when these comparisons do; None = nothing."""
        try:
            return self._left[settled]
        except KeyError:
            rest = assume(self.term, settled)
            # An arm is made of comparisons that help the term to hold, so knowing them never makes it false.
            left = self._left[settled] = None if isinstance(rest, bool) else program(rest)
            return left


class _Choice:
    """Which comparisons of an arm are looked up: the Beskedtype, and the most selective of the others.

    A value of one citizen or case selects best, then two values of small vocabularies together, then one, then
    a værdiliste, then the longest prefix.
    """

    __slots__ = ("at", "fields", "kind", "list_values", "settled", "type_field", "type_values", "values")

    def __init__(self, leaves: tuple[Comparison[int], ...], arm: Arm, bound: Bound) -> None:
        self.settled: list[int] = []
        self.type_field: Field | None = None
        self.type_values: tuple[str, ...] = ()
        self.kind = Kind.ALL
        self.fields: tuple[Field, ...] = ()
        self.values: list[tuple[str, ...]] = []
        self.at: Hashable = None
        self.list_values: AbstractSet[str] | None = None
        self._choose(leaves, arm, bound)

    def places(self) -> Sequence[Hashable]:
        """The values, or pairs of values, to look up."""
        return self.values[0] if len(self.values) == 1 else tuple(product(*self.values))

    def _choose(self, leaves: tuple[Comparison[int], ...], arm: Arm, bound: Bound) -> None:
        single: list[tuple[int, Field, tuple[str, ...]]] = []
        vocabulary: list[tuple[int, Field, tuple[str, ...]]] = []
        others: list[Comparison[int]] = []
        for slot in arm:
            leaf = leaves[slot]
            values = _values(leaf, bound)
            if values is None:
                others.append(leaf)
            elif self.type_field is None and leaf.field in BESKEDTYPE_FIELDS:
                self.type_field, self.type_values = leaf.field, values
                self.settled.append(slot)
            else:
                (vocabulary if leaf.field.shared else single).append((slot, leaf.field, values))
        if single:
            self._look_up(min(single, key=_count))
        elif vocabulary:
            self._look_up(*self._pair(vocabulary))
        else:
            self._other(others, bound)

    def _pair(
        self, vocabulary: list[tuple[int, Field, tuple[str, ...]]]
    ) -> Sequence[tuple[int, Field, tuple[str, ...]]]:
        """Two comparisons on different fields where their values do not multiply to too many places."""
        vocabulary.sort(key=_count)
        first = vocabulary[0]
        types = max(1, len(self.type_values))
        for second in vocabulary[1:]:
            if second[1] is not first[1] and types * len(first[2]) * len(second[2]) <= _MAX_SPOTS:
                return (first, second) if first[1].path < second[1].path else (second, first)
        return (first,)

    def _look_up(self, *chosen: tuple[int, Field, tuple[str, ...]]) -> None:
        self.kind = Kind.VALUE if len(chosen) == 1 else Kind.PAIR
        places = 1
        for slot, which, values in chosen:
            self.settled.append(slot)
            self.fields += (which,)
            self.values.append(values)
            places *= len(values)
        if len(self.type_values) > 1 and places * len(self.type_values) > _MAX_SPOTS:
            self.settled.pop(0)
            self.type_field = None

    def _other(self, others: list[Comparison[int]], bound: Bound) -> None:
        longest = ""
        for leaf in others:
            operand = bound[leaf.operand]
            if leaf.op is Op.IN_LIST:
                self.kind, self.fields, self.at, self.list_values = Kind.LIST, (leaf.field,), id(operand), operand
                self.settled.append(leaf.operand)
                return
            if len(operand.prefix) > len(longest):
                longest = operand.prefix
                self.kind, self.fields, self.at = Kind.PREFIX, (leaf.field,), longest
                pure = leaf.operand if operand.pure else None
        if longest and pure is not None:
            self.settled.append(pure)


def _values(leaf: Comparison[int], bound: Bound) -> tuple[str, ...] | None:
    """The values one of which a message must have; None where the comparison is of another kind."""
    operand = bound[leaf.operand]
    if leaf.op is Op.EQUALS:
        return (operand,)
    if leaf.op is Op.IN:
        return tuple(operand)
    if leaf.op is Op.LIKE and operand.exact:
        return (operand.prefix,)
    return None


def _count(candidate: tuple[int, Field, tuple[str, ...]]) -> int:
    return len(candidate[2])


_known: WeakKeyDictionary[Shape, _Access] = WeakKeyDictionary()
