"""Markante ændringer and their kvitteringer: any number open at once, beside the state."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from consumers.forloeb.forloeb import Aendring, Forloeb
from consumers.forloeb.regler import Regel
from consumers.forloeb.skridt import Post, Skridt, anvend, besvaret, overhalet, put, swap, uden
from consumers.forloeb.tilstand import Tilstand
from consumers.standards.letters import Handling, Kvittering, MarkantAendring
from consumers.standards.standard import Rolle


def take_aendring(forloeb: Forloeb, brev: MarkantAendring, post: Post) -> Skridt:
    """7, from either side, between the myndighed and an udfører that has an agreement.

    A myndighed takes one on a closed forløb too: the udfører may have sent it before the opfølgning reached it.
    """
    modtager = brev.modtagere[0].organisation_id
    if forloeb.tilstand is Tilstand.AFSLUTTET and post.rolle is Rolle.MYNDIGHED and not overhalet(forloeb, brev):
        return uden(Regel.A7)
    udfoerer = modtager if post.rolle is Rolle.MYNDIGHED else brev.afsender.organisation_id
    if not forloeb.aftale(udfoerer):
        if forloeb.side is Rolle.MYNDIGHED and not _may_accept(forloeb, udfoerer):
            return uden(Regel.A4, "nothing is ordered from this udfører")
        return uden(Regel.H2)
    aendring = Aendring(brev.afsender.organisation_id, modtager, brev.besked_id, brev.data_tidspunkt)
    return anvend(forloeb, brev, post, Regel.T12, aendringer=put(forloeb.aendringer, aendring))


def take_kvittering(forloeb: Forloeb, brev: Kvittering, post: Post) -> Skridt:
    """7b: from the one that received the markant ændring."""
    if fejl := besvaret(forloeb, brev):
        return fejl
    aendring = next(row for row in forloeb.aendringer if row.besked_id == brev.besvarer_besked_id)
    if aendring.modtager != brev.afsender.organisation_id:
        return uden(Regel.A4, "the markant ændring was not sent to this party")
    if aendring.kvittering is not None:
        return uden(Regel.A5, f"with {aendring.handling}")
    lukket = replace(aendring, kvittering=brev.besked_id, handling=brev.handling)
    rows = swap(forloeb.aendringer, aendring, lukket)
    varslet = _announced(forloeb, brev, post, aendring)
    return anvend(forloeb, brev, post, Regel.T13, note=brev.handling, aendringer=rows, varslet=varslet)


def _announced(forloeb: Forloeb, brev: Kvittering, post: Post, aendring: Aendring) -> datetime | None:
    """When a bestilling was last announced: by the myndighed, to the udfører at work, who is the one to get it."""
    if post.rolle is not Rolle.MYNDIGHED or brev.handling is not Handling.NY_BESTILLING:
        return forloeb.varslet
    if aendring.afsender != forloeb.udfoerer:
        return forloeb.varslet
    return max(brev.data_tidspunkt, forloeb.varslet or brev.data_tidspunkt)


def _may_accept(forloeb: Forloeb, udfoerer: str) -> bool:
    """Whether an accepting answer of this udfører may be under way."""
    return any(row.udfoerer == udfoerer and row.svar is None for row in forloeb.bestillinger)
