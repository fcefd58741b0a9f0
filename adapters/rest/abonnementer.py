"""Abonnementer: started, stopped, paused and given another filter while messages flow."""

from __future__ import annotations

from fastapi import APIRouter

from adapters.rest.context import Masked, Service
from adapters.rest.models import AbonnementPage, AbonnementView, FilterChange
from adapters.rest.paging import Limit, Offset, Search, page
from adapters.rest.views import abonnement_view
from broker.core.model import Tilstand

router = APIRouter(prefix="/abonnementer", tags=["abonnementer"])


@router.get("")
async def list_abonnementer(
    service: Service,
    mask: Masked,
    dueslag: str | None = None,
    tilstand: Tilstand | None = None,
    soeg: Search = "",
    offset: Offset = 0,
    limit: Limit = 1000,
) -> AbonnementPage:
    """Every abonnement by navn; of one dueslag or in one tilstand where asked."""
    content = service.content
    key = service.find_dueslag(dueslag).id if dueslag is not None else None
    wanted = (
        abonnement
        for abonnement in content.abonnementer.values()
        if (key is None or abonnement.dueslag == key) and (tilstand is None or abonnement.tilstand is tilstand)
    )
    found, total = page(wanted, soeg, offset, limit)
    return AbonnementPage(abonnementer=[abonnement_view(content, a, mask) for a in found], total=total)


@router.get("/{name}")
async def one_abonnement(service: Service, mask: Masked, name: str) -> AbonnementView:
    """By id or navn."""
    return abonnement_view(service.content, service.find_abonnement(name), mask)


async def _set(service: Service, mask: Masked, name: str, tilstand: Tilstand) -> AbonnementView:
    return abonnement_view(service.content, await service.set_tilstand(name, tilstand), mask)


@router.post("/{name}/start")
async def start(service: Service, mask: Masked, name: str) -> AbonnementView:
    """In force for the next message accepted; what was kept back on pause flows."""
    return await _set(service, mask, name, Tilstand.AKTIV)


@router.post("/{name}/stop")
async def stop(service: Service, mask: Masked, name: str) -> AbonnementView:
    """Nothing more is put into the dueslag for it; what is there stays and can be fetched."""
    return await _set(service, mask, name, Tilstand.STOPPET)


@router.post("/{name}/pause")
async def pause(service: Service, mask: Masked, name: str) -> AbonnementView:
    """Matches are kept back, and flow when it is resumed."""
    return await _set(service, mask, name, Tilstand.PAUSE)


@router.post("/{name}/resume")
async def resume(service: Service, mask: Masked, name: str) -> AbonnementView:
    """The same as start, by the name that goes with pause."""
    return await _set(service, mask, name, Tilstand.AKTIV)


@router.put("/{name}/filter")
async def change_filter(service: Service, mask: Masked, name: str, change: FilterChange) -> AbonnementView:
    """In force for the next message accepted.  422 with the position where the expression cannot be read."""
    return abonnement_view(service.content, await service.set_filter(name, change.filter), mask)
