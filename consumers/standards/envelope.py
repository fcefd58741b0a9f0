"""A letter in the envelope of the Beskedfordeler, and out of it.

Which element says what is our choice (assumed); only elements that Beskedkuvert.xsd has are used:

- BeskedId, Beskedtype           the letter's id, and its standard (synthetic UUID)
- BeskedAnsvarligAktoer          the sending organisation
- TilladtModtager                CVR numbers of the recipients
- TvaergaaendeProces             the forløb, the same from 1 to 8
- RelateretObjekt                the citizen (of a Bestilling only), the case; each recipient by organisation UUID,
                                 P-nummer and SOR code in the role modtager; the answered letter in the role besvarer
- ObjektRegistrering             the letter as object; ObjektAnsvarligMyndighed is the sender's CVR number: it must be
                                 that of the sender's token, although KL says that the myndighed is responsible
- Modtagerhandling, GyldighedTil what answer is awaited, by whom, and until when
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid5

from lxml import etree

from consumers.kuvert import Kuvert, Objekt, OensketSvar, Relation, build_kuvert
from consumers.part import Part
from consumers.standards.findings import Finding, InvalidLetter
from consumers.standards.letters import Anmodning, Bestilling, Brev, Match
from consumers.standards.standard import BY_BESKEDTYPE, Standard
from consumers.standards.xml_form import read_xml_letter, write_xml
from consumers.xml import read_xml

PERSON = "ce7fcf97-a8a2-447a-8690-d38aa0f6e23c"
"""ObjektType Person (public)."""
TILBUD = "00000000-ffb0-4000-8000-0000000000a1"
"""ObjektType of a recipient (synthetic)."""
BESKED = "00000000-ffb0-4000-8000-0000000000a2"
"""ObjektType besked, for the letter that is answered (synthetic)."""
SAG = "00000000-ffb0-4000-8000-0000000000a3"
"""ObjektType sag (synthetic)."""
MODTAGER = "00000000-ffb0-4000-8000-0000000000b1"
"""ObjektRolle (synthetic)."""
BESVARER = "00000000-ffb0-4000-8000-0000000000b2"
"""ObjektRolle (synthetic)."""
OPRETTET = "00000000-ffb0-4000-8000-0000000000c1"
"""ObjektHandling oprettet (synthetic)."""

_AWAITS = {standard: answer for answer in Standard if answer.facts.skal_besvare for standard in answer.facts.besvarer}
"""What must be answered, and with what."""


def write_envelope(
    brev: Brev, afsender: Part, *, kle: str | None = None, deadline: bool = False, tid: datetime | None = None
) -> bytes:
    """The Haendelsesbesked to send: but for ``tid``, when it was made (else now), the same each time.

    ``kle`` becomes OpgaveEmne.  With ``deadline`` the letter's svarfrist becomes GyldighedTil (the end of that day in
    UTC): after it a Beskedfordeler refuses the message, and drops it where nobody has fetched it.
    """
    standard = brev.standard
    awaited = _AWAITS.get(standard)
    return build_kuvert(
        write_xml(brev).decode(),
        beskedtype=standard.beskedtype,
        aktoer=brev.afsender.organisation_id,
        myndighed=afsender.cvr,
        tilladt_modtager=dict.fromkeys(modtager.cvr for modtager in brev.modtagere),
        relateret=list(_relations(brev)),
        opgave_emne=kle,
        proces=brev.forloebs_id,
        objekt=Objekt(brev.besked_id, standard.beskedtype, OPRETTET),
        registreret=brev.data_tidspunkt,
        svar=OensketSvar(awaited.beskedtype, brev.afsender.organisation_id) if awaited else None,
        gyldig_til=_end(brev) if deadline else None,
        besked_id=brev.besked_id,
        registrering=str(uuid5(UUID(brev.besked_id), "ObjektRegistreringId")),
        tid=tid,
    )


def read_envelope(kuvert: Kuvert) -> Brev | None:
    """The letter in an envelope; None where it is of another beskedtype.

    Raises InvalidLetter where there is no letter in it, where its form is wrong, or where letter and envelope
    contradict each other.
    """
    standard = BY_BESKEDTYPE.get(kuvert.beskedtype.lower())
    if standard is None:
        return None
    if not kuvert.beskeddata:
        raise InvalidLetter([Finding("Beskeddata", "envelope", f"is empty; expected a letter: {standard.navn}")])
    try:
        brev = read_xml_letter(read_xml(kuvert.beskeddata))
    except etree.XMLSyntaxError as error:
        raise InvalidLetter([Finding("Beskeddata", "envelope", f"is no XML: {error}")]) from error
    if contradictions := list(_contradictions(kuvert, standard, brev)):
        raise InvalidLetter(contradictions)
    return brev


def _relations(brev: Brev) -> list[Relation]:
    relations = []
    if isinstance(brev, Bestilling):
        relations.append(Relation(f"urn:oio:cpr-nr:{brev.borger.cpr}", PERSON))
    if brev.sagsreference.sag_id:
        relations.append(Relation(brev.sagsreference.sag_id, SAG))
    for modtager in brev.modtagere:
        party = Part(modtager.navn, modtager.cvr, modtager.organisation_id, "", modtager.p_nummer, modtager.sor)
        keys = (party.aktoer, party.p_urn, party.sor_urn)
        relations += [Relation(key, TILBUD, MODTAGER) for key in keys if key]
    if brev.besvarer_besked_id:
        relations.append(Relation(brev.besvarer_besked_id, BESKED, BESVARER))
    return relations


def _end(brev: Brev) -> datetime | None:
    frist = brev.svarfrist if isinstance(brev, Match | Anmodning) else None
    return None if frist is None else datetime.combine(frist, time(), UTC) + timedelta(days=1)


def _contradictions(kuvert: Kuvert, standard: Standard, brev: Brev) -> list[Finding]:
    """What the envelope says of the letter that the letter does not.

    ObjektAnsvarligMyndighed is what the Beskedfordeler has held to the sender's token: a letter in another's name
    stops here.
    """
    besvarer = [relation.objekt_id.lower() for relation in kuvert.relateret if relation.rolle == BESVARER]
    said = (
        ("Beskedtype", standard.navn, brev.standard.navn),
        ("BeskedId", kuvert.besked_id.lower(), brev.besked_id),
        ("TvaergaaendeProces", kuvert.proces.lower(), brev.forloebs_id),
        ("BeskedAnsvarligAktoer", kuvert.aktoer.lower(), brev.afsender.organisation_id),
        ("ObjektAnsvarligMyndighed", kuvert.myndighed.rpartition(":")[2], brev.afsender.cvr),
        ("RelateretObjekt[besvarer]", besvarer[0] if besvarer else "", brev.besvarer_besked_id or ""),
    )
    return [
        Finding(
            element, "envelope", f"the envelope says '{envelope}', the letter '{letter}'; expected the same", envelope
        )
        for element, envelope, letter in said
        if envelope != letter
    ]
