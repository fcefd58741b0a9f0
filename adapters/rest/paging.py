"""Lists that may be long, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Protocol, TypeVar

from fastapi import Query

Search = Annotated[str, Query(description="Part of the navn or id, upper or lower case.")]
Offset = Annotated[int, Query(ge=0)]
Limit = Annotated[int, Query(ge=0, le=10_000)]


class Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def navn(self) -> str: ...


_T = TypeVar("_T", bound=Named)


def page(items: Iterable[_T], search: str, offset: int, limit: int) -> tuple[list[_T], int]:
    """The items of one page, by navn without case, and how many there are in all."""
    term = search.lower()
    found = [item for item in items if term in item.navn.lower() or term in item.id]
    found.sort(key=lambda item: (item.navn.lower(), item.id))
    return found[offset : offset + limit], len(found)
