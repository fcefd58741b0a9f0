"""What is wrong with a letter, in words that somebody who writes a fagsystem can act upon."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

LIMIT = 100
"""Findings that are named at most; the last of them says how many there are beside."""

Severity = Literal["error", "flag"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault.

    ``path`` is written as the reader of the document sees it: ``/Bestilling/Indsats/Maalgruppe[2]/Rang`` in XML,
    ``indsats.maalgrupper[1].rang`` in JSON, ``/`` and ``$`` for the document itself.  ``rule`` names the rule: a word
    for the form (FORM_RULES), an id for what RULES say.  ``value`` is what was seen, shortened, with CPR numbers
    masked.  A flag does not make the letter invalid.
    """

    path: str
    rule: str
    text: str
    value: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.path}: {self.text} ({self.rule})"


class InvalidLetter(ValueError):
    """The document is no letter of a standard; ``findings`` say why, in the order of the document."""

    findings: tuple[Finding, ...]

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


FORM_RULES = {
    "syntax": "the document is well-formed XML or JSON, in UTF-8, each name once in a JSON object",
    "size": "a document has at most 20 MB",
    "dtd": "there is no DTD and no entity",
    "root": "the document is one of the nine letters",
    "namespace": "elements are in the namespace of the standards",
    "required": "what is required is there",
    "unknown": "there is nothing that the standard does not have",
    "order": "elements stand in the order of the standard",
    "single": "what may stand once stands once",
    "count": "lists have at most so many entries as stated",
    "attribute": "elements have no attributes",
    "type": "a value is of its kind: a text, a number, a list, an object",
    "null": "what is not known is left out, not null",
    "lexical": "a value is written in its form",
    "range": "a number is within its limits",
    "code": "a code is one of its list",
    "length": "a text is not longer than stated",
    "blank": "a text is not empty and not only white space",
    "character": "a text has only characters that XML 1.0 can write",
    "more": "there are more findings than are listed",
}
"""The rules of form, which the readers hold a document to; the schemas say the same (what they cannot say is listed
in docs/standards.md)."""


def capped(findings: list[Finding]) -> list[Finding]:
    """At most LIMIT of them; the last says how many were left out."""
    if len(findings) <= LIMIT:
        return findings
    left = len(findings) - LIMIT + 1
    root = "/" if findings[0].path.startswith("/") else "$"
    return [*findings[: LIMIT - 1], Finding(root, "more", f"at least {left} more findings are not listed")]


_UUID = r"(?<![0-9a-fA-F]) [0-9a-fA-F]{8} (?: -[0-9a-fA-F]{4} ){3} -[0-9a-fA-F]{12} (?![0-9a-fA-F])"
_CPR = re.compile(
    rf"""
    (?P<uuid> {_UUID} )                            # its digits may look like one, and it must stay what it is
  | (?: (?: (?<=cpr-nr:) | (?<=oio:cpr:) ) [0-9]{{6}}  # called a CPR number: masked whatever the digits
      | (?<![0-9])
        (?: 0[1-9] | [12][0-9] | 3[01]             # a day of a month,
          | 6[1-9] | [78][0-9] | 9[01] )           # or 60 more: an administrative number
        [ .-]? (?: 0[1-9] | 1[0-2] )               # month
        [ .-]? [0-9]{{2}}                            # and year
    )
    [\s._/\u2013\u2014-]{{0,3}} [0-9]{{4}} (?![0-9])    # hyphens and dashes, points, spaces …
    """,
    re.VERBOSE,
)
_NO_DIGIT = re.compile("[^0-9]")
_SHOWN = 60


def masked(text: str) -> str:
    """``text`` with the last four digits of each CPR number hidden; numbers that begin with no date stay.

    However people write one: 010190-1234, 0101901234, 010190 1234, 01.01.90-1234.  The Beskedfordeler's rule as well.
    """
    return _CPR.sub(_hidden, text)


def _hidden(match: re.Match[str]) -> str:
    return match[0] if match["uuid"] else _NO_DIGIT.sub("", match[0])[:6] + "-****"


def masked_cpr(given: str) -> str:
    """What stands where a CPR number belongs, whatever it is: its first six characters, the rest hidden."""
    return f"{given[:6]}-****" if len(given) > 6 else given


def shown(text: str) -> str:
    """A value as a finding shows it: on one line, shortened, CPR numbers masked."""
    line = masked(text).encode("unicode_escape").decode() if not text.isprintable() else masked(text)
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
