"""The terms of a filter: frozen values that print themselves back in the grammar.

The same classes serve twice: over operands (`Filter.ast`, what a reader sees), and over slots, the numbers
under which a `Shape` finds its operands, so that filters that differ only in constants share one tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

from broker.core.filter.fields import Field
from broker.core.filter.pattern import Pattern

V = TypeVar("V")


class Op(StrEnum):
    """How a comparison compares; the value is how the grammar writes it."""

    EQUALS = "="
    NOT_EQUALS = "!="
    IN = "IN"
    IN_LIST = "IN VAERDILISTE"
    LIKE = "LIKE"


Operand: TypeAlias = str | frozenset[str] | Pattern
"""A value (=, !=), the values (IN), the name of a værdiliste (IN VAERDILISTE) or a pattern (LIKE)."""


@dataclass(frozen=True, slots=True)
class Comparison(Generic[V]):
    """Holds if any occurrence of the field satisfies it; never where the field does not occur."""

    field: Field
    op: Op
    operand: V

    def __str__(self) -> str:
        return f"{self.field.path} {self.op} {written(self.operand)}"


@dataclass(frozen=True, slots=True)
class And(Generic[V]):
    """Holds if all of its two or more terms hold."""

    terms: tuple[Term[V], ...]

    def __str__(self) -> str:
        return " AND ".join(f"({term})" if isinstance(term, Or) else str(term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Or(Generic[V]):
    """Holds if one of its two or more terms holds."""

    terms: tuple[Term[V], ...]

    def __str__(self) -> str:
        return " OR ".join(str(term) for term in self.terms)


@dataclass(frozen=True, slots=True)
class Not(Generic[V]):
    """Holds if its term does not."""

    term: Term[V]

    def __str__(self) -> str:
        return f"NOT ({self.term})" if isinstance(self.term, And | Or) else f"NOT {self.term}"


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty filter: always holds."""

    def __str__(self) -> str:
        return ""


Term: TypeAlias = Comparison[V] | And[V] | Or[V] | Not[V] | Everything


def written(operand: object) -> str:
    """An operand as the grammar writes it; the values of IN in order."""
    if isinstance(operand, frozenset):
        return f"({', '.join(quoted(value) for value in sorted(operand))})"
    return quoted(str(operand))


def quoted(text: str) -> str:
    """A string literal."""
    return "'" + text.replace("'", "''") + "'"


def comparisons(term: Term[V]) -> Iterator[Comparison[V]]:
    """The comparisons of a term, from left to right."""
    if isinstance(term, Comparison):
        yield term
    elif isinstance(term, Not):
        yield from comparisons(term.term)
    elif isinstance(term, And | Or):
        for part in term.terms:
            yield from comparisons(part)


def with_operands(term: Term[int], operands: Sequence[Operand]) -> Term[Operand]:
    """The term over operands that a term over slots stands for."""
    if isinstance(term, Comparison):
        return Comparison(term.field, term.op, operands[term.operand])
    if isinstance(term, Not):
        return Not(with_operands(term.term, operands))
    if isinstance(term, And):
        return And(tuple(with_operands(part, operands) for part in term.terms))
    if isinstance(term, Or):
        return Or(tuple(with_operands(part, operands) for part in term.terms))
    return term
