"""Terms compiled to closures, which take their operands as an argument and so serve every filter of a shape.

A closure takes ``felter`` (`broker.core.besked.Besked.felter`) and the bound operands: those of the filter,
with each name of a værdiliste replaced by the set of its values.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from broker.core.filter.terms import And, Comparison, Everything, Not, Op, Or, Term, comparisons

Felter: TypeAlias = Mapping[str, tuple[str, ...]]
Bound: TypeAlias = tuple[Any, ...]
"""Operand by slot: str (=, !=), frozenset (IN), any set (IN VAERDILISTE), Pattern (LIKE)."""
Check: TypeAlias = Callable[[Felter, Bound], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A compiled term: ``check(felter, bound)`` says whether it holds."""

    check: Check
    slots: tuple[int, ...]
    """The operands that it reads, apart from the sets of værdilister."""
    lists: tuple[int, ...]
    """The operands that are sets of værdilister."""

    def identity(self, bound: Bound) -> Hashable:
        """Equal for two uses of this program that must give the same result on every message."""
        return (self, *(bound[slot] for slot in self.slots), *(id(bound[slot]) for slot in self.lists))


def program(term: Term[int]) -> Program:
    """Compile a term."""
    leaves = list(comparisons(term))
    return Program(
        _check(term),
        tuple(leaf.operand for leaf in leaves if leaf.op is not Op.IN_LIST),
        tuple(leaf.operand for leaf in leaves if leaf.op is Op.IN_LIST),
    )


def assume(term: Term[int], true: frozenset[int]) -> Term[int] | bool:
    """What is left of a term when the comparisons with these slots are known to hold; a bool if that settles it."""
    if isinstance(term, Comparison):
        return True if term.operand in true else term
    if isinstance(term, Everything):
        return True
    if isinstance(term, Not):
        inner = assume(term.term, true)
        return (not inner) if isinstance(inner, bool) else Not(inner)
    settled = isinstance(term, Or)  # one part with this value settles the whole
    parts: list[Term[int]] = []
    for part in term.terms:
        left = assume(part, true)
        if not isinstance(left, bool):
            parts.append(left)
        elif left is settled:
            return settled
    if len(parts) < 2:
        return parts[0] if parts else not settled
    return Or(tuple(parts)) if settled else And(tuple(parts))


def _check(term: Term[int], holds: bool = True) -> Check:
    """Whether the term holds, or, with ``holds`` false, whether it does not: NOT goes down to the comparisons."""
    if isinstance(term, Comparison):
        make = _LEAVES[term.op]
        parts = [make(leaf, term.operand, holds) for leaf in term.field.leaves]
        return _any(parts) if holds else _all(parts)
    if isinstance(term, Not):
        return _check(term.term, not holds)
    if isinstance(term, Everything):
        return lambda felter, bound: holds
    parts = [_check(part, holds) for part in term.terms]
    return _all(parts) if isinstance(term, And) is holds else _any(parts)


def _all(checks: Sequence[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda felter, bound: first(felter, bound) and second(felter, bound)
    parts = tuple(checks)

    def check(felter: Felter, bound: Bound) -> bool:
        for part in parts:  # noqa: SIM110  # a generator would cost more than the loop
            if not part(felter, bound):
                return False
        return True

    return check


def _any(checks: Sequence[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda felter, bound: first(felter, bound) or second(felter, bound)
    parts = tuple(checks)

    def check(felter: Felter, bound: Bound) -> bool:
        for part in parts:  # noqa: SIM110  # a generator would cost more than the loop
            if part(felter, bound):
                return True
        return False

    return check


def _equals(leaf: str, slot: int, holds: bool) -> Check:
    if holds:
        return lambda felter, bound: bound[slot] in felter.get(leaf, ())
    return lambda felter, bound: bound[slot] not in felter.get(leaf, ())


def _not_equals(leaf: str, slot: int, holds: bool) -> Check:
    def check(felter: Felter, bound: Bound) -> bool:
        values = felter.get(leaf, ())
        return (values.count(bound[slot]) < len(values)) is holds

    return check


def _in(leaf: str, slot: int, holds: bool) -> Check:
    def check(felter: Felter, bound: Bound) -> bool:
        members = bound[slot]
        for value in felter.get(leaf, ()):
            if value in members:
                return holds
        return not holds

    return check


def _like(leaf: str, slot: int, holds: bool) -> Check:
    def check(felter: Felter, bound: Bound) -> bool:
        pattern = bound[slot]
        if pattern.pure:
            prefix = pattern.prefix
            for value in felter.get(leaf, ()):
                if value.startswith(prefix):
                    return holds
            return not holds
        matches = pattern.matches
        for value in felter.get(leaf, ()):
            if matches(value):
                return holds
        return not holds

    return check


_LEAVES: Mapping[Op, Callable[[str, int, bool], Check]] = {
    Op.EQUALS: _equals,
    Op.NOT_EQUALS: _not_equals,
    Op.IN: _in,
    Op.IN_LIST: _in,
    Op.LIKE: _like,
}
