"""A view in each state, reached by letters, and the natural next letter of each kind."""

from __future__ import annotations

from typing import Any

from consumers.forloeb.tilstand import Retning, Tilstand
from consumers.standards.codes import StatusPaaIndsats
from consumers.standards.letters import BestillingSvar, Brev, Handling, MatchSvar
from consumers.standards.standard import Rolle, Standard
from tests.unit.forloeb.skriver import BIRKELY, EFTER, FOER, KOMMUNE, Skriver, Syn

UKENDT = "00000000-dead-4000-8000-000000000000"


class Situation:
    """``syn`` is the view of ``side`` in ``tilstand``; ``nyeste`` the newest letter of each kind."""

    def __init__(self, side: Rolle, tilstand: Tilstand) -> None:
        self.skriver = Skriver()
        self.syn = Syn(KOMMUNE if side is Rolle.MYNDIGHED else BIRKELY, FOER)
        self.nyeste: dict[Standard, Brev] = {}
        self._gaa_til(tilstand)
        assert self.syn.forloeb.tilstand is tilstand

    def tag(self, brev: Brev) -> Brev:
        self.syn.tag(brev)
        self.nyeste[brev.standard] = brev
        return brev

    def id(self, standard: Standard) -> str:
        return self.nyeste[standard].besked_id if standard in self.nyeste else UKENDT

    def brev(self, standard: Standard, retning: Retning) -> Brev:
        """The natural one, in that direction even where that side does not write it."""
        egen, anden = self.syn.egen, BIRKELY if self.syn.egen == KOMMUNE else KOMMUNE
        fra, til = (egen, anden) if retning is Retning.SENDT else (anden, egen)
        svarer = {
            Standard.SVAR_MATCH: Standard.MATCH,
            Standard.SVAR_BESTILLING: Standard.BESTILLING,
            Standard.STATUSNOTAT: Standard.ANMODNING,
            Standard.KVITTERING: Standard.MARKANT_AENDRING,
        }.get(standard)
        felter: dict[str, Any] = {"svar": MatchSvar.ACCEPT} if standard is Standard.SVAR_MATCH else {}
        if standard is Standard.OPFOELGNING:
            return self.skriver.opfoelgning(til, afsender=self.skriver.brev(standard, fra, til).afsender)
        return self.skriver.brev(standard, fra, til, svarer=self.id(svarer) if svarer else None, **felter)

    def _gaa_til(self, maal: Tilstand) -> None:
        skriver, tag = self.skriver, self.tag
        if maal is Tilstand.AFGJORT:
            return
        match = tag(skriver.match(BIRKELY))
        if maal is Tilstand.MATCH_SENDT:
            return
        tag(skriver.svar_match(match, BIRKELY))
        bestilling = tag(skriver.bestilling())
        if maal is Tilstand.BESTILT:
            return
        if maal is Tilstand.AFVIST:
            tag(skriver.svar_bestilling(bestilling, svar=BestillingSvar.AFVIS))
            return
        tag(skriver.svar_bestilling(bestilling))
        if maal is Tilstand.AFTALT:
            return
        self.syn.i_dag(EFTER)
        if maal is Tilstand.I_GANG:
            return
        anmodning = tag(skriver.anmodning())
        if maal is Tilstand.STATUS_ANMODET:
            return
        tag(skriver.statusnotat(anmodning))
        if maal is Tilstand.NY_BESTILLING_VENTES:
            tag(skriver.opfoelgning(ny_bestilling=True))
        if maal is Tilstand.AFSLUTTET:
            tag(skriver.opfoelgning(resultat=StatusPaaIndsats.AFSLUTNING))


def efter_afslag(s: Situation) -> Brev:
    """A bestilling to the tilbud whose AFSLAG has just come."""
    s.tag(s.skriver.svar_match(s.id(Standard.MATCH), BIRKELY, MatchSvar.AFSLAG))
    return s.skriver.bestilling()


def varslet(s: Situation, til: str) -> Brev:
    """A bestilling that a kvittering has just announced."""
    s.tag(s.skriver.kvittering(s.tag(s.skriver.aendring()), handling=Handling.NY_BESTILLING))
    return s.skriver.bestilling(til)
