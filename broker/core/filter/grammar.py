"""The grammar of filters (ours; it extends the one public expression, see docs and wire contract section 3).

    expression := either | nothing
    either     := both ( OR both )*
    both       := negation ( AND negation )*
    negation   := NOT negation | "(" either ")" | comparison
    comparison := path ( "=" string | "!=" string | IN "(" string ("," string)* ")"
                       | IN VAERDILISTE string | LIKE string )

Keywords are read without case, paths with.  In a string ``''`` stands for a quote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from broker.core.filter.fields import FIELDS, Field, why_unknown
from broker.core.filter.terms import And, Comparison, Everything, Not, Op, Or, Term
from broker.core.filter.tokens import Token, tokens
from broker.errors import FilterError

MAX_LENGTH = 65_536
"""Characters in an expression; longer lists of values belong in a værdiliste."""
MAX_DEPTH = 50
"""Parentheses and NOT inside each other."""

_SIGNS = {"=": Op.EQUALS, "!=": Op.NOT_EQUALS, "LIKE": Op.LIKE}
_HINTS = {"<>": " (not equal is written !=)", "==": " (equal is written =)"}
_COMPARE = "=, !=, IN, IN VAERDILISTE or LIKE"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an expression says apart from its string literals.

    ``term`` has as operands the numbers of its comparisons from the left; ``counts`` says how many string
    literals each of them takes.
    """

    term: Term[int]
    counts: tuple[int, ...]


def parse(text: str) -> Parsed:
    """Read an expression.  Raises FilterError, which points at the first token that cannot stand there."""
    return _Parser(text).parse()


def check_length(text: str) -> None:
    """Raises FilterError where the expression is longer than MAX_LENGTH."""
    if len(text) > MAX_LENGTH:
        raise FilterError(
            f"at position {MAX_LENGTH}: the expression has {len(text)} characters, at most {MAX_LENGTH} are taken; "
            "keep long lists of values in a værdiliste",
            MAX_LENGTH,
        )


def check_text(text: str) -> None:
    """Raises FilterError where the expression holds what is no character (lone surrogates, as JSON can escape them)."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise FilterError(f"at position {error.start}: is no Unicode character", error.start) from None


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._next = next(self._tokens)
        self._depth = 0
        self._counts: list[int] = []

    def parse(self) -> Parsed:
        if self._next.kind == "end":
            return Parsed(Everything(), ())
        term = self._either()
        if self._next.kind != "end":
            self._expected("AND, OR or the end of the expression")
        return Parsed(term, tuple(self._counts))

    def _either(self) -> Term[int]:
        terms = [self._both()]
        while self._accept("OR"):
            terms.append(self._both())
        if len(terms) == 1:
            return terms[0]
        return Or(tuple(flat for term in terms for flat in (term.terms if isinstance(term, Or) else (term,))))

    def _both(self) -> Term[int]:
        terms = [self._negation()]
        while self._accept("AND"):
            terms.append(self._negation())
        if len(terms) == 1:
            return terms[0]
        return And(tuple(flat for term in terms for flat in (term.terms if isinstance(term, And) else (term,))))

    def _negation(self) -> Term[int]:
        token = self._next
        if token.kind not in ("NOT", "("):
            return self._comparison()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise FilterError(
                f"at position {token.position}: expected at most {MAX_DEPTH} parentheses and NOT inside each other, "
                f"found one more",
                token.position,
            )
        self._take()
        if token.kind == "NOT":
            term: Term[int] = Not(self._negation())
        else:
            term = self._either()
            self._require(")", f"AND, OR or a ) to the ( at position {token.position}")
        self._depth -= 1
        return term

    def _comparison(self) -> Term[int]:
        field = self._field()
        slot = len(self._counts)
        self._counts.append(1)
        token = self._next
        if op := _SIGNS.get(token.kind):
            self._take()
            self._require("string", "a string in single quotes")
        elif token.kind == "IN":
            self._take()
            op = self._membership(slot)
        elif token.kind == "NOT":
            self._expected(f"{_COMPARE} after {field} (NOT stands before the path: NOT path IN ...)")
        else:
            self._expected(f"{_COMPARE} after {field}{_HINTS.get(token.kind, '')}")
        return Comparison(field, op, slot)

    def _membership(self, slot: int) -> Op:
        if self._accept("VAERDILISTE"):
            self._require("string", "the name of a værdiliste in single quotes")
            return Op.IN_LIST
        self._require("(", "( or VAERDILISTE after IN")
        self._require("string", "a string in single quotes")
        while self._accept(","):
            self._require("string", "a string in single quotes")
            self._counts[slot] += 1
        self._require(")", ", or ) after a value of IN")
        return Op.IN

    def _field(self) -> Field:
        token = self._next
        if token.kind != "path":
            self._expected("a path, NOT or (")
        field = FIELDS.get(token.text)
        if field is None:
            raise FilterError(f"at position {token.position}: {why_unknown(token.text)}", token.position)
        self._take()
        return field

    def _take(self) -> None:
        self._next = next(self._tokens)

    def _accept(self, kind: str) -> bool:
        if self._next.kind != kind:
            return False
        self._take()
        return True

    def _require(self, kind: str, what: str) -> None:
        if self._next.kind != kind:
            self._expected(what)
        self._take()

    def _expected(self, what: str) -> NoReturn:
        found: Token = self._next
        raise FilterError(f"at position {found.position}: expected {what}, found {found}", found.position)
