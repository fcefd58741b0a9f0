"""Query parameters that nobody reads are refused: a misspelt filter must not mean "all"."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from broker.errors import Refused


async def known_parameters(request: Request) -> None:
    """A dependency of every endpoint.  Raises Refused, naming the nearest one that there is."""
    route = request.scope.get("route")
    if not request.query_params or not isinstance(route, APIRoute):
        return
    known = list(_names(route.dependant))
    for name in request.query_params:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            expected = ", ".join(known) or "none"
            raise Refused(f"unknown query parameter '{name[:60]}'; expected {expected}{hint}")


def _names(dependant: Dependant) -> Iterator[str]:
    """The query parameters of an endpoint and of all that it depends on."""
    yield from (field.alias for field in dependant.query_params)
    for other in dependant.dependencies:
        yield from _names(other)
