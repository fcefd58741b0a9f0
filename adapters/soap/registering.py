"""What a list is registered as: request in, the list's new head out.  Pure.

Registrering (tidspunkt, livscyklus, bruger) is the Beskedfordeler's own word; name, key and Virkning are the caller's.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.soap.documents.requests import Egenskab
from broker.core.model import Livscyklus, Registrering, Vaerdiliste


def new_head(uuid: str, system: str, egenskab: Egenskab, livscyklus: Livscyklus, note: str, now: float) -> Vaerdiliste:
    """A list as its Egenskab says, of the anvendersystem ``system``, registered now."""
    virkning = egenskab.virkning
    registrering = Registrering(
        tidspunkt=now,
        livscyklus=livscyklus,
        bruger=system,
        note=note,
        noegle=egenskab.noegle,
        virkning_fra=virkning.fra,
        virkning_til=virkning.til,
        aktoer=virkning.aktoer,
        aktoer_type=virkning.aktoer_type,
        virkning_note=virkning.note,
    )
    return Vaerdiliste(uuid, egenskab.navn, system, registrering)


def corrected(liste: Vaerdiliste, egenskab: Egenskab | None, note: str, now: float) -> Vaerdiliste:
    """After ret: Rettet, and in force again where it was passive (ours); what was not sent stays."""
    if egenskab is None:
        return _registered(liste, Livscyklus.RETTET, note, now)
    kept = note or (liste.registrering.note if liste.registrering is not None else "")
    return new_head(liste.id, liste.anvendersystem, egenskab, Livscyklus.RETTET, kept, now)


def passive(liste: Vaerdiliste, note: str, now: float) -> Vaerdiliste:
    """After passiver."""
    return _registered(liste, Livscyklus.PASSIVERET, note, now)


def deleted(liste: Vaerdiliste, note: str, now: float) -> Vaerdiliste:
    """As the answer to slet shows it: the last that is seen of it."""
    return _registered(liste, Livscyklus.SLETTET, note, now)


def with_other_values(liste: Vaerdiliste, now: float) -> Vaerdiliste:
    """After tilfoej and fjern: Rettet, but a passive list stays passive, and one that VærdilisteRediger did not make
    stays as it is (ours)."""
    registrering = liste.registrering
    if registrering is None:
        return liste
    livscyklus = registrering.livscyklus
    if livscyklus is not Livscyklus.PASSIVERET:
        livscyklus = Livscyklus.RETTET
    return replace(
        liste,
        registrering=replace(registrering, tidspunkt=now, livscyklus=livscyklus, bruger=liste.anvendersystem),
    )


def _registered(liste: Vaerdiliste, livscyklus: Livscyklus, note: str, now: float) -> Vaerdiliste:
    before = liste.registrering
    bruger = liste.anvendersystem
    if before is None:
        return replace(liste, registrering=Registrering(now, livscyklus, bruger, note))
    after = replace(before, tidspunkt=now, livscyklus=livscyklus, bruger=bruger, note=note or before.note)
    return replace(liste, registrering=after)
