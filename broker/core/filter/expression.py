"""`Filter` and `parse_filter`: expressions held so that a million of them are small.

Most filters differ only in their constants.  What an expression says apart from its string literals is kept
once (`Form`: the text between the literals; `Shape`: the terms, compiled), so a filter is three references,
and reading one more of a known form costs a few microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, zip_longest
from typing import cast
from weakref import WeakValueDictionary

from broker.core.besked import Besked
from broker.core.filter.fields import Field
from broker.core.filter.grammar import check_length, check_text, parse
from broker.core.filter.pattern import like
from broker.core.filter.program import Bound, Program, program
from broker.core.filter.terms import Comparison, Op, Operand, Term, comparisons, quoted, with_operands
from broker.core.identifiers import canonical

_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_NO_VALUES: frozenset[str] = frozenset()


class Shape:
    """What filters that differ only in constants have in common; one object per term over slots."""

    def __init__(self, term: Term[int]) -> None:
        self.term = term
        self.comparisons: tuple[Comparison[int], ...] = tuple(comparisons(term))
        self.list_slots = tuple(leaf.operand for leaf in self.comparisons if leaf.op is Op.IN_LIST)

    @cached_property
    def program(self) -> Program:
        """The whole term, compiled."""
        return program(self.term)


class Form:
    """What expressions that differ only in string literals have in common."""

    def __init__(self, pieces: tuple[str, ...], shape: Shape, counts: tuple[int, ...]) -> None:
        self.pieces = pieces
        self.shape = shape
        self.counts = counts

    def operands(self, literals: Sequence[str]) -> tuple[Operand, ...]:
        """The operands of the comparisons, canonical, from the string literals of the expression."""
        found: list[Operand] = []
        start = 0
        for comparison, count in zip(self.shape.comparisons, self.counts, strict=True):
            if comparison.op is Op.IN:
                values = literals[start : start + count]
                found.append(frozenset(_value(value, comparison.field) for value in values))
            elif comparison.op is Op.LIKE:
                found.append(like(literals[start], comparison.field.path.endswith(".UUIDIdentifikator")))
            elif comparison.op is Op.IN_LIST:
                found.append(_same(literals[start]))
            else:
                found.append(_value(literals[start], comparison.field))
            start += count
        return tuple(found)

    def text(self, literals: Sequence[str]) -> str:
        """The expression with these string literals."""
        between = (quoted(literal) for literal in literals)
        return "".join(chain.from_iterable(zip_longest(self.pieces, between, fillvalue="")))


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter expression, read and compiled.

    On an element that is repeated a comparison holds if any occurrence satisfies it: ``x != 'v'`` holds if
    an occurrence differs, ``NOT x = 'v'`` if none is equal.  An element that is missing satisfies no
    comparison.  Comparisons are judged one by one: two on ObjektRegistrering may be satisfied by two
    different ObjektRegistrering of the message.  Times compare as text.
    """

    form: Form
    operands: tuple[Operand, ...]
    """By comparison, from the left."""
    literals: tuple[str, ...] | None
    """The string literals as written, where they are not just the operands."""

    @property
    def text(self) -> str:
        """The expression as it was written."""
        return self.form.text(cast("tuple[str, ...]", self.operands) if self.literals is None else self.literals)

    @property
    def shape(self) -> Shape:
        """What this filter shares with those that differ only in constants."""
        return self.form.shape

    @property
    def ast(self) -> Term[Operand]:
        """The terms; ``str`` of it is the expression in canonical form."""
        return with_operands(self.form.shape.term, self.operands)

    @property
    def lists(self) -> tuple[str, ...]:
        """The names of the værdilister it asks for, each once."""
        return tuple(dict.fromkeys(str(self.operands[slot]) for slot in self.form.shape.list_slots))

    def accepts(self, besked: Besked, lists: Mapping[str, AbstractSet[str]]) -> bool:
        """Whether the filter lets the message through; a værdiliste that is not among ``lists`` is empty."""
        return self.form.shape.program.check(besked.felter, self.bound(lists))

    def bound(self, lists: Mapping[str, AbstractSet[str]]) -> Bound:
        """The operands with the names of værdilister replaced by their sets, by reference."""
        slots = self.form.shape.list_slots
        if not slots:
            return self.operands
        bound: list[object] = list(self.operands)
        for slot in slots:
            bound[slot] = lists.get(str(bound[slot]), _NO_VALUES)
        return tuple(bound)

    def __str__(self) -> str:
        return self.text


def parse_filter(text: str) -> Filter:
    """Read a filter expression; the empty one accepts every message.  Raises FilterError (with the position)."""
    check_length(text)
    if not text.isascii():
        check_text(text)
    parts = _LITERAL.split(text)
    pieces = tuple(parts[::2])
    form = _forms.get(pieces) or _new_form(pieces, text)
    literals = [part.replace("''", "'") for part in parts[1::2]]
    operands = form.operands(literals)
    if len(operands) == len(literals) and all(map(_is_literal, operands, literals)):
        return Filter(form, operands, None)
    return Filter(form, operands, tuple(_same(literal) for literal in literals))


def _new_form(pieces: tuple[str, ...], text: str) -> Form:
    parsed = parse(text)
    shape = _shapes.get(parsed.term)
    if shape is None:
        shape = _shapes[parsed.term] = Shape(parsed.term)
    form = _forms[pieces] = Form(pieces, shape, parsed.counts)
    return form


_forms: WeakValueDictionary[tuple[str, ...], Form] = WeakValueDictionary()
_shapes: WeakValueDictionary[Term[int], Shape] = WeakValueDictionary()
_SAME_LIMIT = 4096
_recent: dict[str, str] = {}


def _is_literal(operand: Operand, literal: str) -> bool:
    return isinstance(operand, str) and operand == literal


def _value(literal: str, field: Field) -> str:
    value = canonical(literal)
    return _same(value) if field.shared else value


def _same(value: str) -> str:
    """An equal string seen before, if one was seen lately, so that a vocabulary is held once and not per filter."""
    if len(_recent) >= _SAME_LIMIT:
        _recent.clear()
    return _recent.setdefault(value, value)


def pointer(text: str, position: int) -> str:
    """The line of an expression that holds ``position`` (0-based), and below it a caret: two lines."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[start:] if end < 0 else text[start:end]
    return line.replace("\t", " ") + "\n" + " " * (position - start) + "^"
