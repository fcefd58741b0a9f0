"""A model network: a myndighed and some tilbud that send what they may, and letters that come in any order.

``ventet`` is the truth: what each party's view must be once all letters have come, told from the order in which the
letters were written and from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from consumers.forloeb.dage import day
from consumers.forloeb.forloeb import Forloeb
from consumers.forloeb.tilstand import Hvad, Tilstand
from consumers.standards.codes import StatusPaaIndsats
from consumers.standards.letters import (
    Anmodning,
    Bestilling,
    BestillingSvar,
    Brev,
    Kvittering,
    MarkantAendring,
    Match,
    MatchSvar,
    Opfoelgning,
    Statusnotat,
    SvarBestilling,
    SvarMatch,
)
from tests.unit.forloeb.skriver import FOER, KOMMUNE, Skriver, Syn, part


@dataclass(frozen=True, slots=True)
class Ventet:
    """What a view must say."""

    tilstand: Tilstand
    svar: dict[tuple[str, str], MatchSvar | None]
    bestillinger: dict[str, tuple[str, BestillingSvar | None]]
    notater: dict[str, str | None]
    kvitteringer: dict[str, str | None]


class Netvaerk:
    """Parties, letters under way, and all that was written."""

    def __init__(self, tilbud: int, today: date = FOER) -> None:
        self.skriver = Skriver()
        self.syn = {part(nummer): Syn(part(nummer), today) for nummer in range(tilbud + 1)}
        self.tilbud = [part(nummer) for nummer in range(1, tilbud + 1)]
        self.skrevet: list[Brev] = []
        self.paa_vej: list[tuple[str, Brev]] = []

    def send(self, brev: Brev) -> Hvad:
        """What its sender's own rules say; it goes off only where they apply it."""
        udfald = self.syn[brev.afsender.organisation_id].tag(brev)
        if udfald.hvad is Hvad.ANVENDT:
            self.skrevet.append(brev)
            self.paa_vej += [(modtager.organisation_id, brev) for modtager in brev.modtagere]
        return udfald.hvad

    def aflever(self, nummer: int, *, behold: bool = False) -> Hvad:
        """The ``nummer``-th letter under way; ``behold`` leaves it there, to come again."""
        til, brev = self.paa_vej[nummer]
        if not behold:
            del self.paa_vej[nummer]
        return self.syn[til].tag(brev).hvad

    def gaa_til(self, today: date) -> None:
        for syn in self.syn.values():
            syn.i_dag(today)

    def breve_for(self, egen: str) -> list[Brev]:
        """All that this party wrote or was sent."""
        return [b for b in self.skrevet if egen in (b.afsender.organisation_id, *_til(b))]

    def afvigelser(self) -> Iterator[str]:
        """Where a view is not what it must be, once nothing is under way."""
        for egen, syn in self.syn.items():
            breve = self.breve_for(egen)
            if sorted(syn.anvendte) != sorted(brev.besked_id for brev in breve):
                yield f"{egen}: applied {syn.anvendte}, not each of its letters once"
            if syn.forloeb.holdte:
                yield f"{egen}: still holds {[(row.brev.standard, row.grund) for row in syn.forloeb.holdte]}"
            if (found := set_som(syn.forloeb)) != (truth := ventet(breve, egen, syn.today)):
                yield f"{egen}: {found}\n   not {truth}"


def set_som(forloeb: Forloeb) -> Ventet:
    """What a view says."""
    return Ventet(
        forloeb.tilstand,
        {(row.besked_id, row.tilbud): row.svar for row in forloeb.matches},
        {row.besked_id: (row.udfoerer, row.svar) for row in forloeb.bestillinger},
        {row.besked_id: row.statusnotat for row in forloeb.anmodninger},
        {row.besked_id: row.kvittering for row in forloeb.aendringer},
    )


def uden_raekkefoelge(syn: Syn) -> Forloeb:
    """A view on its day, without what tells in which order its letters came."""
    return replace(day(syn.forloeb, syn.today), historik=())


def ventet(breve: list[Brev], egen: str, today: date) -> Ventet:
    """The truth for ``egen``, from all of its letters in the order in which they were written."""
    svar: dict[tuple[str, str], MatchSvar | None] = {}
    bestillinger: dict[str, tuple[str, BestillingSvar | None]] = {}
    notater: dict[str, str | None] = {}
    kvitteringer: dict[str, str | None] = {}
    tilstand, nu, start = Tilstand.AFGJORT, "", today + timedelta(days=1)
    for brev in breve:
        id, fra, svarer = brev.besked_id, brev.afsender.organisation_id, str(brev.besvarer_besked_id)
        match brev:
            case Match():
                svar |= {(id, til): None for til in _til(brev) if egen in (KOMMUNE, til)}
                tilstand = Tilstand.MATCH_SENDT if tilstand is Tilstand.AFGJORT else tilstand
            case SvarMatch():
                svar[svarer, fra] = brev.svar
            case Bestilling():
                bestillinger[id] = _til(brev)[0], None
                tilstand, nu, start = Tilstand.BESTILT, id, brev.indsats.startdato
            case SvarBestilling():
                bestillinger[svarer] = fra, brev.svar
                if svarer == nu:
                    tilstand = Tilstand.AFTALT if brev.svar is BestillingSvar.ACCEPT else Tilstand.AFVIST
            case Anmodning():
                notater[id] = None
                tilstand, nu = Tilstand.STATUS_ANMODET, id
            case Statusnotat():
                notater[svarer] = id
                tilstand = Tilstand.STATUS_MODTAGET if svarer == nu else tilstand
            case Opfoelgning():
                tilstand, nu = _efter(brev), id
            case MarkantAendring():
                kvitteringer[id] = None
            case Kvittering():
                kvitteringer[svarer] = id
    if tilstand is Tilstand.AFTALT and start <= today:
        tilstand = Tilstand.I_GANG
    return Ventet(tilstand, svar, bestillinger, notater, kvitteringer)


def _efter(brev: Opfoelgning) -> Tilstand:
    if brev.ny_bestilling:
        return Tilstand.NY_BESTILLING_VENTES
    return Tilstand.I_GANG if brev.resultat is StatusPaaIndsats.FORTSAETTELSE else Tilstand.AFSLUTTET


def _til(brev: Brev) -> tuple[Any, ...]:
    return tuple(modtager.organisation_id for modtager in brev.modtagere)
