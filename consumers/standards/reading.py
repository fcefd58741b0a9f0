"""What both readers share: a document's values become a letter, or findings that say why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from consumers.standards.codes import FFB_VERSION, Kode
from consumers.standards.findings import Finding, InvalidLetter, capped, masked_cpr, shown
from consumers.standards.letters import Brev
from consumers.standards.paths import Form, Loc, member_at, order, path
from consumers.standards.shape import Leaf, Member, Shape, letter

MAX_BYTES = 20 * 1024 * 1024
"""Bytes of a document at most."""
_NOTED = 1000
"""Findings kept while reading: no document makes us gather without end."""
_LISTED = 8
"""Codes that a finding names at most."""

BAD = object()
"""Stands for a value that the reader has already found fault with."""


class Found:
    """The findings of one reading, each with its place in the order of the letter."""

    def __init__(self, root: Shape, form: Form) -> None:
        self.root, self.form = root, form
        self._noted: list[tuple[tuple[int, ...], Finding]] = []

    def note(self, loc: Loc, rule: str, text: str, value: str = "", *, at: tuple[int, ...] | None = None) -> None:
        """``at``: the key to sort it by where it does not stand where the standard has it."""
        if len(self._noted) < _NOTED:
            finding = Finding(path(self.root, loc, self.form), rule, text, value)
            self._noted.append((order(self.root, loc) if at is None else at, finding))

    def stranger(self, loc: Loc, name: str, rule: str, text: str, value: str, at: tuple[int, ...]) -> None:
        """Of ``name``, which the block at ``loc`` does not have; sorted by ``at``."""
        if len(self._noted) < _NOTED:
            dot = "/" if self.form == "xml" else "." if loc else ""
            where = path(self.root, loc, self.form) if loc or self.form == "xml" else ""
            self._noted.append((at, Finding(f"{where}{dot}{shown(name)}", rule, text, value)))

    def build(self, data: dict[str, Any]) -> Brev:
        """The letter of ``data`` (JSON names).  Raises InvalidLetter with all that was found."""
        try:
            brev = letter(self.root).model_validate(data, by_alias=True, by_name=False)
        except ValidationError as error:
            for each in error.errors(include_url=False):
                self._refused(each)
        else:
            if not self._noted:
                return brev
        self._noted.sort(key=lambda noted: noted[0])
        raise InvalidLetter(capped([finding for _, finding in self._noted]))

    def _refused(self, error: ErrorDetails) -> None:
        given, kind = error["input"], error["type"]
        if given is BAD or (kind == "too_short" and isinstance(given, list) and given):
            return  # found before; or an entry is wrong, which says itself
        member = member_at(self.root, error["loc"])
        assert member is not None
        value = _value(member.leaf, given)
        rule, text = _said(kind, error.get("ctx", {}), given, member, self.form)
        self.note(error["loc"], rule, text.replace("{value}", value), value)


def refuse(form: Form, rule: str, text: str, value: str = "") -> InvalidLetter:
    """For what is wrong with the document as a whole."""
    return InvalidLetter([Finding("/" if form == "xml" else "$", rule, text, value)])


def nearest(given: str, known: Iterable[str]) -> str:
    """`` Did you mean X?``, or nothing where none is near."""
    names = {each.lower(): each for each in known}
    near = get_close_matches(given.lower()[:100], names, 1, 0.6)
    return f"; did you mean {names[near[0]]}?" if near else ""


def names_of(members: Sequence[Member], form: Form) -> list[str]:
    return [member.element if form == "xml" else member.json for member in members]


def _value(leaf: Leaf | None, given: Any) -> str:
    if not isinstance(given, str | int | float):
        return ""
    return shown(masked_cpr(str(given)) if leaf and leaf.navn == "Cpr" else str(given))


def _said(kind: str, ctx: dict[str, Any], given: Any, member: Member, form: Form) -> tuple[str, str]:
    """The rule that is broken, and how to say it; ``{value}`` is what was seen."""
    leaf, navn = member.leaf, member.element if form == "xml" else member.json
    match kind:
        case "missing" | "too_short":
            what = f"{navn} is required and is not there: {member.doc}"
            return "required", f"{what} (at least one)" if member.many else what
        case "too_long":
            return "count", f"has {ctx.get('actual_length')} entries; at most {member.high} are allowed"
        case "string_too_short" | "text_blank":
            return "blank", f"is empty or only white space; write a text, or leave {navn} out if it is not required"
        case "text_character":
            return "character", (
                f"character {ctx['position']} (U+{ctx['code']}) cannot be written in XML 1.0; take it out"
            )
        case "string_unicode":
            return "character", "has half of a surrogate pair, which is no character; write the text in Unicode"
        case "string_too_long":
            return "length", f"is longer than {ctx['max_length']} characters; shorten it"
        case "enum" | "literal_error":
            assert leaf is not None
            return "code", _unknown_code(leaf, navn, given)
        case "less_than_equal" | "greater_than_equal":
            assert leaf is not None
            return "range", f"'{{value}}' is not within {leaf.low} to {leaf.high}"
        case _:
            expected = ctx.get("expected") or (leaf.form.expected if leaf and leaf.form else navn)
            return "lexical", f"'{{value}}' is not {expected}"


def _unknown_code(leaf: Leaf, navn: str, given: Any) -> str:
    """In words, with ``{value}`` for the code seen."""
    named = [f"{called} ({code})" if called else code for code, called in leaf.values[:_LISTED]]
    if len(leaf.values) == 1:
        return f"'{{value}}' is not the one value that {navn} has: {named[0]}"
    more = f", … ({len(leaf.values)} in all)" if len(leaf.values) > _LISTED else ""
    if not leaf.ffb:
        return f"unknown code for {navn}: '{{value}}'; expected one of: {', '.join(named)}{more}"
    return (
        f"unknown FFB code for {navn} ({leaf.navn}): '{{value}}'; expected one of: {', '.join(named)}{more}. "
        + _belongs(str(given))
    )


def _belongs(given: str) -> str:
    """What an FFB code is that stands in the wrong place, or in the wrong case."""
    for kode in Kode.__subclasses__():
        for each in kode:
            if each.value == given:
                return f"It is the code of {kode.__name__}: {each.navn}"
            if each.value == given.lower():
                return "Codes are written in lower case"
            if each.navn.lower() == given.strip().lower():
                return f"Write the code, not its name: {each.value}"
    return f"Is it a code of a newer FFB version than {FFB_VERSION}?"
