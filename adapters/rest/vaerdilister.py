"""Værdilister: their values seen and changed, in force for the next message."""

from __future__ import annotations

from itertools import islice

from fastapi import APIRouter

from adapters.rest.context import Masked, Service
from adapters.rest.models import Counted, VaerdilisteView, ValuePage, Values
from adapters.rest.paging import Limit, Offset
from adapters.rest.views import vaerdiliste_view

router = APIRouter(prefix="/vaerdilister", tags=["værdilister"])


@router.get("")
async def list_vaerdilister(service: Service) -> list[VaerdilisteView]:
    """Every værdiliste, with how many values it holds."""
    content = service.content
    lists = sorted(content.vaerdilister.values(), key=lambda liste: (liste.navn.lower(), liste.id))
    return [vaerdiliste_view(content, liste) for liste in lists]


@router.get("/{name}/values")
async def values(service: Service, mask: Masked, name: str, offset: Offset = 0, limit: Limit = 1000) -> ValuePage:
    """The values of one list, in no particular but a stable order while nothing is changed."""
    held = service.content.vaerdier.get(service.find_vaerdiliste(name).id, set())
    return ValuePage(values=[mask(value) for value in islice(held, offset, offset + limit)], total=len(held))


@router.post("/{name}/add")
async def add(service: Service, name: str, values: Values) -> Counted:
    """Add values; answers how many the list then holds."""
    return Counted(count=await service.add_values(name, values.values))


@router.post("/{name}/remove")
async def remove(service: Service, name: str, values: Values) -> Counted:
    """Remove values; answers how many the list then holds."""
    return Counted(count=await service.remove_values(name, values.values))
