"""What a rule is: a sentence, where it comes from, the letters it is about, and the check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from consumers.standards.fields import Kilde
from consumers.standards.findings import Severity
from consumers.standards.paths import Loc
from consumers.standards.standard import Standard

ALL = tuple(Standard)


@dataclass(frozen=True, slots=True)
class Fault:
    """Where (JSON names), what, and the value seen (not masked)."""

    loc: Loc
    text: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a letter is judged by beside itself."""

    today: date
    ffb_version: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that no schema can say.  ``check`` yields its faults; it is asked for letters of ``standards`` only."""

    id: str
    text: str
    kilde: str
    """"seed …", "pub …" or "assumed"."""
    standards: tuple[Standard, ...]
    check: Callable[[Any, Seen], Iterator[Fault]]
    severity: Severity = "error"


RULES: list[Rule] = []


def rule(
    name: str,
    kilde: Kilde | str,
    text: str,
    standards: tuple[Standard, ...] = ALL,
    *,
    severity: Severity = "error",
) -> Callable[[Callable[[Any, Seen], Iterator[Fault]]], Callable[[Any, Seen], Iterator[Fault]]]:
    """Enters the check below it among the rules."""

    def enter(check: Callable[[Any, Seen], Iterator[Fault]]) -> Callable[[Any, Seen], Iterator[Fault]]:
        RULES.append(Rule(name, text, str(kilde), standards, check, severity))
        return check

    return enter
