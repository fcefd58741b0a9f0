"""Bestilling and its answer."""

from __future__ import annotations

from dataclasses import replace

from consumers.forloeb.forloeb import BestillingStand, Forloeb
from consumers.forloeb.regler import Regel
from consumers.forloeb.skridt import Post, Skridt, anvend, besvaret, overhalet, put, swap, uden
from consumers.forloeb.tilstand import Tilstand
from consumers.standards.letters import Bestilling, BestillingSvar, MatchSvar, SvarBestilling
from consumers.standards.standard import Rolle

FRIT = frozenset({Tilstand.AFGJORT, Tilstand.MATCH_SENDT, Tilstand.AFVIST, Tilstand.NY_BESTILLING_VENTES})
"""Where a bestilling may come without further ground."""
LOEBENDE = frozenset({Tilstand.AFTALT, Tilstand.I_GANG, Tilstand.STATUS_ANMODET, Tilstand.STATUS_MODTAGET})
"""Where it may come once a kvittering has announced it."""


def take_bestilling(forloeb: Forloeb, brev: Bestilling, post: Post) -> Skridt:
    """3: orders from its recipient; the match binds nobody (R9), so nobody need have been asked."""
    late = overhalet(forloeb, brev)
    if forloeb.tilstand is Tilstand.AFSLUTTET and not late:
        return uden(Regel.A7)
    if forloeb.cpr not in (None, brev.borger.cpr):
        return uden(Regel.A1, "another citizen's CPR number")
    udfoerer = brev.modtagere[0].organisation_id if forloeb.side is Rolle.MYNDIGHED else forloeb.egen
    if fejl := besvaret(forloeb, brev) or _answer_of_another(forloeb, brev, udfoerer):
        return fejl
    stand = BestillingStand(udfoerer, brev.besked_id, brev.data_tidspunkt, brev.indsats.startdato)
    rows, cpr = put(forloeb.bestillinger, stand), brev.borger.cpr
    if late:
        return anvend(forloeb, brev, post, Regel.L1, bestillinger=rows, cpr=cpr)
    if forloeb.tilstand not in FRIT and not (forloeb.tilstand in LOEBENDE and forloeb.ny_bestilling_varslet):
        return uden(Regel.H3, f"the forløb is {forloeb.tilstand}")
    if post.sendt and (fejl := _barred(forloeb, udfoerer)):
        return fejl
    return anvend(
        forloeb,
        brev,
        post,
        Regel.T3,
        til=Tilstand.BESTILT,
        note=_note(forloeb, udfoerer),
        bestillinger=rows,
        bestilling_id=brev.besked_id,
        anmodning_id=None,
        bevaeget=brev.data_tidspunkt,
        cpr=cpr,
    )


def take_svar(forloeb: Forloeb, brev: SvarBestilling, post: Post) -> Skridt:
    """4: ACCEPT makes an agreement, AFVIS lets a new bestilling follow."""
    if fejl := besvaret(forloeb, brev):
        return fejl
    stand = next(row for row in forloeb.bestillinger if row.besked_id == brev.besvarer_besked_id)
    if stand.udfoerer != brev.afsender.organisation_id:
        return uden(Regel.A4, "the bestilling went to another udfører")
    if stand.svar is not None:
        return uden(Regel.A5, f"with {stand.svar}")
    svaret = replace(stand, svar=brev.svar, svar_id=brev.besked_id, startdato=brev.aftalt_startdato or stand.startdato)
    rows = swap(forloeb.bestillinger, stand, svaret)
    if stand.besked_id != forloeb.bestilling_id:
        return anvend(forloeb, brev, post, Regel.L2, note=brev.svar, bestillinger=rows)
    if brev.svar is BestillingSvar.ACCEPT:
        return anvend(forloeb, brev, post, Regel.T4, til=Tilstand.AFTALT, bestillinger=rows)
    return anvend(forloeb, brev, post, Regel.T5, til=Tilstand.AFVIST, bestillinger=rows)


def _answer_of_another(forloeb: Forloeb, brev: Bestilling, udfoerer: str) -> Skridt | None:
    if brev.besvarer_besked_id is None:
        return None
    trin = next(trin for trin in forloeb.historik if trin.besked_id == brev.besvarer_besked_id)
    return None if trin.afsender == udfoerer else uden(Regel.A4, "the svar på match is another tilbud's")


def _barred(forloeb: Forloeb, udfoerer: str) -> Skridt | None:
    """What a myndighed may not order, though a tilbud takes it when it comes: the two may have crossed."""
    if forloeb.tilstand in LOEBENDE and udfoerer != forloeb.udfoerer:
        return uden(Regel.S4)
    if (match := forloeb.match_svar(udfoerer)) and match.svar is MatchSvar.AFSLAG:
        return uden(Regel.S3)
    return None


def _note(forloeb: Forloeb, udfoerer: str) -> str:
    match = forloeb.match_svar(udfoerer)
    if match is None:
        return "not asked by a match"
    if match.svar is None:
        return "the match is not answered"
    return f"the match is answered {match.svar}"
