"""How a filter is found: the comparisons that a message must satisfy for the filter to have a chance.

An *arm* is a conjunction of such comparisons; a filter that holds has at least one arm that holds.  The arms
follow from the terms alone (one computation per `Shape`); which comparisons of an arm are looked up, and
where, depends on the operands too (`spots`).  What the place does not guarantee is left as a program that is
checked for each filter found there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from broker.core.filter.expression import Shape
from broker.core.filter.fields import Field
from broker.core.filter.program import Bound, Program, assume, program
from broker.core.filter.terms import And, Comparison, Everything, Not, Op, Term
from broker.core.matcher.choice import Arm, Kind, Under, choose

_MAX_ARMS: Final = 16
"""Arms that AND may multiply to; beyond, the terms with the better arms alone lead to the filter."""


@dataclass(frozen=True, slots=True)
class Spot:
    """One place where a filter stands."""

    root: Under
    """The Beskedtype under which it stands; None = under all."""
    outer: Under
    """The value under which it stands there; None = none."""
    kind: Kind
    field: Field | None
    at: Any
    """VALUE: str; LIST: id of the set; PREFIX: str; ALL: None."""
    program: Program | None
    """What must still hold."""
    values: AbstractSet[str] | None = dataclasses.field(default=None, compare=False)
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
        choice = choose(self.comparisons, arm, bound)
        left = self.left(choice.settled)
        return [
            Spot(root, outer, choice.kind, choice.field, at, left, choice.values)
            for root in choice.roots
            for outer in choice.outers
            for at in choice.places
        ]

    def left(self, settled: frozenset[int]) -> Program | None:
        """What must still hold when these comparisons do; None = nothing."""
        try:
            return self._left[settled]
        except KeyError:
            rest = assume(self.term, settled)
            # An arm is made of comparisons that help the term to hold, so knowing them never makes it false.
            left = self._left[settled] = None if isinstance(rest, bool) else program(rest)
            return left


_known: WeakKeyDictionary[Shape, _Access] = WeakKeyDictionary()
