"""Who speaks for a party: synthetic people, always the same ones for the same organisation."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from consumers.part import Part
from consumers.standards import names
from consumers.standards.blocks import Forfatter, Koen, Kontakt, Organisation
from consumers.standards.chance import pick


@lru_cache(maxsize=4096)
def contact_of(part: Part) -> Kontakt:
    """Whom to call there."""
    random = Random(f"kontakt/{part.aktoer}")  # noqa: S311 - names of nobody
    koen = pick(random, (Koen.KVINDE, Koen.MAND))
    return Kontakt(
        titel=pick(random, names.UDFOERERTITLER if part.er_tilbud else names.MYNDIGHEDSTITLER),
        fornavn=names.fornavn(random, koen),
        efternavn=pick(random, names.EFTERNAVNE),
        telefoner=(names.telefon(random),),
    )


@lru_cache(maxsize=4096)
def organisation_of(part: Part) -> Organisation:
    """The party as letters name it."""
    return Organisation(
        navn=part.navn,
        cvr=part.cvr,
        organisation_id=part.aktoer,
        p_nummer=part.p_nummer,
        sor=part.sor,
        kontakt=contact_of(part),
    )


@lru_cache(maxsize=4096)
def author_of(part: Part) -> Forfatter:
    """Who answers for its letters (R3)."""
    contact = contact_of(part)
    return Forfatter(navn=f"{contact.fornavn} {contact.efternavn}", titel=contact.titel)
