"""Filters of abonnementer: the grammar, the terms, and the plain meaning of a filter (`Filter.accepts`)."""

from broker.core.filter.expression import Filter, Shape, parse_filter, pointer
from broker.core.filter.fields import FIELDS, Field
from broker.core.filter.grammar import MAX_DEPTH, MAX_LENGTH
from broker.core.filter.pattern import Pattern
from broker.core.filter.terms import And, Comparison, Everything, Not, Op, Operand, Or, Term

__all__ = [
    "FIELDS",
    "MAX_DEPTH",
    "MAX_LENGTH",
    "And",
    "Comparison",
    "Everything",
    "Field",
    "Filter",
    "Not",
    "Op",
    "Operand",
    "Or",
    "Pattern",
    "Shape",
    "Term",
    "parse_filter",
    "pointer",
]
