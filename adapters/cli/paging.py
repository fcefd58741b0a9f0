"""Lists of the admin API, all their pages."""

from __future__ import annotations

from typing import Any

from adapters.cli.api import Api

_PAGE = 1000
"""Items: 30 ms of the emulator's loop, which its senders and receivers share."""


def every(api: Api, path: str, key: str, **query: object) -> list[Any]:
    """All items of a list that comes as ``{key: [...], "total": n}``."""
    found: list[Any] = []
    while True:
        page = api.get(path, offset=len(found), limit=_PAGE, **query)
        found += page[key]
        if not page[key] or len(found) >= page["total"]:
            return found
