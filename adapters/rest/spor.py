"""The trace: what happened to which message, and to the register."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as Parameter

from adapters.rest.context import Masked, Service
from adapters.rest.models import SporView
from adapters.rest.moment import moment
from adapters.rest.views import spor_view
from broker.core.identifiers import canonical
from broker.errors import NotFound
from broker.service import Beskedfordeler
from broker.trace import Query

router = APIRouter(tags=["spor"])

Time = Annotated[str | None, Parameter(description="30s, 10m, 2h or 1d ago; an ISO time; or seconds since 1970.")]


@router.get("/spor")
async def spor(
    service: Service,
    mask: Masked,
    besked_id: str | None = None,
    transaktions_id: str | None = None,
    dueslag: str | None = None,
    system: str | None = None,
    what: str | None = None,
    since: Time = None,
    until: Time = None,
    limit: Annotated[int, Parameter(ge=1, le=100_000)] = 1000,
) -> list[SporView]:
    """The newest ``limit`` records for which all that is asked holds, oldest first."""
    now = service.clock.now()
    query = Query(
        besked_id=canonical(besked_id) if besked_id is not None else None,
        transaktions_id=transaktions_id,
        dueslag=_dueslag(service, dueslag) if dueslag is not None else None,
        system=_system(service, system) if system is not None else None,
        what=what,
        since=moment(since, now) if since is not None else None,
        until=moment(until, now) if until is not None else None,
        limit=limit,
    )
    return [spor_view(service.content, record, mask) for record in await service.trace.find(query)]


def _dueslag(service: Beskedfordeler, name: str) -> str:
    """Its id; what is no longer in the register may still be in the trace."""
    try:
        return service.find_dueslag(name).id
    except NotFound:
        return canonical(name)


def _system(service: Beskedfordeler, name: str) -> str:
    try:
        return service.find_system(name).id
    except NotFound:
        return canonical(name)
