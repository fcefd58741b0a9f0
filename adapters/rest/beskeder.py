"""Messages by BeskedId."""

from __future__ import annotations

from fastapi import APIRouter

from adapters.rest.context import Masked, Service
from adapters.rest.models import BeskedView
from adapters.rest.views import besked_view
from broker.core.identifiers import canonical
from broker.core.stored import StoredBesked
from broker.errors import NotFound
from broker.service import Beskedfordeler

router = APIRouter(prefix="/beskeder", tags=["beskeder"])


@router.get("/{besked_id}")
async def beskeder(service: Service, mask: Masked, besked_id: str, body: bool = True) -> list[BeskedView]:
    """The stored messages with this BeskedId: one, or one for each system that sent it."""
    return [besked_view(service.content, besked, body, mask) for besked in await stored(service, besked_id)]


async def stored(service: Beskedfordeler, besked_id: str) -> list[StoredBesked]:
    """Raises NotFound where none is kept."""
    found = await service.engine.find(canonical(besked_id))
    if not found:
        raise NotFound(
            f"no stored message with BeskedId '{besked_id}': never accepted, or fetched by all and no longer kept "
            "(serve --retention SECONDS keeps them longer)"
        )
    return found
