"""What all parts of a scenario file are made of: forms, words, and lists of one."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

NAME = r"^[a-z0-9æøå][a-z0-9æøå_-]{0,39}$"
"""What parties and citizens are called within a scenario."""

T = TypeVar("T")


class Spec(BaseModel):
    """Frozen; nothing unknown in it.  Texts are read as what is wanted: ``"30"`` is a number where one is."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True, ser_json_inf_nan="null"
    )


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | int) else value


def shorthand(key: str) -> BeforeValidator:
    """A text alone stands for a mapping with this one key: ``anmod: anna`` for ``anmod: {citizen: anna}``."""
    return BeforeValidator(
        lambda value: {key: value} if isinstance(value, str | int | float) else value, json_schema_input_type=Any
    )


Name = Annotated[str, Field(pattern=NAME)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Many = Annotated[tuple[T, ...], BeforeValidator(_as_list, json_schema_input_type=list[T] | T), Field(min_length=1)]
"""A list, or one value that stands for a list of one."""
