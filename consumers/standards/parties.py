"""Synthetic citizens and organisations, and the people who speak for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from random import Random

from consumers.standards import names
from consumers.standards.blocks import (
    Adresse,
    Betaler,
    Borger,
    Forfatter,
    Koen,
    Kontakt,
    Kontaktperson,
    Organisation,
    RelateretPerson,
    Relation,
    Vaergemaal,
)
from consumers.standards.chance import details, maybe, number, pick, uuid4

KOMMUNEKODER: Mapping[str, str] = {navn: f"00{number:02d}" for number, navn in enumerate(names.KOMMUNER, 1)}
"""Synthetic: real ones begin with 01 to 09."""


def kontakt(random: Random, titler: tuple[str, ...], sted: str) -> Kontakt:
    koen = pick(details(random), list(Koen))
    fornavn, efternavn = names.fornavn(random, koen), names.efternavn(random)
    mail = (names.email(f"{fornavn}.{efternavn}", sted),) if maybe(random, 0.8) else ()
    telefoner = tuple(names.telefon(random) for _ in range(2 if maybe(random, 0.2) else 1))
    return Kontakt(
        titel=pick(details(random), titler), fornavn=fornavn, efternavn=efternavn, telefoner=telefoner, emails=mail
    )


def kommune(random: Random) -> Organisation:
    navn = pick(random, names.KOMMUNER)
    return Organisation(
        navn=f"{navn} Kommune{names.MAERKE}",
        cvr=names.cvr(random),
        organisation_id=uuid4(random),
        kontakt=kontakt(random, names.MYNDIGHEDSTITLER, f"{navn} Kommune"),
    )


def tilbud(random: Random, myndighed: Organisation, besides: tuple[Organisation, ...] = ()) -> Organisation:
    """One of the municipality's own (its CVR number), or a private one; none of the names in ``besides``."""
    taken = {one.navn for one in besides}
    navn = pick(random, [navn for navn in names.TILBUD if navn + names.MAERKE not in taken])
    return Organisation(
        navn=navn + names.MAERKE,
        cvr=names.cvr(random) if maybe(random, 0.4) else myndighed.cvr,
        organisation_id=uuid4(random),
        p_nummer=names.p_nummer(random),
        sor=names.sor(random) if maybe(random) else None,
        kontakt=kontakt(random, names.UDFOERERTITLER, navn),
    )


def borger(random: Random, koen: Koen, foedt: date, myndighed: Organisation) -> Borger:
    """A citizen of that municipality; ``koen`` ANDET has a number of either sex."""
    by = myndighed.navn.removesuffix(names.MAERKE).removesuffix(" Kommune")
    shown = pick(random, (Koen.KVINDE, Koen.MAND)) if koen is Koen.ANDET else koen
    first = names.fornavn(random, koen)
    fornavne = (first, names.fornavn(random, koen)) if maybe(random, 0.3) else (first,)
    efternavn = names.efternavn(random)
    return Borger(
        cpr=names.cpr(random, foedt, shown),
        fornavne=fornavne,
        efternavn=efternavn,
        adresse=adresse(random, by),
        telefoner=(names.telefon(random),),
        emails=(names.email(f"{first}.{efternavn}", "borger"),) if maybe(random) else (),
        kontaktpersoner=tuple(kontaktperson(random) for _ in range(number(random, 0, 2))),
        kommunekode=KOMMUNEKODER.get(by),
    )


def adresse(random: Random, by: str) -> Adresse:
    random = details(random)
    linje = f"{pick(random, names.VEJE)} {number(random, 1, 199)}"
    if maybe(random, 0.4):
        linje += f", {pick(random, ('st.', '1.', '2.', '3.'))} {pick(random, ('tv', 'th', 'mf'))}"
    return Adresse(linje=linje, postnr=f"01{number(random, 1, 99):02d}", by=by)


def kontaktperson(random: Random) -> Kontaktperson:
    relation, koen = pick(
        random,
        (("Mor", Koen.KVINDE), ("Far", Koen.MAND), ("Søster", Koen.KVINDE), ("Bror", Koen.MAND), ("Nabo", Koen.ANDET)),
    )
    navn = f"{names.fornavn(random, koen)} {names.efternavn(random)}"
    return Kontaktperson(
        relation=relation,
        navn=navn,
        telefon=names.telefon(random),
        email=names.email(navn, "borger") if maybe(random) else None,
    )


def relateret_person(random: Random) -> RelateretPerson:
    relation = pick(random, list(Relation))
    koen = Koen.KVINDE if relation is Relation.MOR else Koen.ANDET
    return RelateretPerson(
        relation=relation,
        vaergemaal=pick(random, list(Vaergemaal)) if relation is Relation.VAERGE else None,
        navn=f"{names.fornavn(random, koen)} {names.efternavn(random)}",
        telefon=names.telefon(random),
    )


def betaler(random: Random, myndighed: Organisation) -> Betaler:
    return Betaler(
        kontonummer=f"0001-{number(details(random), 0, 99_999_999):08d}",
        navn=myndighed.navn,
        gln=names.gln(random),
        kontakt=myndighed.kontakt,
    )


def forfatter(organisation: Organisation) -> Forfatter:
    """Who answers for what the organisation writes: the one to call."""
    who = organisation.kontakt
    return Forfatter(navn=f"{who.fornavn} {who.efternavn}", titel=who.titel)
