"""Filter expressions as tokens, each with its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from broker.errors import FilterError

KEYWORDS = frozenset({"AND", "OR", "NOT", "IN", "LIKE", "VAERDILISTE"})

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>'(?:[^']|'')*')
      | (?P<word>[^\W\d]\w*(?:\.\w+)*)
      | (?P<sign>!=|<>|==|[=(),<>])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is "string", "path", "end", a keyword in capitals or the sign itself."""

    kind: str
    text: str
    position: int

    def __str__(self) -> str:
        if self.kind == "end":
            return "the end of the expression"
        return self.text if len(self.text) <= 60 else self.text[:57] + "..."


def tokens(text: str) -> Iterator[Token]:
    """The tokens of an expression, the last of kind "end".  Raises FilterError on what is no token."""
    for found in _TOKEN.finditer(text):
        kind, piece, position = found.lastgroup, found.group(), found.start()
        if kind == "string":
            yield Token("string", piece, position)
        elif kind == "word":
            keyword = piece.upper()
            yield Token(keyword if keyword in KEYWORDS else "path", piece, position)
        elif kind == "sign":
            yield Token(piece, piece, position)
        elif kind == "other":
            raise FilterError(f"at position {position}: {_why_no_token(piece)}", position)
    yield Token("end", "", len(text))


def _why_no_token(character: str) -> str:
    if character == "'":
        return "expected a closing ' to this string, found the end of the expression"
    if character in '"\u201c\u201d\u2018\u2019`':
        return f"expected a string in single quotes ('...'), found {character}"
    return f"expected a path, a string, a keyword or one of = != ( ) , found {character!r}"
