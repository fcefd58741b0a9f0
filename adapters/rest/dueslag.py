"""Dueslag: what they hold, seen without consuming, and emptied."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from adapters.rest.context import Masked, Service
from adapters.rest.depths import depths
from adapters.rest.models import Counted, DueslagPage, DueslagView, LeverancePage
from adapters.rest.paging import Limit, Offset, Search, page
from adapters.rest.views import dueslag_view, leverance_view
from broker.service import Beskedfordeler

router = APIRouter(prefix="/dueslag", tags=["dueslag"])

State = Literal["ready", "out", "held", "dead"]
After = Annotated[int, Query(ge=0, description="Only deliveries with a higher id.")]
PeekLimit = Annotated[int, Query(ge=1, le=1000)]
Body = Annotated[bool, Query(description="With the message itself.")]


@router.get("")
async def list_dueslag(service: Service, soeg: Search = "", offset: Offset = 0, limit: Limit = 1000) -> DueslagPage:
    """Every dueslag with what it holds, by navn."""
    content = service.content
    asked, _ = page(content.dueslag.values(), soeg, offset, limit)
    held = await depths(service.engine, [one.id for one in asked])
    found, total = page(content.dueslag.values(), soeg, offset, limit)  # as it stands now
    views = [dueslag_view(content, one, held[one.id]) for one in found if one.id in held]
    return DueslagPage(dueslag=views, total=total)


@router.get("/{name}")
async def one_dueslag(service: Service, name: str) -> DueslagView:
    """By id or navn."""
    key = service.find_dueslag(name).id
    held = await depths(service.engine, [key])
    dueslag = service.find_dueslag(key)  # it may be changed, or gone, by now
    return dueslag_view(service.content, dueslag, held[key])


@router.get("/{name}/beskeder")
async def beskeder(
    service: Service,
    mask: Masked,
    name: str,
    state: State | None = None,
    after: After = 0,
    limit: PeekLimit = 100,
    body: Body = False,
) -> LeverancePage:
    """What is in the dueslag, in order; looking changes nothing.  Without ``state`` all but the fejlkø."""
    return await peek(service, name, state, after, limit, body, mask)


@router.post("/{name}/purge")
async def purge(service: Service, name: str) -> Counted:
    """Drop what is ready or held; what is out stays out, the fejlkø stays."""
    return Counted(count=await service.purge(name))


async def peek(
    service: Beskedfordeler, name: str, state: str | None, after: int, limit: int, body: bool, mask: Masked
) -> LeverancePage:
    """One page of a dueslag."""
    dueslag = service.find_dueslag(name)
    found = await service.engine.peek(dueslag.id, state=state, after=after, limit=limit)
    return LeverancePage(
        dueslag=dueslag.id,
        beskeder=[leverance_view(service.content, glimpse, body, mask) for glimpse in found],
        next=found[-1].id if len(found) == limit else None,
    )
