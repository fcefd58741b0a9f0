"""What all parts of a scenario file are made of: forms, words, and lists of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

NAME = r"^[a-z0-9æøå][a-z0-9æøå_-]{0,39}$"
"""What parties and citizens are called within a scenario."""

T = TypeVar("T")


class Spec(BaseModel):
    """Frozen; nothing unknown in it.  Texts are read as what is wanted: ``"30"`` is a number where one is."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=True, ser_json_inf_nan="null"
    )


class OneOrMany:
    """One value stands for a list of one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        many = handler(schema)
        return {"anyOf": [{**many, "minItems": 1}, many["items"]]}


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | int) else value


@dataclass(frozen=True, slots=True)
class Shorthand:
    """A text alone stands for a mapping with this one key: ``anmod: anna`` for ``anmod: {citizen: anna}``."""

    key: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._whole, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(schema), {"type": "string"}]}

    def _whole(self, value: Any) -> Any:
        return {self.key: value} if isinstance(value, str | int | float) else value


Name = Annotated[str, Field(pattern=NAME)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Many = Annotated[tuple[T, ...], OneOrMany(), Field(min_length=1)]
"""A list, or one value that stands for a list of one."""
