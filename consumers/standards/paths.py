"""Where in a letter: as its XML form says it, and as its JSON form does.

A place is a tuple of the JSON names of the fields, each of a list with its number from 0 after it, as pydantic gives
it: ``("indsats", "maalgrupper", 1, "rang")``.
"""

from __future__ import annotations

from typing import Literal

from consumers.standards.shape import Member, Shape

Form = Literal["xml", "json"]
Loc = tuple[str | int, ...]


def path(root: Shape, loc: Loc, form: Form) -> str:
    return xml_path(root, loc) if form == "xml" else json_path(loc)


def xml_path(root: Shape, loc: Loc) -> str:
    """``/Bestilling/Indsats/Maalgruppe[2]/Rang``; what the standard does not have stands as given."""
    parts = [f"/{root.navn}"]
    shape: Shape | None = root
    for step in loc:
        if isinstance(step, int):
            parts.append(f"[{step + 1}]")
            continue
        member = shape.by_json.get(step) if shape else None
        parts.append(f"/{member.element if member else step}")
        shape = member.block if member else None
    return "".join(parts)


def json_path(loc: Loc) -> str:
    """``indsats.maalgrupper[1].rang``; ``$`` is the whole."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return text.removeprefix(".") or "$"


def member_at(root: Shape, loc: Loc) -> Member | None:
    """The field at a place (of a list, also for each of its entries)."""
    shape: Shape | None = root
    member: Member | None = None
    for step in loc:
        if isinstance(step, str):
            member = shape.by_json.get(step) if shape else None
            shape = member.block if member else None
    return member


def order(root: Shape, loc: Loc) -> tuple[int, ...]:
    """A key that sorts places as they stand in the letter: for each level the field's place, and the entry's number."""
    key: list[int] = []
    shape: Shape | None = root
    for step in loc:
        if isinstance(step, int):
            key[-1] = step
            continue
        member = shape.by_json.get(step) if shape else None
        key += [2 * member.place if member else 1_000_000, -1]
        shape = member.block if member else None
    return tuple(key)
