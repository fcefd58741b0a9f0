"""A letter inside a stored view: JSON with the standard's name beside the fields."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from consumers.standards.letters import LETTERS, Brev
from consumers.standards.standard import Standard


def _write(brev: Brev) -> dict[str, Any]:
    return {"standard": brev.standard, **brev.model_dump(mode="json", exclude_none=True)}


def _read(given: Any) -> Brev:
    if isinstance(given, Brev):
        return given
    fields = dict(given)
    return LETTERS[Standard(fields.pop("standard"))].model_validate(fields)


GemtBrev = Annotated[Brev, PlainSerializer(_write), PlainValidator(_read)]
