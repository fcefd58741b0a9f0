"""What is wrong in a scenario file, in words for whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from consumers.yaml_source import Mark, Path, dotted


@dataclass(frozen=True, slots=True)
class Problem:
    """``str`` is ``FILE:LINE:COLUMN: path: what is wrong; what was expected``."""

    file: str
    mark: Mark
    path: Path
    text: str

    def __str__(self) -> str:
        where = f"{dotted(self.path)}: " if self.path else ""
        return f"{self.file}:{self.mark.line}:{self.mark.column}: {where}{' '.join(self.text.split())}"


class ScenarioError(ValueError):
    """A scenario file is not as it should be; ``str`` has one line for each problem, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.mark))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str:
    """`` (nearest: 'x')`` where something known resembles the word, else nothing."""
    by_lower = {name.lower(): name for name in known}
    hits = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f" (nearest: '{by_lower[hits[0]]}')" if hits else ""


_EXPECTED = {
    "bool_parsing": "expected true or false",
    "bool_type": "expected true or false",
    "int_parsing": "expected a whole number",
    "int_type": "expected a whole number",
    "float_parsing": "expected a number",
    "float_type": "expected a number",
    "string_type": "expected a text",
    "date_from_datetime_parsing": "expected a day as 2026-01-31",
    "date_parsing": "expected a day as 2026-01-31",
    "date_type": "expected a day as 2026-01-31",
    "dict_type": "expected a mapping of names",
    "model_type": "expected a mapping (key: value)",
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "string_too_short": "expected a text that is not empty",
    "too_short": "expected at least one",
    "missing": "expected it",
}
_LIMITS = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
    "greater_than": ("more than", "gt"),
    "less_than": ("less than", "lt"),
    "string_too_long": ("a text of at most", "max_length"),
}


def wording(error: Any, keys: Iterable[str]) -> str:
    """A finding of pydantic as a sentence; ``keys`` are those that were allowed where an unknown one stands."""
    kind, found, context = error["type"], _found(error["input"]), error.get("ctx", {})
    if kind == "extra_forbidden":
        known, key = sorted(keys), str(error["loc"][-1])
        return f"unknown key '{key}'; expected one of {', '.join(known)}{nearest(key, known)}"
    if kind == "missing":
        return f"'{error['loc'][-1]}' is missing; expected it here"
    if kind == "value_error":
        return str(context["error"])
    if kind in ("literal_error", "enum"):
        choices = _choices(str(context["expected"]))
        return f"{found}; expected one of {', '.join(choices)}{nearest(str(error['input']), choices)}"
    if kind == "string_pattern_mismatch":
        return f"{found}; expected {_PATTERNS.get(context['pattern'], context['pattern'])}"
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        return f"{found}; expected {words} {context[key]}"
    return f"{found}; {_EXPECTED.get(kind, 'expected: ' + error['msg'])}"


_PATTERNS = {
    r"^[a-z0-9æøå][a-z0-9æøå_-]{0,39}$": "a name of small letters, digits, - and _, 40 at most",
    r"^([0-9]{8}|[a-z0-9æøå][a-z0-9æøå_-]{0,39})$": "eight digits, or the name of a party",
    r"^[0-9]{10}$": "ten digits",
    r"^(R([1-9]|10)|tilstand|ukendt)$": "R1 to R10, tilstand or ukendt",
    r"^R([1-9]|10)$": "R1 to R10",
}


def _choices(expected: str) -> list[str]:
    """From pydantic's ``'a', 'b' or 'c'``."""
    return [part.strip(" '") for part in expected.replace("' or '", "', '").split("', '")]


def _found(value: object) -> str:
    if value is None:
        return "nothing stands here"
    if isinstance(value, dict):
        return "found a mapping"
    if isinstance(value, list | tuple):
        return "found a list" if value else "found an empty list"
    if isinstance(value, bool):
        return f"found {str(value).lower()}"
    return f"found '{str(value)[:60]}'"
