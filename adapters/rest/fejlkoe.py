"""The fejlkø of a dueslag: seen, moved back, or deleted; one, all, or by what they have in common."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from adapters.rest.context import Mask, Masked, Service
from adapters.rest.dueslag import After, Body, PeekLimit
from adapters.rest.models import Counted, LeverancePage, LeveranceView, Selection
from adapters.rest.moment import moment
from adapters.rest.views import leverance_view
from broker.core.identifiers import canonical, is_uuid
from broker.errors import NotFound, Refused
from broker.ports import Engine, Glimpse
from broker.service import Beskedfordeler

router = APIRouter(prefix="/dueslag/{name}/fejlkoe", tags=["fejlkø"])

_PAGE = 500
"""Deliveries looked at in one go, without their messages: a few milliseconds."""
_OLDER_THAN = "Those that came there before this: 30s, 10m, 2h or 1d ago, an ISO time, or seconds since 1970."

Id = Annotated[int, Path(ge=1, lt=2**63)]
Meant = Callable[[Glimpse], bool]


class Choice(Selection):
    """Which deliveries of a fejlkø; all that is given must hold, nothing given = all."""

    beskedtype: str | None = Field(default=None, description="Id or navn.")
    older_than: str | None = Field(default=None, description=_OLDER_THAN)


async def _asked(
    id: Annotated[list[int] | None, Query()] = None,
    besked_id: str | None = None,
    abonnement: Annotated[str | None, Query(description="Id or navn.")] = None,
    reason: Annotated[str | None, Query(description="Part of the reason, upper or lower case.")] = None,
    beskedtype: Annotated[str | None, Query(description="Id or navn.")] = None,
    older_than: Annotated[str | None, Query(description=_OLDER_THAN)] = None,
) -> Choice:
    return Choice(
        ids=id, besked_id=besked_id, abonnement=abonnement, reason=reason, beskedtype=beskedtype, older_than=older_than
    )


Asked = Annotated[Choice, Depends(_asked)]


@router.get("")
async def list_dead(
    service: Service,
    mask: Masked,
    name: str,
    choice: Asked,
    after: After = 0,
    limit: PeekLimit = 100,
    body: Body = False,
) -> LeverancePage:
    """What is in the fejlkø, oldest message first: how often it was tried, when and why it came there."""
    dueslag = service.find_dueslag(name)
    found: list[Glimpse] = []
    async for glimpse in _dead(service.engine, dueslag.id, _criteria(service, choice), after):
        found.append(glimpse)
        if len(found) == limit:
            break
    shown = [await _with_body(service.engine, one) for one in found] if body else found
    return LeverancePage(
        dueslag=dueslag.id,
        beskeder=[_view(service, one, body, mask) for one in shown if one is not None],
        next=found[-1].id if len(found) == limit else None,
    )


@router.get("/{id}")
async def one_dead(service: Service, mask: Masked, name: str, id: Id, body: Body = True) -> LeveranceView:
    """One delivery, with its message."""
    dueslag = service.find_dueslag(name)
    page = await service.engine.peek(dueslag.id, state="dead", after=id - 1, limit=1, body=body)
    if not page or page[0].id != id:
        raise NotFound(f"no delivery {id} in the fejlkø of '{dueslag.navn}'")
    return _view(service, page[0], body, mask)


@router.post("/revive")
async def revive(service: Service, name: str, choice: Choice | None = None) -> Counted:
    """Move deliveries back into the dueslag, redelivered set."""
    return Counted(count=await service.revive(name, await selected(service, name, choice or Choice())))


@router.delete("")
async def bury(
    service: Service,
    name: str,
    choice: Asked,
    all: Annotated[bool, Query(description="Without any other choice: yes, all of them.")] = False,
) -> Counted:
    """Delete deliveries from the fejlkø for good; all of them only where that is said."""
    if choice == Choice() and not all:
        raise Refused("nothing is chosen; to delete all that is in the fejlkø, say all=true")
    return Counted(count=await service.bury(name, await selected(service, name, choice)))


async def selected(service: Beskedfordeler, name: str, choice: Choice) -> list[int] | None:
    """Ids of the dead deliveries meant; None = all of them."""
    dueslag = service.find_dueslag(name)
    if choice.model_copy(update={"ids": None}) == Choice():
        return choice.ids
    return [glimpse.id async for glimpse in _dead(service.engine, dueslag.id, _criteria(service, choice), 0)]


def _criteria(service: Beskedfordeler, choice: Choice) -> Meant:
    """The test for one delivery.  Raises NotFound (abonnement, beskedtype) and Refused (a time that is none)."""
    tests: list[Meant] = []
    if choice.ids is not None:
        ids = frozenset(choice.ids)
        tests.append(lambda one: one.id in ids)
    if choice.besked_id is not None:
        besked_id = canonical(choice.besked_id)
        tests.append(lambda one: one.besked.besked_id == besked_id)
    if choice.abonnement is not None:
        abonnement = _abonnement(service, choice.abonnement)
        tests.append(lambda one: one.abonnement == abonnement)
    if choice.beskedtype is not None:
        beskedtype = _beskedtype(service, choice.beskedtype)
        tests.append(lambda one: one.besked.beskedtype == beskedtype)
    if choice.reason is not None:
        reason = choice.reason.lower()
        tests.append(lambda one: reason in (one.reason or "").lower())
    if choice.older_than is not None:
        before = moment(choice.older_than, service.clock.now())
        tests.append(lambda one: one.died is not None and one.died < before)
    return lambda one: all(test(one) for test in tests)


def _abonnement(service: Beskedfordeler, name: str) -> str:
    """An id counts also where the abonnement was deleted since: what came by it may still lie there."""
    return canonical(name) if is_uuid(name.strip()) else service.find_abonnement(name).id


def _beskedtype(service: Beskedfordeler, name: str) -> str:
    if is_uuid(name.strip()):
        return canonical(name)
    found = [one.id for one in service.content.beskedtyper.values() if one.navn.lower() == name.lower()]
    if not found:
        raise NotFound(f"no beskedtype '{name}'")
    if len(found) > 1:
        raise NotFound(f"beskedtype '{name}': {len(found)} have this navn; use the id: {', '.join(found)}")
    return found[0]


async def _dead(engine: Engine, dueslag: str, meant: Meant, after: int) -> AsyncIterator[Glimpse]:
    """A page at a time, and without the messages: the fejlkø may be larger than the memory."""
    while page := await engine.peek(dueslag, state="dead", after=after, limit=_PAGE, body=False):
        for glimpse in page:
            if meant(glimpse):
                yield glimpse
        after = page[-1].id


async def _with_body(engine: Engine, glimpse: Glimpse) -> Glimpse | None:
    """None where it has left meanwhile."""
    page = await engine.peek(glimpse.dueslag, state="dead", after=glimpse.id - 1, limit=1)
    return page[0] if page and page[0].id == glimpse.id else None


def _view(service: Beskedfordeler, glimpse: Glimpse, body: bool, mask: Mask) -> LeveranceView:
    view = leverance_view(service.content, glimpse, body, mask)
    view.besked.bytes = glimpse.size
    return view
