"""Letters that a tilbud writes: 2, 4, 6 and 7."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from consumers.standards.blocks import Organisation
from consumers.standards.chance import details, maybe, number, pick, several
from consumers.standards.course import Course
from consumers.standards.generate_head import dokumenter, head
from consumers.standards.letters import (
    BestillingSvar,
    Boligomkostninger,
    Maalstatus,
    Maalvurdering,
    MarkantAendring,
    MatchSvar,
    Servicepakke,
    Statusnotat,
    SvarBestilling,
    SvarMatch,
    Venteliste,
)
from consumers.standards.standard import Standard

BEMAERKNINGER = {
    MatchSvar.ACCEPT: "Vi har en plads og vil gerne tale med borgeren og jer om et besøg.",
    MatchSvar.VENTELISTE: "Vi kan løse opgaven, men har ingen ledig plads. Borgeren er noteret på vores venteliste.",
    MatchSvar.AFSLAG: "Vi har ikke den nattevagt, som opgaven kræver.",
}
FORBEHOLD = "Under forudsætning af, at borgeren selv ønsker at bo her efter et besøg."
BEGRUNDELSE = "Vi har i ugens løb modtaget to andre bestillinger og kan ikke begynde inden for fristen."


def svar_match(
    course: Course,
    random: Random,
    size: int,
    *,
    tilbud: Organisation | None = None,
    svar: MatchSvar | None = None,
    besked_id: str | None = None,
    tid: datetime | None = None,
) -> SvarMatch:
    """The udfører's answer as the course says, or that of another tilbud which the match asked."""
    tilbud, svar = tilbud or course.udfoerer, svar or course.match_svar
    accepted = svar is MatchSvar.ACCEPT
    return SvarMatch(
        **head(course, Standard.SVAR_MATCH, afsender=tilbud, besked_id=besked_id, tid=tid),
        svar=svar,
        bemaerkning=BEMAERKNINGER[svar] if maybe(random, 0.8) else None,
        venteliste=_venteliste(course, random) if svar is MatchSvar.VENTELISTE else None,
        pris_pr_maaned=_kroner(random, 8_000, 95_000) if accepted and maybe(random) else None,
        forbehold=FORBEHOLD if accepted and maybe(random, 0.3) else None,
        kontakt=tilbud.kontakt,
    )


def _venteliste(course: Course, random: Random) -> Venteliste:
    when = course.startdato + timedelta(days=number(random, 14, 400))
    return Venteliste(
        antal_foran=number(random, 0, 12) if maybe(random, 0.8) else None,
        forventet_ledig_dato=when if maybe(random, 0.7) else None,
    )


def _kroner(random: Random, low: int, high: int) -> str:
    return f"{number(details(random), low, high)}{'.50' if maybe(random, 0.3) else ''}"


def svar_bestilling(course: Course, random: Random, size: int) -> SvarBestilling:
    ordered, now = course.tid(Standard.BESTILLING), course.tid(Standard.SVAR_BESTILLING)
    accepted = course.bestilling_svar is BestillingSvar.ACCEPT
    return SvarBestilling(
        **head(course, Standard.SVAR_BESTILLING),
        modtaget=ordered + (now - ordered) // timedelta(seconds=3) * timedelta(seconds=1),
        svar=course.bestilling_svar,
        begrundelse=None if accepted else BEGRUNDELSE,
        aftalt_startdato=course.startdato if accepted and maybe(random, 0.8) else None,
        kontakt=course.udfoerer.kontakt,
        boligomkostninger=Boligomkostninger(
            beloeb_pr_maaned=_kroner(random, 3_000, 9_000), specifikation="Husleje, el, varme og vand"
        )
        if accepted and course.boligomkostninger
        else None,
        servicepakker=_servicepakker(random) if accepted and course.servicepakker else (),
    )


def _servicepakker(random: Random) -> tuple[Servicepakke, ...]:
    packages = (
        ("Kost", "Alle måltider, og indkøb til dem"),
        ("Vask", "Vask af tøj og sengelinned hver uge"),
        ("Ferie", "En uges fælles ferie med ledsagelse"),
    )
    return tuple(
        Servicepakke(navn=navn, beskrivelse=beskrivelse, pris=_kroner(random, 200, 4_000))
        for navn, beskrivelse in several(random, packages, 1, 3)
    )


def statusnotat(course: Course, random: Random, size: int) -> Statusnotat:
    return Statusnotat(
        **head(course, Standard.STATUSNOTAT),
        maalstatus=tuple(
            Maalstatus(
                id=maal.id,
                status=about.status[vurdering].format(navn=course.navn),
                funktionsevneniveau=(
                    maal.forventet_funktionsevneniveau if vurdering is Maalvurdering.OPNAAET else about.fra
                )
                if maybe(random, 0.8)
                else None,
                vurdering=vurdering if maybe(random, 0.9) else None,
            )
            for maal, about in course.maal
            for vurdering in (pick(random, list(Maalvurdering)),)
        ),
        perspektiv=course.situation.perspektiv.format(navn=course.navn) if maybe(random) else None,
        oevrige_oplysninger=several(
            random,
            (
                f"{course.navn} har været til tandlæge og skal til kontrol om et halvt år.",
                "Der har været skift af kontaktperson midt i perioden.",
                "Pårørende har været på besøg og er trygge ved indsatsen.\n\nDe vil gerne med til opfølgningen.",
            ),
            0,
            2,
        ),
        dokumenter=dokumenter(random, size, "Notat"),
    )


def markant_aendring(course: Course, random: Random, size: int) -> MarkantAendring:
    aendring = course.aendring
    now = course.tid(Standard.MARKANT_AENDRING)
    return MarkantAendring(
        **head(course, Standard.MARKANT_AENDRING),
        dato=now.date() - timedelta(days=number(random, 0, 3)),
        beskrivelse=aendring.tekst.format(navn=course.navn),
        beroerer=aendring.beroerer,
        temaer=aendring.temaer if maybe(random, 0.7) else (),
        hastegrad=aendring.hastegrad if maybe(random, 0.8) else None,
        dokumenter=dokumenter(random, size, "Bilag"),
    )
