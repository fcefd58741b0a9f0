"""The fejlkø of a dueslag: seen, moved back, or deleted; one, all, or by what they have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query

from adapters.rest.context import Masked, Service
from adapters.rest.dueslag import After, Body, PeekLimit, peek
from adapters.rest.models import Counted, LeverancePage, Selection
from broker.core.identifiers import canonical
from broker.ports import Engine, Glimpse
from broker.service import Beskedfordeler

router = APIRouter(prefix="/dueslag/{name}/fejlkoe", tags=["fejlkø"])

_PAGE = 500


@router.get("")
async def list_dead(
    service: Service, mask: Masked, name: str, after: After = 0, limit: PeekLimit = 100, body: Body = False
) -> LeverancePage:
    """What is in the fejlkø, with the reason each came there."""
    return await peek(service, name, "dead", after, limit, body, mask)


@router.post("/revive")
async def revive(service: Service, name: str, selection: Selection | None = None) -> Counted:
    """Move deliveries back into the dueslag, redelivered set."""
    return Counted(count=await service.revive(name, await selected(service, name, selection or Selection())))


@router.delete("")
async def bury(
    service: Service,
    name: str,
    id: Annotated[list[int] | None, Query()] = None,
    besked_id: str | None = None,
    abonnement: str | None = None,
    reason: str | None = None,
) -> Counted:
    """Delete deliveries from the fejlkø for good."""
    selection = Selection(ids=id, besked_id=besked_id, abonnement=abonnement, reason=reason)
    return Counted(count=await service.bury(name, await selected(service, name, selection)))


async def selected(service: Beskedfordeler, name: str, selection: Selection) -> list[int] | None:
    """Ids of the dead deliveries meant; None = all of them."""
    dueslag = service.find_dueslag(name)
    if selection.besked_id is None and selection.abonnement is None and selection.reason is None:
        return selection.ids
    abonnement = service.find_abonnement(selection.abonnement).id if selection.abonnement is not None else None
    besked_id = canonical(selection.besked_id) if selection.besked_id is not None else None
    reason = selection.reason.lower() if selection.reason is not None else None

    def is_meant(glimpse: Glimpse) -> bool:
        return (
            (besked_id is None or glimpse.besked.besked_id == besked_id)
            and (abonnement is None or glimpse.abonnement == abonnement)
            and (reason is None or reason in (glimpse.reason or "").lower())
            and (selection.ids is None or glimpse.id in selection.ids)
        )

    return await _dead_ids(service.engine, dueslag.id, is_meant)


async def _dead_ids(engine: Engine, dueslag: str, is_meant: Callable[[Glimpse], bool]) -> list[int]:
    """A page at a time: the fejlkø may be larger than the memory."""
    ids: list[int] = []
    after = 0
    while page := await engine.peek(dueslag, state="dead", after=after, limit=_PAGE):
        ids.extend(glimpse.id for glimpse in page if is_meant(glimpse))
        after = page[-1].id
    return ids
