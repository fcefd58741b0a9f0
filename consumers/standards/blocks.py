"""The blocks that letters share: who, about whom, on which case, with whose consent, and what it is about."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from consumers.standards.codes import (
    Funktionsevneniveau,
    Maalgruppekode,
    Maaltype,
    Stoettebehovsniveau,
    Tema,
    Ydelseskode,
)
from consumers.standards.fields import (
    Alder,
    Base64,
    Blok,
    Cpr,
    Cvr,
    Dato,
    Email,
    Gln,
    Https,
    Id,
    Kilde,
    Kommunekode,
    Kort,
    Paragraf,
    PNummer,
    Postnr,
    Sor,
    Tekst,
    Telefon,
    Tidspunkt,
    felt,
)


class Adresse(Blok):
    linje: Kort = felt("Street and number", Kilde.P1)
    postnr: Postnr = felt("Postal code", Kilde.P1)
    by: Kort = felt("Town", Kilde.P1)


class Kontaktperson(Blok):
    """Somebody near the citizen."""

    relation: Kort = felt("Relation to the citizen", Kilde.P1)
    navn: Kort = felt("Name", Kilde.P1)
    telefon: Telefon = felt("Telephone", Kilde.P1)
    email: Email | None = felt("E-mail", Kilde.P1, None)


class Borger(Blok):
    """The citizen."""

    cpr: Cpr = felt("CPR number (OID 1.2.208.176.1.2)", Kilde.P1)
    fornavne: tuple[Kort, ...] = felt("Given names", Kilde.P1, element="Fornavn", min_length=1)
    efternavn: Kort = felt("Family name", Kilde.P1)
    adresse: Adresse = felt("Address", Kilde.P1)
    telefoner: tuple[Telefon, ...] = felt("Telephones", Kilde.P1, element="Telefon", min_length=1)
    emails: tuple[Email, ...] = felt("E-mails", Kilde.P1, (), element="Email")
    kontaktpersoner: tuple[Kontaktperson, ...] = felt("People near the citizen", Kilde.P1, (), element="Kontaktperson")
    kommunekode: Kommunekode | None = felt("Acting municipality, for example 0157", Kilde.P1, None)


class Koen(StrEnum):
    KVINDE = "kvinde"
    MAND = "mand"
    ANDET = "andet"


class ReduceretBorger(Blok):
    """The citizen before a match: no name, no CPR number (data minimisation, our choice)."""

    initialer: Kort = felt("Initials", Kilde.ASSUMED)
    alder: Alder = felt("Age in years", Kilde.ASSUMED)
    koen: Koen = felt("Gender", Kilde.ASSUMED)
    kommunekode: Kommunekode | None = felt("Acting municipality", Kilde.ASSUMED, None)


class Kontakt(Blok):
    """Whom to call at an organisation."""

    titel: Kort = felt("Title", Kilde.P1)
    fornavn: Kort = felt("Given name", Kilde.P1)
    efternavn: Kort = felt("Family name", Kilde.P1)
    telefoner: tuple[Telefon, ...] = felt("Telephones", Kilde.P1, element="Telefon", min_length=1)
    emails: tuple[Email, ...] = felt("E-mails", Kilde.P1, (), element="Email")


class Organisation(Blok):
    """A party to the letter (KL: part)."""

    navn: Kort = felt("Name", Kilde.P1)
    cvr: Cvr = felt("CVR number", Kilde.P1)
    organisation_id: Id = felt("UUID in FK Organisation (system https://www.kombit.dk/organisation)", Kilde.P1)
    p_nummer: PNummer | None = felt("P-nummer of the tilbud, where several share a CVR number", Kilde.ASSUMED, None)
    sor: Sor | None = felt("SOR code of the tilbud", Kilde.ASSUMED, None)
    kontakt: Kontakt = felt("Whom to call", Kilde.P1)


class Forfatter(Blok):
    """Who answers for what the letter says (R3)."""

    navn: Kort = felt("Name", Kilde.SEED)
    titel: Kort = felt("Title", Kilde.ASSUMED)


class Sagsreference(Blok):
    sagsnummer: Kort = felt("Case number at the myndighed (municipalityCaseNumber)", Kilde.P2)
    sag_id: Id | None = felt("UUID of the case", Kilde.ASSUMED, None)


class Samtykkestatus(StrEnum):
    """The statuses of a FHIR consent."""

    AKTIV = "active"
    INAKTIV = "inactive"
    AFVIST = "rejected"


class Samtykke(Blok):
    """The citizen's consent."""

    status: Samtykkestatus = felt("Status", Kilde.P1)
    kategori: Tekst = felt("What may be shared", Kilde.P1)
    dato: Tidspunkt = felt("When it was given", Kilde.P1)
    afgivet_af: Kort = felt("Who gave it", Kilde.P1)
    policy_rule: Kort = felt('Legal rule, for example "Persondataloven, §6-8"', Kilde.P1)
    gyldig_til: Dato | None = felt("Last day on which it holds", Kilde.ASSUMED, None)


class Rang(StrEnum):
    PRIMAER = "1"
    SEKUNDAER = "2"


class Maalgruppe(Blok):
    kode: Maalgruppekode = felt("FFB målgruppe", Kilde.P1)
    rang: Rang = felt("1 = primær, 2 = sekundær", Kilde.P1)


class Indsatsmaal(Blok):
    """A goal of the indsats."""

    id: Id = felt("Constant through the course", Kilde.P1)
    beskrivelse: Tekst = felt("What is to be reached", Kilde.P1)
    maaltype: Maaltype = felt("FFB måltype", Kilde.P1)
    forventet_funktionsevneniveau: Funktionsevneniveau = felt("Level to be reached", Kilde.P1)
    primaert_tema: Tema = felt("The one A&D theme of rank 1", Kilde.P1)
    sekundaere_temaer: tuple[Tema, ...] = felt("Themes of rank 2", Kilde.P1, (), element="SekundaertTema")


class Tilstand(Blok):
    """A theme of the citizen's situation."""

    tema: Tema = felt("FFB theme", Kilde.P2)
    funktionsevneniveau: Funktionsevneniveau | None = felt("Required for A&D themes, else not allowed", Kilde.P2, None)
    tekst: Tekst | None = felt("In words", Kilde.P2, None)


class Ydelsesstatus(StrEnum):
    """The statuses of a FHIR care plan activity that the profile uses."""

    IKKE_BEGYNDT = "not-started"
    I_GANG = "in-progress"
    AFSLUTTET = "completed"


class Ydelse(Blok):
    """What the citizen gets."""

    id: Id = felt("Constant through the course", Kilde.P1)
    kode: Ydelseskode | None = felt("FFB ydelse; this or tekst", Kilde.P1, None)
    tekst: Tekst | None = felt("In words; this or kode", Kilde.P1, None)
    paragraf: Paragraf | None = felt('Legal provision, for example "SEL § 85"', Kilde.ASSUMED, None)
    status: Ydelsesstatus = felt("Status", Kilde.P1)
    startdato: Dato = felt("First day", Kilde.P2)
    slutdato: Dato | None = felt("Last day", Kilde.P1, None)
    oprettet: Tidspunkt = felt("When it was granted", Kilde.P1)


class Stoettebehov(Blok):
    niveau: Stoettebehovsniveau = felt("FFB støttebehovsniveau", Kilde.P1)
    begrundelse: Tekst | None = felt("In words", Kilde.P1, None)


class Dokument(Blok):
    """An attachment: its bytes, or where they are."""

    titel: Kort = felt("Title", Kilde.P1)
    beskrivelse: Tekst | None = felt("In words", Kilde.P1, None)
    content_type: Literal["application/pdf"] = felt("application/pdf", Kilde.P1)
    data: Base64 | None = felt("base64, 10 MB at most; this or url", Kilde.P1, None)
    url: Https | None = felt("https address; this or data", Kilde.P1, None)


class Relation(StrEnum):
    """Codes of the public profile."""

    MOR = "MTH"
    BISIDDER = "advocate"
    VAERGE = "GUARD"


class Vaergemaal(StrEnum):
    """Provision of the værgemålsloven."""

    PARAGRAF_5 = "§5"
    PARAGRAF_6 = "§6"
    PARAGRAF_7 = "§7"


class RelateretPerson(Blok):
    relation: Relation = felt("MTH mor, advocate bisidder, GUARD værge", Kilde.P1)
    vaergemaal: Vaergemaal | None = felt("Which, for a værge", Kilde.P1, None)
    navn: Kort = felt("Name", Kilde.P1)
    telefon: Telefon = felt("Telephone", Kilde.P1)


class Betaler(Blok):
    """Who pays."""

    kontonummer: Kort = felt("Account", Kilde.P1)
    navn: Kort = felt("Organisation", Kilde.P1)
    gln: Gln = felt("EAN/GLN location number (OID 1.3.88)", Kilde.P1)
    kontakt: Kontakt = felt("Whom to call", Kilde.P1)
