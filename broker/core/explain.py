"""Why a filter lets a message through or not: each term, true or false, with the values seen.

Values are given as they are in the message; masking CPR numbers is the caller's business (`Explanation.text`
takes the function that does it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from broker.core.besked import Besked
from broker.core.filter.expression import Filter
from broker.core.filter.pattern import Pattern
from broker.core.filter.terms import And, Comparison, Not, Op, Operand, Or, Term, quoted

Lists = Mapping[str, AbstractSet[str]]


class PassiveList(frozenset[str]):
    """What filters see of a værdiliste that is passive: no values."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One term of a filter as it stands with one message."""

    term: str
    """A comparison in the words of the grammar; "AND", "OR", "NOT"; "" for the empty filter."""
    holds: bool
    seen: tuple[str, ...] | None = None
    """A comparison: the values of all occurrences, canonical; () = the element is missing.  Else None."""
    liste: str | None = None
    """IN VAERDILISTE: the name."""
    size: int | None = None
    """IN VAERDILISTE: how many values the list has; None = there is no such list."""
    passive: bool = False
    """IN VAERDILISTE: the list is there, but passive."""
    terms: tuple[Explanation, ...] = ()
    """What AND, OR and NOT are made of."""

    def text(self, mask: Callable[[str], str] = str) -> str:
        """One line a term, indented by two; ``mask`` is applied to every term and every value seen."""
        return "\n".join(self._lines(mask, ""))

    def _lines(self, mask: Callable[[str], str], indent: str) -> Iterator[str]:
        line = f"{indent}{'true ' if self.holds else 'false'}  {mask(self.term) or '(empty: accepts every message)'}"
        if self.liste is not None:
            line += (
                " [no such list]" if self.size is None else " [passive]" if self.passive else f" [{self.size} values]"
            )
        if self.seen is not None:
            line += "  — " + (
                "seen " + ", ".join(quoted(mask(value)) for value in self.seen) if self.seen else "missing"
            )
        yield line
        for term in self.terms:
            yield from term._lines(mask, indent + "  ")


def explain(filter: Filter, besked: Besked, lists: Lists) -> Explanation:
    """Judge every term of the filter, also those that the outcome does not depend on."""
    return _explain(filter.ast, besked.felter, lists)


def _explain(term: Term[Operand], felter: Mapping[str, tuple[str, ...]], lists: Lists) -> Explanation:
    if isinstance(term, Comparison):
        return _comparison(term, felter, lists)
    if isinstance(term, Not):
        inner = _explain(term.term, felter, lists)
        return Explanation("NOT", not inner.holds, terms=(inner,))
    if isinstance(term, And | Or):
        parts = tuple(_explain(part, felter, lists) for part in term.terms)
        if isinstance(term, And):
            return Explanation("AND", all(part.holds for part in parts), terms=parts)
        return Explanation("OR", any(part.holds for part in parts), terms=parts)
    return Explanation("", True)


def _comparison(term: Comparison[Operand], felter: Mapping[str, tuple[str, ...]], lists: Lists) -> Explanation:
    seen = tuple(value for leaf in term.field.leaves for value in felter.get(leaf, ()))
    holds = any(_satisfies(term, value, lists) for value in seen)
    if term.op is not Op.IN_LIST:
        return Explanation(str(term), holds, seen)
    name = str(term.operand)
    values = lists.get(name)
    size = len(values) if values is not None else None
    return Explanation(str(term), holds, seen, name, size, isinstance(values, PassiveList))


def _satisfies(term: Comparison[Operand], value: str, lists: Lists) -> bool:
    """Whether one occurrence satisfies a comparison."""
    operand = term.operand
    if term.op is Op.IN_LIST:
        return value in lists.get(str(operand), ())
    if isinstance(operand, Pattern):
        return operand.matches(value)
    if isinstance(operand, frozenset):
        return value in operand
    return (value == operand) is (term.op is Op.EQUALS)
