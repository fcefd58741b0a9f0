"""One synthetic course: what all of its letters share, and when each is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from random import Random

from consumers.standards import parties
from consumers.standards.blocks import (
    Borger,
    Indsatsmaal,
    Koen,
    Maalgruppe,
    Organisation,
    Rang,
    Sagsreference,
    Samtykke,
    Samtykkestatus,
    Stoettebehov,
    Ydelse,
    Ydelsesstatus,
)
from consumers.standards.chance import details, maybe, number, pick, several, uuid4
from consumers.standards.codes import AKTIVITET_OG_DELTAGELSE, Tema
from consumers.standards.letters import Afgoerelse, BestillingSvar, MatchSvar
from consumers.standards.situations import Aendring, Maal, Situation
from consumers.standards.situations_bo import AUTISME, HJERNESKADE, UDVIKLINGSHAEMNING
from consumers.standards.situations_dag import DEPRESSION, OPMAERKSOMHED, SAMVAER
from consumers.standards.standard import Rolle, Standard

SITUATIONS = (AUTISME, UDVIKLINGSHAEMNING, DEPRESSION, HJERNESKADE, OPMAERKSOMHED, SAMVAER)
A_OG_D = tuple(tema for tema in Tema if tema in AKTIVITET_OG_DELTAGELSE)
FIRST = date(2025, 1, 6)
"""The earliest day of a decision."""
UBEGRAENSET = date(2099, 12, 31)
"""The last day of a consent that has one: example letters must be valid in years to come, too."""


@dataclass(frozen=True, slots=True)
class Course:
    """A course with its parties, its citizen and its goals; ``generate`` writes the letters of it."""

    forloebs_id: str
    myndighed: Organisation
    tilbud: tuple[Organisation, ...]
    """Whom the match asks; the first becomes the udfører."""
    borger: Borger
    koen: Koen
    alder: int
    sagsreference: Sagsreference
    situation: Situation
    aendring: Aendring
    """What changes on the way."""
    samtykke: Samtykke | None
    hjemmel: str | None
    """The legal ground where there is no samtykke."""
    afgoerelse: Afgoerelse
    maalgrupper: tuple[Maalgruppe, ...]
    stoettebehov: Stoettebehov
    maal: tuple[tuple[Indsatsmaal, Maal], ...]
    """Each goal with what may be told of it."""
    ydelser: tuple[Ydelse, ...]
    startdato: date
    opfoelgning: date
    tider: tuple[datetime, ...]
    """When each letter is written, in the order of `Standard`; a later letter is later."""
    besked_ids: tuple[str, ...]
    """In the order of `Standard`."""
    match_svar: MatchSvar = MatchSvar.ACCEPT
    bestilling_svar: BestillingSvar = BestillingSvar.ACCEPT
    boligomkostninger: bool = False
    """Whether the order asks for the costs of housing, and the answer tells them."""
    servicepakker: bool = False

    @property
    def udfoerer(self) -> Organisation:
        return self.tilbud[0]

    @property
    def navn(self) -> str:
        """What letters call the citizen that they may name."""
        return self.borger.fornavne[0]

    def besked_id(self, standard: Standard) -> str:
        return self.besked_ids[list(Standard).index(standard)]

    def tid(self, standard: Standard) -> datetime:
        """When this course's letter of that standard is written."""
        return self.tider[list(Standard).index(standard)]

    def side(self, rolle: Rolle) -> Organisation:
        return self.myndighed if rolle is Rolle.MYNDIGHED else self.udfoerer


def new_course(
    random: Random,
    *,
    myndighed: Organisation | None = None,
    tilbud: Sequence[Organisation] = (),
    start: date | None = None,
    situation: Situation | None = None,
) -> Course:
    """A course of a synthetic citizen; parties that are not given are made up.

    ``start`` is the day of the decision, else one in the year and a half from 2025-01-06: never the clock's, so that
    the same seed gives the same course on any day.
    """
    situation = situation or pick(random, SITUATIONS)
    myndighed = myndighed or parties.kommune(random)
    asked = tuple(tilbud) or _asked(random, myndighed)
    decided = start or FIRST + timedelta(days=number(random, 0, 540))
    tider, startdato, opfoelgning = _calendar(random, decided)
    koen = pick(random, (Koen.KVINDE, Koen.MAND, Koen.KVINDE, Koen.MAND, Koen.ANDET))
    alder = number(random, 18, 80)
    foedt = decided - timedelta(days=alder * 366 + number(random, 0, 200))
    borger = parties.borger(random, koen, foedt, myndighed)
    granted = tider[0] - timedelta(days=1)
    samtykke = None if maybe(random, 0.1) else _samtykke(random, borger, granted)
    return Course(
        forloebs_id=uuid4(random),
        myndighed=myndighed,
        tilbud=asked,
        borger=borger,
        koen=koen,
        alder=_age(foedt, tider[0].date()),
        sagsreference=_sag(random, decided),
        situation=situation,
        aendring=pick(random, situation.aendringer),
        samtykke=samtykke,
        hjemmel=None if samtykke else "Forvaltningslovens § 28, stk. 2, nr. 3",
        afgoerelse=Afgoerelse(dato=decided, paragraf=situation.paragraf),
        maalgrupper=_maalgrupper(random, situation),
        stoettebehov=_stoettebehov(random, situation, borger.fornavne[0]),
        maal=tuple((_indsatsmaal(random, one, borger), one) for one in several(random, situation.maal, 1, 3)),
        ydelser=_ydelser(random, situation, startdato, granted),
        startdato=startdato,
        opfoelgning=opfoelgning,
        tider=tider,
        besked_ids=tuple(uuid4(random) for _ in Standard),
        boligomkostninger=situation is UDVIKLINGSHAEMNING and maybe(random, 0.7),
        servicepakker=maybe(random, 0.3),
    )


def _asked(random: Random, myndighed: Organisation) -> tuple[Organisation, ...]:
    asked: tuple[Organisation, ...] = ()
    for _ in range(number(random, 1, 4)):
        asked += (parties.tilbud(random, myndighed, asked),)
    return asked


def _calendar(random: Random, decided: date) -> tuple[tuple[datetime, ...], date, date]:
    """When the nine letters are written, the first day of the indsats, and the day of the follow-up."""
    matched = decided + timedelta(days=number(random, 1, 5))
    answered = matched + timedelta(days=number(random, 1, 10))
    ordered = answered + timedelta(days=number(random, 1, 7))
    agreed = ordered + timedelta(days=number(random, 1, 7))
    startdato = agreed + timedelta(days=number(random, 3, 30))
    opfoelgning = startdato + timedelta(days=number(random, 85, 110))
    asked = opfoelgning - timedelta(days=number(random, 21, 30))
    told = opfoelgning - timedelta(days=number(random, 5, 14))
    changed = startdato + timedelta(days=number(random, 5, 50))
    receipt = changed + timedelta(days=number(random, 1, 3))
    held = opfoelgning + timedelta(days=number(random, 0, 3))
    days = (matched, answered, ordered, agreed, asked, told, changed, receipt, held)
    return tuple(_during(random, day) for day in days), startdato, opfoelgning


def _during(random: Random, day: date) -> datetime:
    """At work, with the offset of Danish time in that month (as good as: it changes in the last week of a month)."""
    zone = timezone(timedelta(hours=2 if 4 <= day.month <= 10 else 1))
    random = details(random)
    hour, minute, second = number(random, 8, 15), number(random, 0, 59), number(random, 0, 59)
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)


def _age(foedt: date, day: date) -> int:
    return day.year - foedt.year - ((day.month, day.day) < (foedt.month, foedt.day))


def _sag(random: Random, decided: date) -> Sagsreference:
    numbers = details(random)
    nummer = f"27.{number(numbers, 1, 99):02d}.{number(numbers, 1, 99):02d}-G01-{number(numbers, 1, 9999)}-{decided:%y}"
    return Sagsreference(sagsnummer=nummer, sag_id=uuid4(random) if maybe(random, 0.8) else None)


def _samtykke(random: Random, borger: Borger, granted: datetime) -> Samtykke:
    return Samtykke(
        status=Samtykkestatus.AKTIV,
        kategori="Udveksling af oplysninger med tilbud om indsatsen",
        dato=granted,
        afgivet_af=f"{borger.fornavne[0]} {borger.efternavn}",
        policy_rule="Persondataloven, §6-8",
        gyldig_til=UBEGRAENSET if maybe(random) else None,
    )


def _maalgrupper(random: Random, situation: Situation) -> tuple[Maalgruppe, ...]:
    others = several(random, situation.ogsaa, 0, 2)
    return (
        Maalgruppe(kode=situation.maalgruppe, rang=Rang.PRIMAER),
        *(Maalgruppe(kode=kode, rang=Rang.SEKUNDAER) for kode in others),
    )


def _stoettebehov(random: Random, situation: Situation, navn: str) -> Stoettebehov:
    text = situation.begrundelse.format(navn=navn) if maybe(random, 0.8) else None
    return Stoettebehov(niveau=situation.niveau, begrundelse=text)


def _indsatsmaal(random: Random, maal: Maal, borger: Borger) -> Indsatsmaal:
    others = [tema for tema in A_OG_D if tema is not maal.tema and tema not in maal.sekundaere]
    return Indsatsmaal(
        id=uuid4(random),
        beskrivelse=maal.tekst.format(navn=borger.fornavne[0]),
        maaltype=maal.maaltype,
        forventet_funktionsevneniveau=maal.forventet,
        primaert_tema=maal.tema,
        sekundaere_temaer=(*maal.sekundaere, *(several(random, others, 1, 2) if maybe(random, 0.2) else ())),
    )


def _ydelser(random: Random, situation: Situation, startdato: date, granted: datetime) -> tuple[Ydelse, ...]:
    return tuple(
        Ydelse(
            id=uuid4(random),
            kode=None if in_words else kode,
            tekst=kode.navn if in_words else None,
            paragraf=paragraf,
            status=Ydelsesstatus.IKKE_BEGYNDT,
            startdato=startdato,
            slutdato=startdato + timedelta(days=364) if maybe(random, 0.3) else None,
            oprettet=granted,
        )
        for kode, paragraf in (situation.ydelser[0], *several(random, situation.ydelser[1:], 0, 3))
        for in_words in (maybe(random, 0.1),)
    )
