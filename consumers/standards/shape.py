"""The models as the readers, writers, schemas and pages see them: blocks, their fields in order, and what a value is.

Worked out once for each class.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import StringConstraints
from pydantic.alias_generators import to_pascal
from pydantic.fields import FieldInfo

from consumers.standards.codes import Kode
from consumers.standards.fields import Blok, Form, Fritekst
from consumers.standards.letters import LETTERS, Brev
from consumers.standards.standard import Standard

NS = "urn:syntetisk:ffb:standard:1.0"
"""Namespace of the XML form (synthetic)."""

BLANK_CLASS = "\\t\\n\\r \x85\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
"""White space (see fields.BLANK) as the inside of a character class of a regular expression."""

Kind = Literal["text", "form", "code", "whole", "yes"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a single value is."""

    kind: Kind
    navn: str
    """Name of the type: Kort, Id, Maaltype, Heltal …"""
    limit: int | None = None
    """Characters at most."""
    form: Form | None = None
    low: int = 0
    high: int = 0
    values: tuple[tuple[str, str], ...] = ()
    """The codes, and what each is called; the name is empty where the code says it."""
    ffb: bool = False
    """The codes are of the FFB code system."""


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a block.  Exactly one of ``leaf`` and ``block`` is there."""

    place: int
    name: str
    json: str
    element: str
    required: bool
    many: bool
    low: int
    """Entries at least; 0 or 1."""
    high: int
    """Entries at most."""
    doc: str
    kilde: str
    leaf: Leaf | None
    block: Shape | None

    @property
    def cardinality(self) -> str:
        if self.many:
            return f"{self.low}..{self.high}"
        return "1" if self.required else "0..1"


@dataclass(frozen=True, slots=True)
class Shape:
    """A block: the class, and its fields in the order of the XML form."""

    model: type[Blok]
    members: tuple[Member, ...]
    by_tag: dict[str, Member] = field(repr=False)
    """By qualified name of the element."""
    by_json: dict[str, Member] = field(repr=False)

    @property
    def navn(self) -> str:
        return self.model.__name__

    @property
    def doc(self) -> str:
        """The class's own docstring, on one line."""
        return " ".join((self.model.__dict__.get("__doc__") or "").split())

    def blocks(self) -> Iterator[Shape]:
        """This one, and all that stand in it, the inner ones first; one may come more than once."""
        for member in self.members:
            if member.block:
                yield from member.block.blocks()
        yield self


@cache
def shape_of(model: type[Blok]) -> Shape:
    members = tuple(_member(place, name, info) for place, (name, info) in enumerate(model.model_fields.items()))
    return Shape(
        model,
        members,
        {f"{{{NS}}}{member.element}": member for member in members},
        {member.json: member for member in members},
    )


def _member(place: int, name: str, info: FieldInfo) -> Member:
    extra = info.json_schema_extra
    assert isinstance(extra, dict)
    kind, marks = _unwrapped(info.annotation, list(info.metadata))
    many = get_origin(kind) is tuple
    low, high = int(info.is_required()), 1
    if many:
        low = max((mark.min_length for mark in marks if isinstance(mark, MinLen)), default=0)
        high = min(mark.max_length for mark in marks if isinstance(mark, MaxLen))
        kind, marks = _unwrapped(get_args(kind)[0], [])
    block = shape_of(kind) if isinstance(kind, type) and issubclass(kind, Blok) else None
    return Member(
        place=place,
        name=name,
        json=info.alias or name,
        element=str(extra.get("element") or to_pascal(name)),
        required=info.is_required(),
        many=many,
        low=low,
        high=high,
        doc=info.description or "",
        kilde=str(extra["kilde"]),
        leaf=None if block else _leaf(kind, marks),
        block=block,
    )


def _unwrapped(annotation: Any, marks: list[Any]) -> tuple[Any, list[Any]]:
    """The type without Optional and Annotated, and all that is said about it."""
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        inner = next(each for each in get_args(annotation) if each is not type(None))
        return _unwrapped(inner, marks)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        flat = [each for mark in more for each in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
        return _unwrapped(inner, [*marks, *flat])
    return annotation, marks


def _leaf(kind: Any, marks: list[Any]) -> Leaf:
    if get_origin(kind) is Literal:
        return Leaf("code", "", values=tuple((value, "") for value in get_args(kind)))
    if issubclass(kind, Enum):
        values = tuple((str(each.value), getattr(each, "navn", "")) for each in kind)
        return Leaf("code", kind.__name__, values=values, ffb=issubclass(kind, Kode))
    if kind is bool:
        return Leaf("yes", "Ja")
    if kind is int:
        (low,) = (mark.ge for mark in marks if isinstance(mark, Ge))
        (high,) = (mark.le for mark in marks if isinstance(mark, Le))
        assert isinstance(low, int)
        assert isinstance(high, int)
        return Leaf("whole", "Heltal", low=low, high=high)
    for mark in marks:
        if isinstance(mark, Fritekst):
            return Leaf("text", "Kort" if mark.limit == 200 else "Tekst", limit=mark.limit)
    form = next(mark for mark in marks if isinstance(mark, Form))
    limits = [mark.max_length for mark in marks if isinstance(mark, StringConstraints) and mark.max_length]
    return Leaf("form", form.navn, form=form, limit=min(limits, default=None))


@cache
def letter_shapes() -> dict[Standard, Shape]:
    return {standard: shape_of(letter) for standard, letter in LETTERS.items()}


@cache
def by_root() -> dict[str, Shape]:
    """The letters, by the qualified name of the root element."""
    return {f"{{{NS}}}{shape.navn}": shape for shape in letter_shapes().values()}


def letter(shape: Shape) -> type[Brev]:
    assert issubclass(shape.model, Brev)
    return shape.model
