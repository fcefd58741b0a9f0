"""A view as JSON, for a party's database."""

from __future__ import annotations

from functools import cache

from pydantic import TypeAdapter

from consumers.forloeb.forloeb import Forloeb


def to_json(forloeb: Forloeb) -> str:
    """``from_json`` reads it back, equal; held letters are in it whole."""
    return _adapter().dump_json(forloeb).decode()


def from_json(text: str | bytes) -> Forloeb:
    """What ``to_json`` wrote; raises ValueError (pydantic's ValidationError) for anything else."""
    return _adapter().validate_json(text)


@cache
def _adapter() -> TypeAdapter[Forloeb]:
    return TypeAdapter(Forloeb)
