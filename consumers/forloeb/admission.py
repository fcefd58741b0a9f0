"""What holds for every letter before its own rules: forløb, case, side, sender and recipients."""

from __future__ import annotations

from consumers.forloeb.forloeb import Forloeb
from consumers.forloeb.regler import Regel
from consumers.forloeb.skridt import Post, Skridt, uden
from consumers.standards.letters import Brev
from consumers.standards.standard import Rolle, Standard

BEGGE = frozenset({Standard.MARKANT_AENDRING, Standard.KVITTERING})
"""Written by either side: a markant ændring, and therefore its kvittering."""


def admit(forloeb: Forloeb, brev: Brev, post: Post) -> Skridt | None:
    """None, or the refusal."""
    return _forloeb(forloeb, brev) or _side(brev, post) or _address(forloeb, brev, post) or _party(forloeb, brev, post)


def _forloeb(forloeb: Forloeb, brev: Brev) -> Skridt | None:
    if brev.forloebs_id != forloeb.id:
        return uden(Regel.A1, f"forløb {brev.forloebs_id}")
    sag = brev.sagsreference
    if forloeb.sagsnummer not in (None, sag.sagsnummer):
        return uden(Regel.A1, f"sagsnummer {sag.sagsnummer}")
    if None not in (forloeb.sag_id, sag.sag_id) and sag.sag_id != forloeb.sag_id:
        return uden(Regel.A1, f"sag {sag.sag_id}")
    return None


def _side(brev: Brev, post: Post) -> Skridt | None:
    if brev.standard in BEGGE or brev.standard.facts.fra is post.rolle:
        return None
    return uden(Regel.A2, f"a {brev.standard} is the {brev.standard.facts.fra}'s")


def _address(forloeb: Forloeb, brev: Brev, post: Post) -> Skridt | None:
    recipients = [modtager.organisation_id for modtager in brev.modtagere]
    if len(recipients) > 1 and not brev.standard.facts.flere_modtagere:
        return uden(Regel.A3, "it has more than one recipient")
    if not post.sendt:
        return None if forloeb.egen in recipients else uden(Regel.A3, "it is not addressed to this party")
    return uden(Regel.A3, "it is addressed to its sender") if forloeb.egen in recipients else None


def recipient_fits(forloeb: Forloeb, brev: Brev) -> Skridt | None:
    """Of a letter that is to be sent: None where it goes to the party that such a letter goes to, or the refusal."""
    recipient = brev.modtagere[0].organisation_id
    if forloeb.side is Rolle.UDFOERER:
        return None if recipient == forloeb.myndighed else uden(Regel.A3, "its recipient is not the forløb's myndighed")
    if brev.standard in (Standard.ANMODNING, Standard.OPFOELGNING) and recipient != forloeb.udfoerer:
        return uden(Regel.A3, "its recipient is not the udfører at work")
    if brev.standard is Standard.KVITTERING:
        asked = next((row for row in forloeb.aendringer if row.besked_id == brev.besvarer_besked_id), None)
        if asked is not None and asked.afsender != recipient:
            return uden(Regel.A3, "the markant ændring came from another party")
    return None


def _party(forloeb: Forloeb, brev: Brev, post: Post) -> Skridt | None:
    if post.rolle is Rolle.MYNDIGHED and forloeb.myndighed not in (None, brev.afsender.organisation_id):
        return uden(Regel.A4, "another myndighed than the forløb's")
    return None
