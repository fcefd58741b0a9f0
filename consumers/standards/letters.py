"""The nine letters, field by field.

Only Bestilling has a public profile (P1); the fields of the others are derived, and each field says from where.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

from consumers.standards.blocks import (
    Betaler,
    Borger,
    Dokument,
    Forfatter,
    Indsatsmaal,
    Kontakt,
    Maalgruppe,
    Organisation,
    ReduceretBorger,
    RelateretPerson,
    Sagsreference,
    Samtykke,
    Stoettebehov,
    Tilstand,
    Ydelse,
)
from consumers.standards.codes import (
    Funktionsevneniveau,
    StatusPaaIndsats,
    Stoettebehovsniveau,
    Tema,
    Tilbudstype,
)
from consumers.standards.fields import (
    Beloeb,
    Blok,
    Dato,
    FfbVersion,
    Heltal,
    Id,
    Ja,
    Kilde,
    Kommunekode,
    Kort,
    Paragraf,
    Tekst,
    Tidspunkt,
    felt,
)
from consumers.standards.standard import Standard


class Brev(Blok):
    """The head of every letter."""

    standard: ClassVar[Standard]

    besked_id: Id = felt("The envelope's BeskedId", Kilde.ASSUMED)
    standard_version: Literal["1.0"] = felt("Version of this form", Kilde.ASSUMED)
    ffb_version: FfbVersion = felt("Version of the FFB code system that the codes are of (R8)", Kilde.SEED)
    forloebs_id: Id = felt("The course: the same from 1 to 8; the envelope's TvaergaaendeProces", Kilde.ASSUMED)
    sagsreference: Sagsreference = felt("The case at the myndighed", Kilde.P2)
    afsender: Organisation = felt("Who sends", Kilde.ASSUMED)
    modtagere: tuple[Organisation, ...] = felt(
        "Who receives: one, of a match one or more", Kilde.ASSUMED, element="Modtager", min_length=1, max_length=50
    )
    forfatter: Forfatter = felt("Who answers for what it says (R3)", Kilde.SEED)
    besvarer_besked_id: Id | None = felt("BeskedId of the letter that this one answers", Kilde.ASSUMED, None)
    data_tidspunkt: Tidspunkt = felt("When the data were read from the fagsystem (R5)", Kilde.SEED)
    samtykke: Samtykke | None = felt("The citizen's consent (R1)", Kilde.SEED, None)
    hjemmel: Paragraf | None = felt("Legal ground for sharing without consent (R1)", Kilde.ASSUMED, None)


class Afgoerelse(Blok):
    dato: Dato = felt("Day of the decision", Kilde.SEED)
    paragraf: Paragraf = felt('Legal provision, for example "SEL § 107"', Kilde.ASSUMED)


class Match(Brev):
    """1: which tilbud could be relevant?  No order and no contract (R9)."""

    standard = Standard.MATCH

    borger: ReduceretBorger = felt("The citizen, not by name", Kilde.ASSUMED)
    afgoerelse: Afgoerelse = felt("The decision on a tilbud", Kilde.SEED)
    tilbudstype: Tilbudstype = felt("The kind of tilbud wanted", Kilde.P3)
    maalgrupper: tuple[Maalgruppe, ...] = felt("Målgrupper", Kilde.P3, element="Maalgruppe", min_length=1)
    stoettebehov: Stoettebehov | None = felt("Need of support", Kilde.P3, None)
    oensket_startdato: Dato | None = felt("First day wanted", Kilde.ASSUMED, None)
    svarfrist: Dato | None = felt("Answer by; the envelope's GyldighedTil", Kilde.ASSUMED, None)
    borgers_maal_og_oensker: tuple[Tekst, ...] = felt(
        "The citizen's own words", Kilde.P1, (), element="BorgersMaalOgOenske"
    )
    situation: Tekst | None = felt("The situation", Kilde.P1, None)
    oenskede_ydelser: tuple[Ydelse, ...] = felt("Ydelser wanted", Kilde.P1, (), element="OensketYdelse")


class MatchSvar(StrEnum):
    ACCEPT = "ACCEPT"
    VENTELISTE = "VENTELISTE"
    AFSLAG = "AFSLAG"


class Venteliste(Blok):
    antal_foran: Heltal | None = felt("How many are before", Kilde.ASSUMED, None)
    forventet_ledig_dato: Dato | None = felt("When there may be room", Kilde.ASSUMED, None)


class SvarMatch(Brev):
    """2: one tilbud's answer to a match."""

    standard = Standard.SVAR_MATCH

    svar: MatchSvar = felt("ACCEPT, VENTELISTE or AFSLAG (AFSLAG is assumed)", Kilde.SEED)
    bemaerkning: Tekst | None = felt("In words", Kilde.ASSUMED, None)
    venteliste: Venteliste | None = felt(
        "The waiting list; required with VENTELISTE, else not allowed", Kilde.SEED, None
    )
    pris_pr_maaned: Beloeb | None = felt("Price a month, DKK", Kilde.ASSUMED, None)
    forbehold: Tekst | None = felt("Reservations", Kilde.ASSUMED, None)
    kontakt: Kontakt = felt("Whom to call", Kilde.ASSUMED)


class Indsatsstatus(StrEnum):
    """The statuses of a FHIR care plan that an order may have."""

    KLADDE = "draft"
    AKTIV = "active"
    AFSLUTTET = "completed"


class Indsats(Blok):
    """The CarePlan of the order."""

    kategori: Literal["Social indsats"] = felt("Category", Kilde.P1)
    status: Indsatsstatus = felt("Status", Kilde.P1)
    intent: Literal["order"] = felt("An order", Kilde.P1)
    startdato: Dato = felt("First day", Kilde.P1)
    oprettet: Tidspunkt = felt("When it was made", Kilde.P1)
    sagsbehandler: Kontakt = felt("The caseworker", Kilde.P1)
    formaal: Tekst = felt("Indsatsformål: what it is for (required: assumed)", Kilde.P1)
    maal: tuple[Indsatsmaal, ...] = felt("Indsatsmål", Kilde.P1, (), element="Indsatsmaal")
    maalgrupper: tuple[Maalgruppe, ...] = felt("Målgrupper", Kilde.P1, element="Maalgruppe", min_length=1)
    ydelser: tuple[Ydelse, ...] = felt("Ydelser", Kilde.P1, element="Ydelse", min_length=1)
    tilbudstype: Tilbudstype = felt("The kind of tilbud", Kilde.P1)


class Teamrolle(StrEnum):
    KOORDINERENDE_MYNDIGHED = "koordinerende-myndighed"
    SAMARBEJDENDE_MYNDIGHED = "samarbejdende-myndighed"
    KOORDINERENDE_UDFOERER = "koordinerende-udfører"


class Teammedlem(Blok):
    rolle: Teamrolle = felt("Role in the team", Kilde.P1)
    navn: Kort = felt("Organisation", Kilde.P1)
    organisation_id: Id | None = felt("Its UUID", Kilde.P1, None)


class Opfoelgningsplan(Blok):
    dato: Dato = felt("Day of the next follow-up", Kilde.P1)
    frekvens: Tekst = felt("How often", Kilde.P1)


class Vurdering(Blok):
    """What the myndighed has gathered of the citizen."""

    situation: Tekst = felt("Assessment of the citizen's situation", Kilde.P1)
    stoettebehov: Stoettebehov = felt("Need of support", Kilde.P1)
    ressourcer: Tekst | None = felt("The citizen's resources", Kilde.P1, None)
    perspektiv: Tekst | None = felt("The citizen's perspective", Kilde.P1, None)
    tilstande: tuple[Tilstand, ...] = felt("Themes", Kilde.P1, (), element="Tilstand")
    diagnoser: tuple[Tekst, ...] = felt("Diagnoses", Kilde.P1, (), element="Diagnose")


class Bestilling(Brev):
    """3: the myndighed orders an indsats."""

    standard = Standard.BESTILLING

    borger: Borger = felt("The citizen", Kilde.P1)
    relaterede_personer: tuple[RelateretPerson, ...] = felt("Related people", Kilde.P1, (), element="RelateretPerson")
    handlekommune: Kommunekode | None = felt("subjectActingMunicipality", Kilde.P1, None)
    indsats: Indsats = felt("What is ordered", Kilde.P1)
    borgers_maal_og_oensker: tuple[Tekst, ...] = felt(
        "The citizen's own words", Kilde.P1, (), element="BorgersMaalOgOenske"
    )
    udfoererteam: tuple[Teammedlem, ...] = felt("Who works together", Kilde.P1, (), element="Teammedlem")
    opfoelgning: Opfoelgningsplan | None = felt(
        "Follow-up; required while the indsats is not completed", Kilde.P2, None
    )
    vurdering: Vurdering = felt("What has been gathered", Kilde.P1)
    andre_indsatser: tuple[Tekst, ...] = felt(
        "Other indsatser, with their provision", Kilde.P1, (), element="AndenIndsats"
    )
    koersel: Tekst | None = felt("Transport, SEL § 105", Kilde.P1, None)
    betaler: Betaler | None = felt("Who pays", Kilde.P1, None)
    dokumenter: tuple[Dokument, ...] = felt("Attachments", Kilde.P1, (), element="Dokument")
    anmodning_boligomkostninger: Ja | None = felt("Ask for the costs of housing; only at SEL § 108", Kilde.SEED, None)
    anmodning_servicepakker: Ja | None = felt("Ask for servicepakker", Kilde.SEED, None)
    oevrige_anmodninger: tuple[Tekst, ...] = felt("Other requests", Kilde.SEED, (), element="OevrigAnmodning")


class BestillingSvar(StrEnum):
    ACCEPT = "ACCEPT"
    AFVIS = "AFVIS"


class Boligomkostninger(Blok):
    beloeb_pr_maaned: Beloeb = felt("DKK a month", Kilde.ASSUMED)
    specifikation: Tekst = felt("What of", Kilde.ASSUMED)


class Servicepakke(Blok):
    navn: Kort = felt("Name", Kilde.ASSUMED)
    beskrivelse: Tekst = felt("What it holds", Kilde.ASSUMED)
    pris: Beloeb = felt("DKK", Kilde.ASSUMED)


class SvarBestilling(Brev):
    """4: receipt, and acceptance that there is an agreement (R10)."""

    standard = Standard.SVAR_BESTILLING

    modtaget: Tidspunkt = felt("When the order was received", Kilde.SEED)
    svar: BestillingSvar = felt("ACCEPT or AFVIS (AFVIS is assumed)", Kilde.SEED)
    begrundelse: Tekst | None = felt("Why; required with AFVIS", Kilde.ASSUMED, None)
    aftalt_startdato: Dato | None = felt("First day agreed", Kilde.ASSUMED, None)
    kontakt: Kontakt = felt("Whom to call", Kilde.ASSUMED)
    boligomkostninger: Boligomkostninger | None = felt("Costs of housing; required where asked for", Kilde.SEED, None)
    servicepakker: tuple[Servicepakke, ...] = felt("Servicepakker", Kilde.SEED, (), element="Servicepakke")


class Anmodning(Brev):
    """5: how does it go with these goals?"""

    standard = Standard.ANMODNING

    indsatsmaal: tuple[Id, ...] = felt(
        "Goals on which status is asked for", Kilde.SEED, element="IndsatsmaalId", min_length=1
    )
    svarfrist: Dato = felt("Answer by; the envelope's GyldighedTil", Kilde.ASSUMED)
    opfoelgningsdato: Dato | None = felt("Day of the follow-up", Kilde.ASSUMED, None)
    spoergsmaal: tuple[Tekst, ...] = felt("Particular questions", Kilde.ASSUMED, (), element="Spoergsmaal")


class Maalvurdering(StrEnum):
    OPNAAET = "OPNAAET"
    DELVIST = "DELVIST"
    IKKE = "IKKE"


class Maalstatus(Blok):
    id: Id = felt("The goal", Kilde.SEED)
    status: Tekst = felt("In words", Kilde.SEED)
    funktionsevneniveau: Funktionsevneniveau | None = felt("Level now", Kilde.ASSUMED, None)
    vurdering: Maalvurdering | None = felt("Reached?", Kilde.ASSUMED, None)


class Statusnotat(Brev):
    """6: status on the goals asked for."""

    standard = Standard.STATUSNOTAT

    maalstatus: tuple[Maalstatus, ...] = felt("By goal", Kilde.SEED, element="Maalstatus", min_length=1)
    perspektiv: Tekst | None = felt("The citizen's perspective", Kilde.ASSUMED, None)
    oevrige_oplysninger: tuple[Tekst, ...] = felt(
        "Other relevant information", Kilde.SEED, (), element="OevrigOplysning"
    )
    dokumenter: tuple[Dokument, ...] = felt("Attachments", Kilde.ASSUMED, (), element="Dokument")


class Beroert(StrEnum):
    """The four things that a change may bear upon (seed S0)."""

    YDELSER = "ydelser"
    INDSATS = "indsats"
    INDSATSFORMAAL = "indsatsformaal"
    INDSATSMAAL = "indsatsmaal"


class Hastegrad(StrEnum):
    AKUT = "AKUT"
    SNAREST = "SNAREST"
    RUTINE = "RUTINE"


class MarkantAendring(Brev):
    """7: a significant change with the citizen, unasked."""

    standard = Standard.MARKANT_AENDRING

    dato: Dato = felt("Day of the change", Kilde.ASSUMED)
    beskrivelse: Tekst = felt("What changed", Kilde.ASSUMED)
    beroerer: tuple[Beroert, ...] = felt("What it bears upon", Kilde.SEED, element="Beroerer", min_length=1)
    temaer: tuple[Tema, ...] = felt("Themes", Kilde.ASSUMED, (), element="Tema")
    hastegrad: Hastegrad | None = felt("How urgent", Kilde.ASSUMED, None)
    dokumenter: tuple[Dokument, ...] = felt("Attachments", Kilde.ASSUMED, (), element="Dokument")


class Handling(StrEnum):
    INGEN = "INGEN"
    OPFOELGNING_PLANLAGT = "OPFOELGNING_PLANLAGT"
    STATUSNOTAT_ANMODES = "STATUSNOTAT_ANMODES"
    NY_BESTILLING = "NY_BESTILLING"


class Kvittering(Brev):
    """7b: receipt for a markant ændring, with what is done about it (R10; the standard suggests it)."""

    standard = Standard.KVITTERING

    modtaget: Tidspunkt = felt("When it was received", Kilde.SEED)
    handling: Handling = felt("What is done (codes are assumed)", Kilde.SEED)
    beskrivelse: Tekst | None = felt("In words", Kilde.ASSUMED, None)


class Funktionsevneaendring(Blok):
    tema: Tema = felt("A&D theme", Kilde.ASSUMED)
    fra: Funktionsevneniveau = felt("Level before", Kilde.ASSUMED)
    til: Funktionsevneniveau = felt("Level now", Kilde.ASSUMED)


class Stoettebehovsaendring(Blok):
    fra: Stoettebehovsniveau = felt("Level before", Kilde.ASSUMED)
    til: Stoettebehovsniveau = felt("Level now", Kilde.ASSUMED)


class Maalaendringstype(StrEnum):
    NY = "NY"
    AENDRET = "AENDRET"
    AFSLUTTET = "AFSLUTTET"


class Maalaendring(Blok):
    id: Id = felt("The goal", Kilde.ASSUMED)
    aendring: Maalaendringstype = felt("NY, AENDRET or AFSLUTTET", Kilde.ASSUMED)
    nyt_indhold: Indsatsmaal | None = felt("The goal as it is now; not with AFSLUTTET", Kilde.ASSUMED, None)


class Opfoelgning(Brev):
    """8: the follow-up was held; what changes, and whether a new order follows (R10)."""

    standard = Standard.OPFOELGNING

    dato: Dato = felt("Day of the follow-up", Kilde.P2)
    resultat: StatusPaaIndsats = felt("FFB status på indsats", Kilde.P3)
    funktionsevneaendringer: tuple[Funktionsevneaendring, ...] = felt(
        "Changes of functioning", Kilde.SEED, (), element="Funktionsevneaendring"
    )
    stoettebehovsaendring: Stoettebehovsaendring | None = felt("Change of the need of support", Kilde.SEED, None)
    maalaendringer: tuple[Maalaendring, ...] = felt("Changes of goals", Kilde.SEED, (), element="Maalaendring")
    ny_bestilling: Ja = felt("Whether a new bestilling follows", Kilde.SEED)
    naeste_opfoelgning: Dato | None = felt("Day of the next follow-up", Kilde.ASSUMED, None)


LETTERS: dict[Standard, type[Brev]] = {
    letter.standard: letter
    for letter in (
        Match,
        SvarMatch,
        Bestilling,
        SvarBestilling,
        Anmodning,
        Statusnotat,
        MarkantAendring,
        Kvittering,
        Opfoelgning,
    )
}
