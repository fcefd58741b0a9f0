"""One fixed letter of each standard, all of one course, in words as caseworkers and tilbud use them.

Søren Emil Syntesen is 21 and moves from his parents to Botilbuddet Birkely.  He does not exist, nor does anybody else
here: each letter says in its text that it is synthetic.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from consumers.standards.blocks import Betaler, Dokument, Koen, ReduceretBorger, RelateretPerson, Relation, Tilstand
from consumers.standards.codes import Funktionsevneniveau, StatusPaaIndsats, Tema, Tilbudstype
from consumers.standards.example_course import (
    BIRKELY,
    BORGER,
    FAELLESSKAB,
    HAVBLIK,
    MAALGRUPPER,
    MAALTIDER,
    NORDBY,
    OPFOELGNING,
    STARTDATO,
    STOETTEBEHOV,
    SUMMER,
    TIDER,
    WINTER,
    YDELSER,
    head,
)
from consumers.standards.letters import (
    Afgoerelse,
    Anmodning,
    Beroert,
    Bestilling,
    BestillingSvar,
    Brev,
    Funktionsevneaendring,
    Handling,
    Hastegrad,
    Indsats,
    Indsatsstatus,
    Kvittering,
    Maalaendring,
    Maalaendringstype,
    Maalstatus,
    Maalvurdering,
    MarkantAendring,
    Match,
    MatchSvar,
    Opfoelgning,
    Opfoelgningsplan,
    Statusnotat,
    SvarBestilling,
    SvarMatch,
    Teammedlem,
    Teamrolle,
    Vurdering,
)
from consumers.standards.standard import Standard

MAERKE = "[Syntetisk eksempel] "
"""Begins a text of each letter."""


def example(standard: Standard) -> Brev:
    """The letter of that standard; the same every time."""
    return _EXAMPLES[standard]()


def _match() -> Match:
    return Match(
        **head(Standard.MATCH) | {"modtagere": (BIRKELY, HAVBLIK)},
        borger=ReduceretBorger(initialer="S.E.S.", alder=21, koen=Koen.MAND, kommunekode="0001"),
        afgoerelse=Afgoerelse(dato=date(2026, 1, 12), paragraf="SEL § 107"),
        tilbudstype=Tilbudstype.MIDLERTIDIGT_BOTILBUD_TIL_VOKSNE,
        maalgrupper=MAALGRUPPER,
        stoettebehov=STOETTEBEHOV,
        oensket_startdato=date(2026, 3, 1),
        svarfrist=date(2026, 1, 26),
        borgers_maal_og_oensker=("Jeg vil have mit eget køkken og et sted, hvor man ikke skal være sammen.",),
        situation=(
            MAERKE + "Ung mand, som bor hos sine forældre og ikke har boet alene før. Han har afsluttet STU og har "
            "siden været meget hjemme. Ændringer, som han ikke er forberedt på, giver angst. Han har brug for et lille "
            "sted med egen bolig og personale i dagtimerne og om aftenen, men ikke om natten."
        ),
        oenskede_ydelser=YDELSER[:1],
    )


def _svar_match() -> SvarMatch:
    return SvarMatch(
        **head(Standard.SVAR_MATCH),
        svar=MatchSvar.ACCEPT,
        bemaerkning=(
            MAERKE + "Vi har en et-rums bolig med tekøkken ledig fra 1. marts. Der bor fem andre unge i huset. Vi "
            "foreslår, at han kommer på besøg to gange, før der bliver bestilt."
        ),
        pris_pr_maaned="48250.00",
        forbehold="Vi har ikke nattevagt.",
        kontakt=BIRKELY.kontakt,
    )


def _bestilling() -> Bestilling:
    return Bestilling(
        **head(Standard.BESTILLING),
        borger=BORGER,
        relaterede_personer=(
            RelateretPerson(relation=Relation.MOR, navn="Bodil Syntesen", telefon="01 11 22 44"),
            RelateretPerson(relation=Relation.BISIDDER, navn="Vagn Mønster", telefon="01 66 77 88"),
        ),
        handlekommune="0001",
        indsats=Indsats(
            kategori="Social indsats",
            status=Indsatsstatus.AKTIV,
            intent="order",
            startdato=STARTDATO,
            oprettet=datetime(2026, 1, 28, 8, 50, tzinfo=WINTER),
            sagsbehandler=NORDBY.kontakt,
            formaal="At Søren lærer det, der skal til for at bo i egen bolig med støtte få timer om ugen.",
            maal=(MAALTIDER, FAELLESSKAB),
            maalgrupper=MAALGRUPPER,
            ydelser=YDELSER,
            tilbudstype=Tilbudstype.MIDLERTIDIGT_BOTILBUD_TIL_VOKSNE,
        ),
        borgers_maal_og_oensker=(
            "Jeg vil have mit eget køkken.",
            "Jeg vil have besked dagen før, hvis noget bliver lavet om.",
        ),
        udfoererteam=(
            Teammedlem(
                rolle=Teamrolle.KOORDINERENDE_MYNDIGHED, navn=NORDBY.navn, organisation_id=NORDBY.organisation_id
            ),
            Teammedlem(
                rolle=Teamrolle.KOORDINERENDE_UDFOERER, navn=BIRKELY.navn, organisation_id=BIRKELY.organisation_id
            ),
        ),
        opfoelgning=Opfoelgningsplan(dato=OPFOELGNING, frekvens="Første gang efter tre måneder, derefter årligt"),
        vurdering=_vurdering(),
        koersel="Kørsel til træning i psykiatrien hver anden onsdag, SEL § 105",
        betaler=Betaler(kontonummer="0001-00001042", navn=NORDBY.navn, gln="5799000001043", kontakt=NORDBY.kontakt),
        anmodning_servicepakker=False,
        oevrige_anmodninger=("Oplys venligst, hvem der bliver Sørens kontaktperson.",),
    )


def _vurdering() -> Vurdering:
    return Vurdering(
        situation=(
            MAERKE + "Søren bor hos sine forældre, som står for mad, vask og post. Han har prøvet at bo på kollegium "
            "i to måneder og flyttede hjem igen efter et forløb med angst. Han og forældrene er enige om, at tiden er "
            "inde til at prøve igen med støtte."
        ),
        stoettebehov=STOETTEBEHOV,
        ressourcer=(
            "Kommer til tiden, følger en plan, når den er skrevet ned, og husker alt om lokalbaner. Har en god kontakt "
            "til sin mor og sin bisidder."
        ),
        perspektiv="Søren vil gerne flytte, men er bange for at komme til at bo et sted, hvor der er larm.",
        tilstande=(
            Tilstand(tema=Tema.LAVE_MAD, funktionsevneniveau=Funktionsevneniveau.MODERAT),
            Tilstand(
                tema=Tema.DELTAGE_I_SOCIALE_FAELLESSKABER_OG_FRITIDSAKTIVITETER,
                funktionsevneniveau=Funktionsevneniveau.SVAERT,
                tekst="Har ikke været med til noget fælles siden skolen.",
            ),
            Tilstand(tema=Tema.DOEGNRYTME, tekst="Står op ved middagstid, når der ikke er aftaler."),
        ),
        diagnoser=("Aspergers syndrom, stillet i 2016", "Angst, i behandling"),
    )


def _svar_bestilling() -> SvarBestilling:
    return SvarBestilling(
        **head(Standard.SVAR_BESTILLING),
        modtaget=datetime(2026, 1, 28, 9, 3, 25, tzinfo=WINTER),
        svar=BestillingSvar.ACCEPT,
        begrundelse=MAERKE + "Vi kan løse opgaven som beskrevet. Ida Testesen bliver kontaktperson.",
        aftalt_startdato=STARTDATO,
        kontakt=BIRKELY.kontakt,
    )


def _anmodning() -> Anmodning:
    return Anmodning(
        **head(Standard.ANMODNING),
        indsatsmaal=(MAALTIDER.id, FAELLESSKAB.id),
        svarfrist=date(2026, 5, 28),
        opfoelgningsdato=OPFOELGNING,
        spoergsmaal=(
            MAERKE + "Hvordan har Søren det efter påsken, hvor han holdt sig inde?",
            "Hvad skal der til, for at han kan købe ind uden følgeskab?",
        ),
    )


def _statusnotat() -> Statusnotat:
    return Statusnotat(
        **head(Standard.STATUSNOTAT),
        maalstatus=(
            Maalstatus(
                id=MAALTIDER.id,
                status=(
                    MAERKE + "Søren laver mad mandag og torsdag og har gjort det uden afbud i seks uger. Den tredje "
                    "dag glipper, når en vare er udsolgt, og planen derfor ikke holder."
                ),
                funktionsevneniveau=Funktionsevneniveau.LET,
                vurdering=Maalvurdering.DELVIST,
            ),
            Maalstatus(
                id=FAELLESSKAB.id,
                status=(
                    "Søren var med til fællesspisning i marts, men ikke efter påske. Siden midten af maj kommer han "
                    "hver tirsdag i modeljernbaneklubben i byen sammen med en anden beboer."
                ),
                funktionsevneniveau=Funktionsevneniveau.MODERAT,
                vurdering=Maalvurdering.OPNAAET,
            ),
        ),
        perspektiv="Søren siger selv, at det bedste er, at han kan lukke sin egen dør.",
        oevrige_oplysninger=("Naboen, som Søren var glad for, flyttede i april. En ny er flyttet ind.",),
        dokumenter=(
            Dokument(
                titel="Ugeplan maj",
                beskrivelse="Den plan, som Søren laver mad efter",
                content_type="application/pdf",
                url="https://dokumenter.example/ugeplan-maj.pdf",
            ),
        ),
    )


def _markant_aendring() -> MarkantAendring:
    return MarkantAendring(
        **head(Standard.MARKANT_AENDRING),
        dato=date(2026, 4, 13),
        beskrivelse=(
            MAERKE + "Søren har siden påske ikke været uden for sin bolig. Han vender om på dagen og vil kun tale med "
            "sin kontaktperson gennem døren. Det begyndte, da hans nabo flyttede. Hans mor og hans behandler ved det."
        ),
        beroerer=(Beroert.YDELSER, Beroert.INDSATSMAAL),
        temaer=(Tema.DELTAGE_I_SOCIALE_FAELLESSKABER_OG_FRITIDSAKTIVITETER, Tema.DOEGNRYTME),
        hastegrad=Hastegrad.SNAREST,
    )


def _kvittering() -> Kvittering:
    return Kvittering(
        **head(Standard.KVITTERING),
        modtaget=datetime(2026, 4, 16, 14, 55, 40, tzinfo=SUMMER),
        handling=Handling.STATUSNOTAT_ANMODES,
        beskrivelse=(
            MAERKE + "Tak for besked. Vi fastholder støtten, som den er, og beder om et statusnotat til opfølgningen "
            "i juni. Ring, hvis det bliver værre."
        ),
    )


def _opfoelgning() -> Opfoelgning:
    beskrivelse = (
        MAERKE + "Søren laver selv aftensmad fire dage om ugen og har en plan B, når en vare er udsolgt. Planen er "
        "lagt søndag."
    )
    return Opfoelgning(
        **head(Standard.OPFOELGNING),
        dato=TIDER[Standard.OPFOELGNING].date(),
        resultat=StatusPaaIndsats.FORTSAETTELSE,
        funktionsevneaendringer=(
            Funktionsevneaendring(tema=Tema.LAVE_MAD, fra=Funktionsevneniveau.MODERAT, til=Funktionsevneniveau.LET),
        ),
        maalaendringer=(
            Maalaendring(
                id=MAALTIDER.id,
                aendring=Maalaendringstype.AENDRET,
                nyt_indhold=MAALTIDER.model_copy(update={"beskrivelse": beskrivelse}),
            ),
            Maalaendring(id=FAELLESSKAB.id, aendring=Maalaendringstype.AFSLUTTET),
        ),
        ny_bestilling=False,
        naeste_opfoelgning=date(2027, 6, 3),
    )


_EXAMPLES: dict[Standard, Callable[[], Brev]] = {
    Standard.MATCH: _match,
    Standard.SVAR_MATCH: _svar_match,
    Standard.BESTILLING: _bestilling,
    Standard.SVAR_BESTILLING: _svar_bestilling,
    Standard.ANMODNING: _anmodning,
    Standard.STATUSNOTAT: _statusnotat,
    Standard.MARKANT_AENDRING: _markant_aendring,
    Standard.KVITTERING: _kvittering,
    Standard.OPFOELGNING: _opfoelgning,
}
