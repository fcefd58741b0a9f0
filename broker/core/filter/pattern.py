"""The pattern of LIKE: ``%`` is any run of characters (also none), ``_`` is exactly one.

``\\%``, ``\\_`` and ``\\\\`` stand for the character itself.  A pattern is brought to the same canonical form
as the values it is held against, so that LIKE minds case exactly as ``=`` does: a UUID compares without
case, the prefix ``urn:oio:`` too, and a pattern that begins ``urn:oio:cvr-nr:`` means ``urn:oio:cvr:``; what
follows in a URN compares with case.  Matching takes time linear in the value for a given pattern.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

_OIO = re.compile(r"urn:oio:", re.IGNORECASE)
_CVR_NR = re.compile(r"urn:oio:cvr-nr(?=[:%])", re.IGNORECASE)
_PERHAPS_UUID = re.compile(r"[0-9a-fA-F%_-]*\Z")
_PART = re.compile(r"\\([\\%_])|(%)|(_)|([^\\%_]+|\\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A LIKE pattern, compiled; two with the same text are equal."""

    text: str
    """The pattern in canonical form, as LIKE writes it."""
    prefix: str = field(compare=False)
    """The literal text before the first wildcard, unescaped; all of it where there is none."""
    exact: bool = field(compare=False)
    """There is no wildcard: the pattern means ``= prefix``."""
    pure: bool = field(compare=False)
    """The pattern is ``prefix%`` and nothing more."""
    _regex: re.Pattern[str] | None = field(compare=False, repr=False)

    def matches(self, value: str) -> bool:
        """Whether a value in canonical form is like this pattern."""
        if self._regex is not None:
            return self._regex.match(value) is not None
        return value.startswith(self.prefix) if self.pure else value == self.prefix

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def like(text: str, uuid: bool = False) -> Pattern:
    """Compile a pattern; ``uuid`` says that the element holds a UUID, so that case never counts."""
    text = _canonical(text, uuid)
    parts = _parts(text)
    prefix = ""
    for count, (kind, literal) in enumerate(parts):  # noqa: B007  # count is read after the loop
        if kind != "text":
            break
        prefix += literal
    else:
        return Pattern(text, prefix, exact=True, pure=False, _regex=None)
    pure = [kind for kind, _ in parts[count:]] == ["run"]
    return Pattern(text, prefix, exact=False, pure=pure, _regex=None if pure else _compile(parts))


def _canonical(text: str, uuid: bool) -> str:
    text = text.strip()
    if uuid or _PERHAPS_UUID.match(text):
        return text.lower()
    if cvr := _CVR_NR.match(text):
        return "urn:oio:cvr" + text[cvr.end() :]
    return "urn:oio:" + text[8:] if _OIO.match(text) else text


def _parts(text: str) -> list[tuple[str, str]]:
    """The pattern as ("text", literal), ("one", "") and ("run", ""); neighbouring runs are one."""
    parts: list[tuple[str, str]] = []
    for escaped, run, one, literal in _PART.findall(text):
        if run:
            if not parts or parts[-1][0] != "run":
                parts.append(("run", ""))
        else:
            parts.append(("one", "") if one else ("text", escaped or literal))
    return parts


def _compile(parts: list[tuple[str, str]]) -> re.Pattern[str]:
    """A regular expression that never backtracks over an earlier run: each run takes the first fit for good."""
    segments = [""]
    for kind, literal in parts:
        if kind == "run":
            segments.append("")
        else:
            segments[-1] += "." if kind == "one" else re.escape(literal)
    if len(segments) == 1:
        return re.compile(segments[0] + r"\Z", re.DOTALL)
    first, *middle, last = segments
    body = "".join(f"(?>.*?{segment})" for segment in middle if segment)
    return re.compile(f"{first}{body}.*{last}\\Z", re.DOTALL)
