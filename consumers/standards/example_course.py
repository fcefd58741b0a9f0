"""The course of the fixed examples: who takes part, which goals and ydelser there are, and when each letter is written.

Everything is made up; parties bear "(syntetisk)" in their names, the CPR number has 60 added to the day of birth.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from consumers.standards.blocks import (
    Adresse,
    Borger,
    Forfatter,
    Indsatsmaal,
    Kontakt,
    Kontaktperson,
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
from consumers.standards.codes import (
    FFB_VERSION,
    Funktionsevneniveau,
    Maalgruppekode,
    Maaltype,
    Stoettebehovsniveau,
    Tema,
    Ydelseskode,
)
from consumers.standards.standard import Rolle, Standard

WINTER, SUMMER = timezone(timedelta(hours=1)), timezone(timedelta(hours=2))
STARTDATO = date(2026, 3, 2)
OPFOELGNING = date(2026, 6, 4)
TIDER = {
    Standard.MATCH: datetime(2026, 1, 14, 10, 12, 5, tzinfo=WINTER),
    Standard.SVAR_MATCH: datetime(2026, 1, 20, 13, 40, 51, tzinfo=WINTER),
    Standard.BESTILLING: datetime(2026, 1, 28, 9, 3, 22, tzinfo=WINTER),
    Standard.SVAR_BESTILLING: datetime(2026, 2, 3, 11, 25, 0, tzinfo=WINTER),
    Standard.MARKANT_AENDRING: datetime(2026, 4, 16, 14, 55, 37, tzinfo=SUMMER),
    Standard.KVITTERING: datetime(2026, 4, 17, 8, 31, 10, tzinfo=SUMMER),
    Standard.ANMODNING: datetime(2026, 5, 7, 9, 0, 0, tzinfo=SUMMER),
    Standard.STATUSNOTAT: datetime(2026, 5, 27, 12, 18, 44, tzinfo=SUMMER),
    Standard.OPFOELGNING: datetime(2026, 6, 4, 15, 7, 29, tzinfo=SUMMER),
}


def fixed_id(kind: int, count: int) -> str:
    """A UUID that one can see is made by hand."""
    return f"00000000-e5e0-4{kind:03d}-8000-{count:012d}"


NORDBY = Organisation(
    navn="Nordby Kommune (syntetisk)",
    cvr="99000101",
    organisation_id="00000000-0101-4000-8000-000000000101",
    kontakt=Kontakt(
        titel="Myndighedssagsbehandler",
        fornavn="Karen",
        efternavn="Prøvegaard",
        telefoner=("01 23 45 67",),
        emails=("karen.proevegaard@nordby-kommune.example",),
    ),
)
BIRKELY = Organisation(
    navn="Botilbuddet Birkely (syntetisk)",
    cvr="99000201",
    organisation_id="00000000-0201-4000-8000-000000000201",
    p_nummer="1999000201",
    kontakt=Kontakt(
        titel="Afdelingsleder",
        fornavn="Jørgen",
        efternavn="Eksempelsen",
        telefoner=("01 98 76 54",),
        emails=("joergen.eksempelsen@botilbuddet-birkely.example",),
    ),
)
HAVBLIK = Organisation(
    navn="Bostedet Havblik (syntetisk)",
    cvr="99000202",
    organisation_id="00000000-0202-4000-8000-000000000202",
    p_nummer="1999000202",
    kontakt=Kontakt(titel="Visitator", fornavn="Rikke", efternavn="Prøveholm", telefoner=("01 55 44 33",)),
)
FORFATTERE = {
    Rolle.MYNDIGHED: Forfatter(navn="Karen Prøvegaard", titel="Myndighedssagsbehandler"),
    Rolle.UDFOERER: Forfatter(navn="Ida Testesen", titel="Socialpædagog"),
}
BORGER = Borger(
    cpr="7404045231",
    fornavne=("Søren", "Emil"),
    efternavn="Syntesen",
    adresse=Adresse(linje="Prøvevej 12, 2. th", postnr="0101", by="Nordby"),
    telefoner=("01 11 22 33",),
    emails=("soeren.syntesen@borger.example",),
    kontaktpersoner=(Kontaktperson(relation="Mor", navn="Bodil Syntesen", telefon="01 11 22 44"),),
    kommunekode="0001",
)
SAMTYKKE = Samtykke(
    status=Samtykkestatus.AKTIV,
    kategori="Udveksling af oplysninger mellem kommunen og det tilbud, der løser opgaven, om indsatsen og målene",
    dato=datetime(2026, 1, 12, 14, 30, tzinfo=WINTER),
    afgivet_af="Søren Emil Syntesen",
    policy_rule="Persondataloven, §6-8",
)
UNNAMED = SAMTYKKE.model_copy(update={"afgivet_af": "Borgeren"})
"""In a match, which is about a citizen who is not named."""
MAALGRUPPER = (
    Maalgruppe(kode=Maalgruppekode.AUTISMESPEKTRUM, rang=Rang.PRIMAER),
    Maalgruppe(kode=Maalgruppekode.ANGST, rang=Rang.SEKUNDAER),
)
STOETTEBEHOV = Stoettebehov(
    niveau=Stoettebehovsniveau.MODERAT,
    begrundelse="Har brug for guidning hver dag for at komme i gang og holde fast. Klarer nætterne alene.",
)
MAALTIDER = Indsatsmaal(
    id=fixed_id(2, 1),
    beskrivelse="Søren laver selv aftensmad tre dage om ugen efter en plan, som er lagt søndag.",
    maaltype=Maaltype.UDVIKLE,
    forventet_funktionsevneniveau=Funktionsevneniveau.LET,
    primaert_tema=Tema.LAVE_MAD,
    sekundaere_temaer=(Tema.KOEBE_IND,),
)
FAELLESSKAB = Indsatsmaal(
    id=fixed_id(2, 2),
    beskrivelse="Søren er med til én fælles aktivitet om ugen og går, når han har fået nok, uden at have tabt.",
    maaltype=Maaltype.UDVIKLE,
    forventet_funktionsevneniveau=Funktionsevneniveau.MODERAT,
    primaert_tema=Tema.DELTAGE_I_SOCIALE_FAELLESSKABER_OG_FRITIDSAKTIVITETER,
)


def _ydelse(count: int, kode: Ydelseskode, paragraf: str) -> Ydelse:
    return Ydelse(
        id=fixed_id(3, count),
        kode=kode,
        paragraf=paragraf,
        status=Ydelsesstatus.IKKE_BEGYNDT,
        startdato=STARTDATO,
        oprettet=datetime(2026, 1, 12, 15, 0, tzinfo=WINTER),
    )


YDELSER = (
    _ydelse(1, Ydelseskode.MIDLERTIDIGT_OPHOLD, "SEL § 107"),
    _ydelse(2, Ydelseskode.STOETTE_TIL_DAGLIGE_OPGAVER_I_HJEMMET, "SEL § 85"),
    _ydelse(3, Ydelseskode.STOETTE_TIL_SOCIALE_RELATIONER, "SEL § 85"),
)


def besked_id(standard: Standard) -> str:
    return fixed_id(1, list(Standard).index(standard) + 1)


def head(standard: Standard) -> dict[str, Any]:
    """The fields of `Brev`."""
    facts = standard.facts
    myndighed = facts.fra is Rolle.MYNDIGHED
    return {
        "besked_id": besked_id(standard),
        "standard_version": "1.0",
        "ffb_version": FFB_VERSION,
        "forloebs_id": fixed_id(0, 1),
        "sagsreference": Sagsreference(sagsnummer="27.42.12-G01-104-26", sag_id=fixed_id(4, 1)),
        "afsender": NORDBY if myndighed else BIRKELY,
        "modtagere": (BIRKELY,) if myndighed else (NORDBY,),
        "forfatter": FORFATTERE[facts.fra],
        "besvarer_besked_id": besked_id(facts.besvarer[0]) if facts.besvarer else None,
        "data_tidspunkt": TIDER[standard],
        "samtykke": (UNNAMED if standard is Standard.MATCH else SAMTYKKE) if facts.fortrolig else None,
    }
