"""Letters of one made-up course, from and to whom one likes."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

from consumers.forloeb.apply import Udfald, apply
from consumers.forloeb.dage import day
from consumers.forloeb.forloeb import Forloeb
from consumers.standards.blocks import Organisation
from consumers.standards.codes import StatusPaaIndsats
from consumers.standards.examples import example
from consumers.standards.letters import BestillingSvar, Brev, Handling, MatchSvar, Opfoelgning
from consumers.standards.standard import Rolle, Standard

FORLOEB = "00000000-f000-4000-8000-000000000001"
START = date(2026, 3, 2)
"""First day of every bestilling."""
FOER = START - timedelta(days=30)
EFTER = START + timedelta(days=30)
_EKSEMPLER = {standard: example(standard) for standard in Standard}
_ORGANISATION = _EKSEMPLER[Standard.MATCH].afsender


def part(nummer: int) -> str:
    """Organisation UUID of party ``nummer``: 0 the myndighed, 1 and on the tilbud."""
    return f"00000000-0a00-4000-8000-{nummer:012d}"


KOMMUNE, BIRKELY, HAVBLIK, SKOVBO = (part(nummer) for nummer in range(4))


class Skriver:
    """Writes letters with BeskedIds in a row and times one minute apart."""

    def __init__(self) -> None:
        self.antal = 0

    def brev(
        self, standard: Standard, fra: str, *til: str, svarer: str | None = None, tid: int | None = None, **andet: Any
    ) -> Brev:
        """A letter like the example of its standard; ``tid`` in minutes, by default its number."""
        self.antal += 1
        eksempel = _EKSEMPLER[standard]
        felter: dict[str, Any] = {
            "besked_id": str(uuid.UUID(int=0xF << 120 | self.antal)),
            "forloebs_id": FORLOEB,
            "afsender": organisation(fra),
            "modtagere": tuple(organisation(modtager) for modtager in til),
            "besvarer_besked_id": svarer,
            "data_tidspunkt": tidspunkt(self.antal if tid is None else tid),
        }
        if standard is Standard.BESTILLING:
            felter["indsats"] = eksempel.indsats.model_copy(update={"startdato": START})  # type: ignore[attr-defined]
        if standard is Standard.SVAR_BESTILLING:
            felter["aftalt_startdato"] = None
        return eksempel.model_copy(update=felter | andet)

    def match(self, *til: str, **andet: Any) -> Brev:
        return self.brev(Standard.MATCH, KOMMUNE, *til, **andet)

    def svar_match(self, match: Brev | str, fra: str, svar: MatchSvar = MatchSvar.ACCEPT, **andet: Any) -> Brev:
        return self.brev(Standard.SVAR_MATCH, fra, KOMMUNE, svarer=_id(match), svar=svar, **andet)

    def bestilling(self, til: str = BIRKELY, **andet: Any) -> Brev:
        return self.brev(Standard.BESTILLING, KOMMUNE, til, **andet)

    def svar_bestilling(
        self, bestilling: Brev | str, fra: str = BIRKELY, svar: BestillingSvar = BestillingSvar.ACCEPT, **andet: Any
    ) -> Brev:
        return self.brev(Standard.SVAR_BESTILLING, fra, KOMMUNE, svarer=_id(bestilling), svar=svar, **andet)

    def anmodning(self, til: str = BIRKELY, **andet: Any) -> Brev:
        return self.brev(Standard.ANMODNING, KOMMUNE, til, **andet)

    def statusnotat(self, anmodning: Brev | str, fra: str = BIRKELY, **andet: Any) -> Brev:
        return self.brev(Standard.STATUSNOTAT, fra, KOMMUNE, svarer=_id(anmodning), **andet)

    def opfoelgning(
        self,
        til: str = BIRKELY,
        svarer: Brev | str | None = None,
        *,
        ny_bestilling: bool = False,
        resultat: StatusPaaIndsats = StatusPaaIndsats.FORTSAETTELSE,
        **andet: Any,
    ) -> Opfoelgning:
        brev = self.brev(
            Standard.OPFOELGNING,
            KOMMUNE,
            til,
            svarer=None if svarer is None else _id(svarer),
            ny_bestilling=ny_bestilling,
            resultat=resultat,
            **andet,
        )
        assert isinstance(brev, Opfoelgning)
        return brev

    def aendring(self, fra: str = BIRKELY, til: str = KOMMUNE, **andet: Any) -> Brev:
        return self.brev(Standard.MARKANT_AENDRING, fra, til, **andet)

    def kvittering(
        self,
        aendring: Brev | str,
        fra: str = KOMMUNE,
        til: str = BIRKELY,
        handling: Handling = Handling.INGEN,
        **andet: Any,
    ) -> Brev:
        return self.brev(Standard.KVITTERING, fra, til, svarer=_id(aendring), handling=handling, **andet)


class Syn:
    """One party's view, that letters are given to."""

    def __init__(self, egen: str, today: date = EFTER) -> None:
        self.egen, self.today = egen, today
        self.side = Rolle.MYNDIGHED if egen == KOMMUNE else Rolle.UDFOERER
        self.forloeb: Forloeb = Forloeb(FORLOEB, self.side, egen)
        self.anvendte: list[str] = []

    def tag(self, *breve: Brev) -> Udfald:
        """The outcome of the last one."""
        for brev in breve:
            udfald = apply(self.forloeb, brev, egen=self.egen, side=self.side, today=self.today)
            self.forloeb = udfald.forloeb
            self.anvendte += [anvendt.besked_id for anvendt in udfald.anvendte]
        return udfald

    def i_dag(self, today: date) -> None:
        self.today = today
        self.forloeb = day(self.forloeb, today)


def organisation(nummer: str) -> Organisation:
    return _ORGANISATION.model_copy(update={"organisation_id": nummer, "navn": f"Part {nummer[-2:]} (syntetisk)"})


def tidspunkt(minut: int) -> datetime:
    return datetime(2026, 2, 1, tzinfo=UTC) + timedelta(minutes=minut)


def _id(brev: Brev | str) -> str:
    return brev if isinstance(brev, str) else brev.besked_id
