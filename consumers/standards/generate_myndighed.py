"""Letters that the myndighed writes: 1, 3, 5, 7b and 8."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from consumers.standards.blocks import Indsatsmaal, Organisation, ReduceretBorger, Stoettebehov, Tilstand
from consumers.standards.chance import maybe, number, pick, several
from consumers.standards.codes import Funktionsevneniveau, StatusPaaIndsats, Stoettebehovsniveau
from consumers.standards.course import Course
from consumers.standards.generate_head import dokumenter, head
from consumers.standards.letters import (
    Anmodning,
    Bestilling,
    Funktionsevneaendring,
    Indsats,
    Indsatsstatus,
    Kvittering,
    Maalaendring,
    Maalaendringstype,
    Match,
    Opfoelgning,
    Opfoelgningsplan,
    Stoettebehovsaendring,
    Teammedlem,
    Teamrolle,
    Vurdering,
)
from consumers.standards.parties import betaler, relateret_person
from consumers.standards.standard import Standard

UNNAMED = "Borgeren"
"""What a match calls the citizen, whose name it must not tell."""
NIVEAUER = tuple(Funktionsevneniveau)[:5]
"""Those that are graded."""


def match(course: Course, random: Random, size: int) -> Match:
    situation, borger = course.situation, course.borger
    ordered = course.tid(Standard.BESTILLING).date()
    begrundelse = course.stoettebehov.begrundelse and situation.begrundelse.format(navn=UNNAMED)
    return Match(
        **head(course, Standard.MATCH, modtagere=course.tilbud),
        borger=ReduceretBorger(
            initialer="".join(navn[0] for navn in (*borger.fornavne, borger.efternavn)),
            alder=course.alder,
            koen=course.koen,
            kommunekode=borger.kommunekode,
        ),
        afgoerelse=course.afgoerelse,
        tilbudstype=situation.tilbudstype,
        maalgrupper=course.maalgrupper,
        stoettebehov=Stoettebehov(niveau=course.stoettebehov.niveau, begrundelse=begrundelse)
        if maybe(random, 0.7)
        else None,
        oensket_startdato=course.startdato if maybe(random, 0.7) else None,
        svarfrist=ordered if maybe(random, 0.8) else None,
        borgers_maal_og_oensker=several(random, situation.oensker, 0, 2),
        situation=situation.tekst.format(navn=UNNAMED) if maybe(random, 0.8) else None,
        oenskede_ydelser=several(random, course.ydelser, 0, len(course.ydelser)),
    )


def bestilling(course: Course, random: Random, size: int) -> Bestilling:
    situation, navn = course.situation, course.navn
    status = Indsatsstatus.KLADDE if maybe(random, 0.1) else Indsatsstatus.AKTIV
    return Bestilling(
        **head(course, Standard.BESTILLING),
        borger=course.borger,
        relaterede_personer=tuple(relateret_person(random) for _ in range(number(random, 0, 2))),
        handlekommune=course.borger.kommunekode if maybe(random) else None,
        indsats=Indsats(
            kategori="Social indsats",
            status=status,
            intent="order",
            startdato=course.startdato,
            oprettet=course.tid(Standard.BESTILLING) - timedelta(minutes=number(random, 1, 300)),
            sagsbehandler=course.myndighed.kontakt,
            formaal=situation.formaal.format(navn=navn),
            maal=tuple(maal for maal, _ in course.maal),
            maalgrupper=course.maalgrupper,
            ydelser=course.ydelser,
            tilbudstype=situation.tilbudstype,
        ),
        borgers_maal_og_oensker=several(random, situation.oensker, 0, 2),
        udfoererteam=_team(course) if maybe(random, 0.7) else (),
        opfoelgning=Opfoelgningsplan(
            dato=course.opfoelgning, frekvens="Første gang efter tre måneder, derefter årligt"
        ),
        vurdering=_vurdering(course, random),
        andre_indsatser=("Kontaktperson efter SEL § 99",) if maybe(random, 0.2) else (),
        koersel="Til og fra tilbuddet, SEL § 105" if maybe(random, 0.2) else None,
        betaler=betaler(random, course.myndighed) if maybe(random, 0.7) else None,
        dokumenter=dokumenter(random, size, "Handleplan"),
        anmodning_boligomkostninger=True if course.boligomkostninger else None,
        anmodning_servicepakker=course.servicepakker if course.servicepakker or maybe(random) else None,
        oevrige_anmodninger=("Oplys venligst, hvem der er kontaktperson i weekenden.",) if maybe(random, 0.2) else (),
    )


def _team(course: Course) -> tuple[Teammedlem, ...]:
    def medlem(rolle: Teamrolle, organisation: Organisation) -> Teammedlem:
        return Teammedlem(rolle=rolle, navn=organisation.navn, organisation_id=organisation.organisation_id)

    return (
        medlem(Teamrolle.KOORDINERENDE_MYNDIGHED, course.myndighed),
        medlem(Teamrolle.KOORDINERENDE_UDFOERER, course.udfoerer),
    )


def _vurdering(course: Course, random: Random) -> Vurdering:
    situation, navn = course.situation, course.navn
    return Vurdering(
        situation=situation.tekst.format(navn=navn),
        stoettebehov=course.stoettebehov,
        ressourcer=situation.ressourcer.format(navn=navn) if maybe(random, 0.8) else None,
        perspektiv=situation.perspektiv.format(navn=navn) if maybe(random, 0.8) else None,
        tilstande=(
            *(Tilstand(tema=maal.primaert_tema, funktionsevneniveau=about.fra) for maal, about in course.maal),
            *(Tilstand(tema=tema, tekst=tekst) for tema, tekst in several(random, situation.tilstande, 0, 2)),
        ),
        diagnoser=several(random, situation.diagnoser, 0, 2),
    )


def anmodning(course: Course, random: Random, size: int) -> Anmodning:
    asked = several(random, course.maal, 1, len(course.maal))
    return Anmodning(
        **head(course, Standard.ANMODNING),
        indsatsmaal=tuple(maal.id for maal, _ in course.maal),
        svarfrist=course.tid(Standard.STATUSNOTAT).date() + timedelta(days=number(random, 0, 3)),
        opfoelgningsdato=course.opfoelgning if maybe(random, 0.8) else None,
        spoergsmaal=tuple(about.spoergsmaal.format(navn=course.navn) for _, about in asked) if maybe(random) else (),
    )


def kvittering(course: Course, random: Random, size: int) -> Kvittering:
    changed, now = course.tid(Standard.MARKANT_AENDRING), course.tid(Standard.KVITTERING)
    aendring = course.aendring
    return Kvittering(
        **head(course, Standard.KVITTERING),
        modtaget=changed + (now - changed) // timedelta(seconds=2) * timedelta(seconds=1),
        handling=aendring.handling,
        beskrivelse=aendring.kvittering.format(navn=course.navn) if maybe(random, 0.9) else None,
    )


def opfoelgning(course: Course, random: Random, size: int) -> Opfoelgning:
    resultat = pick(random, tuple(StatusPaaIndsats) if maybe(random, 0.4) else (StatusPaaIndsats.FORTSAETTELSE,))
    now = course.tid(Standard.OPFOELGNING).date()
    goes_on = resultat is StatusPaaIndsats.FORTSAETTELSE
    return Opfoelgning(
        **head(course, Standard.OPFOELGNING),
        dato=now,
        resultat=resultat,
        funktionsevneaendringer=tuple(
            Funktionsevneaendring(tema=maal.primaert_tema, fra=about.fra, til=_other(random, about.fra))
            for maal, about in several(random, course.maal, 0, 2)
        ),
        stoettebehovsaendring=_stoettebehovsaendring(course, random) if maybe(random, 0.3) else None,
        maalaendringer=tuple(
            _maalaendring(random, maal, course.navn) for maal, _ in several(random, course.maal, 0, 2)
        ),
        ny_bestilling=resultat is StatusPaaIndsats.AFSLUTNING_OG_NY or (goes_on and maybe(random, 0.2)),
        naeste_opfoelgning=now + timedelta(days=365) if goes_on else None,
    )


def _other(random: Random, niveau: Funktionsevneniveau) -> Funktionsevneniveau:
    return pick(random, [other for other in NIVEAUER if other is not niveau])


def _stoettebehovsaendring(course: Course, random: Random) -> Stoettebehovsaendring:
    fra = course.stoettebehov.niveau
    return Stoettebehovsaendring(
        fra=fra, til=pick(random, [til for til in tuple(Stoettebehovsniveau)[:5] if til is not fra])
    )


def _maalaendring(random: Random, maal: Indsatsmaal, navn: str) -> Maalaendring:
    """A goal that the course has ends or becomes another."""
    if maybe(random):
        return Maalaendring(id=maal.id, aendring=Maalaendringstype.AFSLUTTET)
    beskrivelse = f"{maal.beskrivelse} {navn} gør det uden at blive mindet om det."
    return Maalaendring(
        id=maal.id,
        aendring=Maalaendringstype.AENDRET,
        nyt_indhold=maal.model_copy(update={"beskrivelse": beskrivelse}),
    )
