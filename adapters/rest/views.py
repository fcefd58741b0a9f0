"""Values of the broker as bodies of the admin API.  Pure; text that may hold a CPR number goes through ``mask``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.rest.context import Mask
from adapters.rest.models import (
    AbonnementView,
    BeskedView,
    DepthView,
    DueslagView,
    LeveranceView,
    SporView,
    VaerdilisteView,
)
from broker.catalogue import is_passive
from broker.clock import iso
from broker.core.model import Abonnement, Dueslag, Vaerdiliste
from broker.core.stored import StoredBesked
from broker.ports import Depth, Glimpse, RegisterContent
from broker.trace import Record


def navn(items: Mapping[str, Any], key: str | None) -> str | None:
    """The navn of an item that may have been removed from the register since."""
    item = items.get(key) if key is not None else None
    return item.navn if item is not None else None


def time(seconds: float | None) -> str | None:
    return iso(seconds) if seconds is not None else None


def depth_view(depth: Depth) -> DepthView:
    return DepthView(ready=depth.ready, out=depth.out, held=depth.held, dead=depth.dead, consumers=depth.consumers)


def dueslag_view(content: RegisterContent, dueslag: Dueslag, depth: Depth) -> DueslagView:
    return DueslagView(
        id=dueslag.id,
        navn=dueslag.navn,
        anvendersystem=dueslag.anvendersystem,
        anvendersystem_navn=navn(content.anvendersystemer, dueslag.anvendersystem) or "",
        callback=dueslag.callback,
        depth=depth_view(depth),
    )


def abonnement_view(content: RegisterContent, abonnement: Abonnement, mask: Mask) -> AbonnementView:
    dueslag = content.dueslag[abonnement.dueslag]
    return AbonnementView(
        id=abonnement.id,
        navn=abonnement.navn,
        dueslag=abonnement.dueslag,
        dueslag_navn=dueslag.navn,
        anvendersystem_navn=navn(content.anvendersystemer, dueslag.anvendersystem) or "",
        tilstand=abonnement.tilstand.value,
        filter=mask(abonnement.filter),
        gyldig_fra=time(abonnement.gyldig_fra),
        gyldig_til=time(abonnement.gyldig_til),
    )


def besked_view(content: RegisterContent, besked: StoredBesked, body: bool, mask: Mask) -> BeskedView:
    return BeskedView(
        besked_id=mask(besked.besked_id),
        transaktions_id=besked.transaktions_id,
        beskedtype=besked.beskedtype,
        beskedtype_navn=navn(content.beskedtyper, besked.beskedtype),
        afsender=besked.afsender,
        afsender_navn=navn(content.anvendersystemer, besked.afsender),
        received=iso(besked.received),
        expires=time(besked.expires),
        bytes=len(besked.data),
        body=mask(besked.data.decode("utf-8", "replace")) if body else None,
    )


def leverance_view(content: RegisterContent, glimpse: Glimpse, body: bool, mask: Mask) -> LeveranceView:
    return LeveranceView.model_validate(
        {
            "id": glimpse.id,
            "state": glimpse.state,
            "abonnement": glimpse.abonnement,
            "abonnement_navn": navn(content.abonnementer, glimpse.abonnement),
            "attempts": glimpse.attempts,
            "redelivered": glimpse.redelivered,
            "reason": mask(glimpse.reason) if glimpse.reason is not None else None,
            "died": time(glimpse.died),
            "besked": besked_view(content, glimpse.besked, body, mask),
        }
    )


def spor_view(content: RegisterContent, record: Record, mask: Mask) -> SporView:
    return SporView(
        time=iso(record.time),
        what=record.what,
        seqs=list(record.seqs),
        besked_id=mask(record.besked_id) if record.besked_id is not None else None,
        transaktions_id=record.transaktions_id,
        system=record.system,
        system_navn=navn(content.anvendersystemer, record.system),
        dueslag=record.dueslag,
        dueslag_navn=navn(content.dueslag, record.dueslag),
        abonnement=record.abonnement,
        abonnement_navn=navn(content.abonnementer, record.abonnement),
        detail=masked(record.detail, mask),
        names=dict(_names(content, record.detail)),
    )


def _names(content: RegisterContent, detail: Any) -> Iterator[tuple[str, str]]:
    """The navn of whatever a record's detail mentions by id."""
    if isinstance(detail, str):
        for items in (content.dueslag, content.abonnementer, content.beskedtyper):
            if found := navn(items, detail):
                yield detail, found
    elif isinstance(detail, dict):
        for part in detail.values():
            yield from _names(content, part)
    elif isinstance(detail, list | tuple):
        for part in detail:
            yield from _names(content, part)


def vaerdiliste_view(content: RegisterContent, liste: Vaerdiliste) -> VaerdilisteView:
    return VaerdilisteView(
        id=liste.id,
        navn=liste.navn,
        anvendersystem=liste.anvendersystem,
        anvendersystem_navn=navn(content.anvendersystemer, liste.anvendersystem) or "",
        count=len(content.vaerdier.get(liste.id, ())),
        livscyklus=liste.registrering.livscyklus if liste.registrering is not None else None,
        passiv=is_passive(liste),
    )


def masked(value: Any, mask: Mask) -> Any:
    """A JSON value with every text in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: masked(part, mask) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [masked(part, mask) for part in value]
    return value
