"""What a standard's fields are, read off the models: for people, and for what goes through a letter field by field."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from consumers.standards.codes import Kode
from consumers.standards.fields import Blok, Form, Fritekst
from consumers.standards.letters import LETTERS
from consumers.standards.standard import Standard


@dataclass(frozen=True, slots=True)
class Felt:
    """One field of a letter or of a block."""

    name: str
    """In Python."""
    json: str
    xml: str
    """The element's name; that of each entry, where it is a list."""
    tekst: str
    kilde: str
    required: bool
    many: bool
    low: int
    high: int | None
    """How often it may stand; None: no limit."""
    base: Any
    """The Python type of the value, or of each entry."""
    form: Form | None
    limit: int | None
    """Characters at most."""
    lowest: int | None
    highest: int | None
    """Of a number."""

    @property
    def codes(self) -> tuple[tuple[str, str], ...]:
        """The values that are allowed, with their names ("" where the value says it); () where they are no codes."""
        if get_origin(self.base) is Literal:
            return tuple((str(value), "") for value in get_args(self.base))
        if isinstance(self.base, type) and issubclass(self.base, Enum):
            return tuple((str(one.value), one.navn if isinstance(one, Kode) else "") for one in self.base)
        return ()

    @property
    def blok(self) -> type[Blok] | None:
        return self.base if isinstance(self.base, type) and issubclass(self.base, Blok) else None

    @property
    def cardinality(self) -> str:
        """As a table of fields writes it: 1, 0..1, 1..*, 0..50."""
        high = "*" if self.high is None else str(self.high)
        return high if str(self.low) == high else f"{self.low}..{high}"

    @property
    def kind(self) -> str:
        """Its type in a word or two."""
        if self.blok:
            return self.blok.__name__
        if self.codes:
            return "code" if isinstance(self.base, type) and issubclass(self.base, Kode) else "value"
        if self.form is not None:
            return self.form.navn
        if self.limit is not None:
            return f"text, {self.limit} at most"
        if self.base is int:
            return f"number, {self.lowest} to {self.highest}"
        names: dict[Any, str] = {str: "text", bool: "true or false", date: "Dato", datetime: "Tidspunkt"}
        return names.get(self.base, str(self.base))


@functools.cache
def felter(blok: type[Blok]) -> tuple[Felt, ...]:
    """The fields of a letter or a block, in the order of the documents."""
    return tuple(_felt(name, info) for name, info in blok.model_fields.items())


def letter_fields(standard: Standard) -> tuple[Felt, ...]:
    return felter(LETTERS[standard])


def _felt(name: str, info: FieldInfo) -> Felt:
    base, metadata, many = _unwrapped(info.annotation, list(info.metadata))
    outer = info.metadata if many else ()
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    required = info.is_required()
    low = (_limit(outer, "min_length") or 0) if many else int(required)
    form = next((one for one in metadata if isinstance(one, Form)), None)
    text = next((one for one in metadata if isinstance(one, Fritekst)), None)
    return Felt(
        name=name,
        json=info.alias or name,
        xml=str(extra.get("element") or "".join(part.capitalize() for part in name.split("_"))),
        tekst=info.description or "",
        kilde=str(extra.get("kilde", "")),
        required=required,
        many=many,
        low=max(low, int(required)),
        high=_limit(outer, "max_length") if many else 1,
        base=base,
        form=form,
        limit=text.limit if text else None if many and not metadata else _limit(metadata, "max_length"),
        lowest=_limit(metadata, "ge"),
        highest=_limit(metadata, "le"),
    )


def _unwrapped(annotation: Any, metadata: list[Any]) -> tuple[Any, list[Any], bool]:
    """The type inside Annotated, ``| None`` and ``tuple[…, ...]``; what is said of it; whether it was a tuple."""
    many = False
    while True:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            annotation, metadata = arguments[0], [*metadata, *arguments[1:]]
        elif origin in (Union, UnionType):
            (annotation,) = (one for one in arguments if one is not type(None))
        elif origin is tuple:
            annotation, metadata, many = arguments[0], [], True
        else:
            return annotation, _flat(metadata), many


def _flat(metadata: Sequence[Any]) -> list[Any]:
    """A Field within Annotated holds what it says in its own metadata."""
    return [one for given in metadata for one in (given.metadata if isinstance(given, FieldInfo) else (given,))]


def _limit(metadata: Sequence[Any], name: str) -> int | None:
    """The narrowest is what the field says last."""
    found = [value for one in metadata if (value := getattr(one, name, None)) not in (None, PydanticUndefined)]
    return (max if name in ("ge", "min_length") else min)(found, default=None)
