"""What clients said, as text that can be written, whatever is in it."""

from __future__ import annotations

import json

import orjson


def as_json(value: object) -> str:
    """As JSON; what is no Unicode (lone surrogates) becomes a question mark, what JSON has no word for its str."""
    try:
        return orjson.dumps(value, default=_plain).decode()
    except TypeError:
        text = json.dumps(value, ensure_ascii=False, default=str)
        return text.encode("utf-8", "replace").decode()


def _plain(value: object) -> object:
    """What orjson asks about: named tuples and sets are arrays."""
    if isinstance(value, tuple):
        return value[:]
    if isinstance(value, set | frozenset):
        return [*value]
    raise TypeError


def as_text(text: str) -> str:
    """Without what PostgreSQL takes in no text: lone surrogates, and the zero character."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\0", "?")
