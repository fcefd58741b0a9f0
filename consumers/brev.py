"""Letters between a municipality and a tilbud, in the envelope of the Beskedfordeler.

The eight message standards of KL for the specialised social area (and the receipt that KL suggests) have names
and purposes that are public, but neither UUIDs nor field tables: the UUIDs and the little letter here are
synthetic, and say so.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from consumers.kuvert import Kuvert, Relation, build_kuvert
from consumers.part import Part
from consumers.xml import read_xml

NS = "urn:syntetisk:ffb:brev:1.0"
PERSON = "ce7fcf97-a8a2-447a-8690-d38aa0f6e23c"
"""ObjektType Person (public)."""
TILBUD = "00000000-ffb0-4000-8000-0000000000a1"
"""ObjektType tilbud (synthetic)."""
BESKED = "00000000-ffb0-4000-8000-0000000000a2"
"""ObjektType besked, for the message that is answered (synthetic)."""
MODTAGER = "00000000-ffb0-4000-8000-0000000000b1"
BESVARER = "00000000-ffb0-4000-8000-0000000000b2"


class Brevtype(StrEnum):
    """Beskedtype of each standard; synthetic UUIDs."""

    MATCH = "00000000-ffb0-4000-8000-000000000001"
    SVAR_MATCH = "00000000-ffb0-4000-8000-000000000002"
    BESTILLING = "00000000-ffb0-4000-8000-000000000003"
    SVAR_BESTILLING = "00000000-ffb0-4000-8000-000000000004"
    ANMODNING_STATUS = "00000000-ffb0-4000-8000-000000000005"
    STATUSNOTAT = "00000000-ffb0-4000-8000-000000000006"
    MARKANT_AENDRING = "00000000-ffb0-4000-8000-000000000007"
    KVITTERING = "00000000-ffb0-4000-8000-000000000008"
    OPFOELGNING = "00000000-ffb0-4000-8000-000000000009"

    @property
    def navn(self) -> str:
        return _NAVNE[self]


_NAVNE = {
    Brevtype.MATCH: "Match af borger",
    Brevtype.SVAR_MATCH: "Svar på match af borger",
    Brevtype.BESTILLING: "Bestilling",
    Brevtype.SVAR_BESTILLING: "Svar på bestilling",
    Brevtype.ANMODNING_STATUS: "Anmodning om statusnotat",
    Brevtype.STATUSNOTAT: "Statusnotat",
    Brevtype.MARKANT_AENDRING: "Markant ændring hos borgeren",
    Brevtype.KVITTERING: "Kvittering for markant ændring",
    Brevtype.OPFOELGNING: "Opfølgning",
}

SVAR = {
    Brevtype.MATCH: Brevtype.SVAR_MATCH,
    Brevtype.BESTILLING: Brevtype.SVAR_BESTILLING,
    Brevtype.ANMODNING_STATUS: Brevtype.STATUSNOTAT,
    Brevtype.MARKANT_AENDRING: Brevtype.KVITTERING,
}
"""What is answered with what; what is not here needs no answer."""


def _new_id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Brev:
    """One letter.  ``borger`` is a CPR number (synthetic: day of birth + 60), ``kle`` a KLE number."""

    brevtype: Brevtype
    fra: Part
    til: Sequence[Part]
    borger: str
    kle: str
    tekst: str
    forloeb: str = field(default_factory=_new_id)
    besvarer: str | None = None
    """BeskedId of the letter that this one answers."""
    besked_id: str = field(default_factory=_new_id)


@dataclass(frozen=True, slots=True)
class LaestBrev:
    """A letter as its receiver reads it: parties by their keys."""

    besked_id: str
    brevtype: Brevtype
    fra_aktoer: str
    borger: str
    kle: str
    tekst: str
    forloeb: str
    besvarer: str | None


def write_brev(brev: Brev) -> bytes:
    """The Haendelsesbesked to send."""
    relateret = [Relation(f"urn:oio:cpr-nr:{brev.borger}", PERSON)]
    relateret += [Relation(part.p_urn, TILBUD, MODTAGER) for part in brev.til if part.p_urn]
    if brev.besvarer:
        relateret.append(Relation(brev.besvarer, BESKED, BESVARER))
    return build_kuvert(
        _letter(brev),
        beskedtype=brev.brevtype,
        aktoer=brev.fra.aktoer,
        myndighed=brev.fra.cvr,
        tilladt_modtager=dict.fromkeys(part.cvr for part in brev.til),
        relateret=relateret,
        opgave_emne=brev.kle,
        proces=brev.forloeb,
        besked_id=brev.besked_id,
    )


def read_brev(kuvert: Kuvert) -> LaestBrev | None:
    """The letter in an envelope; None where it is of another beskedtype.  Raises ValueError where it is broken."""
    if kuvert.beskedtype not in _NAVNE:
        return None
    try:
        letter = read_xml(kuvert.beskeddata)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"Beskeddata of {kuvert.besked_id} is no XML: {error}") from error
    if letter.tag != f"{{{NS}}}Brev":
        raise ValueError(f"Beskeddata of {kuvert.besked_id} is no Brev in {NS} but {letter.tag}")
    besvarer = [relation.objekt_id for relation in kuvert.relateret if relation.rolle == BESVARER]
    return LaestBrev(
        besked_id=kuvert.besked_id,
        brevtype=Brevtype(kuvert.beskedtype),
        fra_aktoer=kuvert.aktoer,
        borger=letter.findtext(f"{{{NS}}}Borger") or "",
        kle=kuvert.opgave_emne.removeprefix("urn:oio:kle:"),
        tekst=letter.findtext(f"{{{NS}}}Tekst") or "",
        forloeb=kuvert.proces,
        besvarer=besvarer[0] if besvarer else None,
    )


def _letter(brev: Brev) -> str:
    til = "".join(f"<Til>{escape(part.navn)}</Til>" for part in brev.til)
    return (
        f'<Brev xmlns="{NS}" syntetisk="true" standard={quoteattr(brev.brevtype.navn)}>'
        f"<Fra>{escape(brev.fra.navn)}</Fra>{til}<Borger>{brev.borger}</Borger><Tekst>{escape(brev.tekst)}</Tekst></Brev>"
    )
