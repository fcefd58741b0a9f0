"""The envelope as a vendor writes and reads it: a template of its own, and the few fields that it looks at.

Nothing here is shared with the Beskedfordeler: what one side gets wrong, the other is to notice.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from lxml import etree

from consumers.xml import KUVERT, SAGDOK, read_xml

FOELSOM = "31c09910-e011-46a5-86fb-254374421fe8"
"""Sikkerhedsklassificering: Følsomme personoplysninger (public)."""

_NS = {"k": KUVERT, "s": SAGDOK}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)

_TEMPLATE = """<?xml version="1.0" encoding="UTF-8"?>
<k:Haendelsesbesked xmlns:k="urn:oio:besked:kuvert:1.0" xmlns:s="urn:oio:sagdok:3.0.0">
  <k:BeskedId>{besked_id}</k:BeskedId>
  <k:BeskedVersion>1.0</k:BeskedVersion>
  <k:Beskedkuvert>
    <k:Filtreringsdata>
      <k:Beskedtype>{beskedtype}</k:Beskedtype>
      <k:BeskedAnsvarligAktoer>{aktoer}</k:BeskedAnsvarligAktoer>{modtagere}{relaterede}
      <k:ObjektRegistrering>
        <k:ObjektRegistreringId>{registrering}</k:ObjektRegistreringId>
        <k:Registreringstidspunkt>{registreret}</k:Registreringstidspunkt>
        <k:ObjektAnsvarligMyndighed>{myndighed}</k:ObjektAnsvarligMyndighed>{objekt}{emne}
      </k:ObjektRegistrering>{proces}
    </k:Filtreringsdata>
    <k:Leveranceinformation>
      <k:Dannelsestidspunkt>{tid}</k:Dannelsestidspunkt>
      <k:Sikkerhedsklassificering>{klassificering}</k:Sikkerhedsklassificering>
    </k:Leveranceinformation>{svar}{gyldighed}
  </k:Beskedkuvert>
  <k:Beskeddata>{beskeddata}</k:Beskeddata>
</k:Haendelsesbesked>
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """A RelateretObjekt: what else the message is about, and in which role.  Identifiers are UUIDs or URNs."""

    objekt_id: str
    objekt_type: str
    rolle: str | None = None


@dataclass(frozen=True, slots=True)
class Objekt:
    """What ObjektRegistrering registers: the object, its type, and what was done to it.  UUIDs or URNs."""

    objekt_id: str
    objekt_type: str
    handling: str


@dataclass(frozen=True, slots=True)
class OensketSvar:
    """Modtagerhandling: the beskedtype of the answer that is awaited, and the UUID of who awaits it."""

    beskedtype: str
    responsmodtager: str


@dataclass(frozen=True, slots=True)
class Kuvert:
    """What a receiver reads off an envelope; texts as they stand, "" where an element is missing."""

    besked_id: str
    beskedtype: str
    aktoer: str
    tilladt_modtager: tuple[str, ...]
    relateret: tuple[Relation, ...]
    myndighed: str
    opgave_emne: str
    proces: str
    transaktions_id: str
    kildesystem: str
    abonnement: str
    """ErLeveretIHenholdTil of the last Leverancerute: the subscription by which it came."""
    leveranceforsoeg: int
    beskeddata: bytes
    """The first element within Beskeddata, canonical XML; empty where there is none."""


def build_kuvert(
    beskeddata: str,
    *,
    beskedtype: str,
    aktoer: str,
    myndighed: str,
    tilladt_modtager: Iterable[str] = (),
    relateret: Iterable[Relation] = (),
    opgave_emne: str | None = None,
    proces: str | None = None,
    objekt: Objekt | None = None,
    registreret: datetime | None = None,
    svar: OensketSvar | None = None,
    gyldig_til: datetime | None = None,
    klassificering: str = FOELSOM,
    besked_id: str | None = None,
    registrering: str | None = None,
    tid: datetime | None = None,
) -> bytes:
    """One Haendelsesbesked, UTF-8.

    ``beskeddata`` is well-formed XML without declaration.  ``myndighed`` and ``tilladt_modtager`` are CVR numbers
    (eight digits), ``opgave_emne`` a KLE number; all other identifiers are UUIDs or URNs.  Without ``besked_id`` or
    ``registrering`` a new UUID, without ``tid`` now, without ``registreret`` the same.  After ``gyldig_til`` a
    Beskedfordeler takes and delivers the message no more.
    """
    tid = tid or datetime.now(UTC)
    return _TEMPLATE.format(
        besked_id=_identifier(besked_id or str(uuid.uuid4())),
        beskedtype=_identifier(beskedtype),
        aktoer=_identifier(aktoer),
        modtagere="".join(_element("TilladtModtager", _cvr(cvr)) for cvr in tilladt_modtager),
        relaterede="".join(_relation(relation) for relation in relateret),
        registrering=_identifier(registrering or str(uuid.uuid4())),
        tid=_stamp(tid),
        registreret=_stamp(registreret or tid),
        myndighed=_cvr(myndighed),
        emne=_element("OpgaveEmne", _identifier(f"urn:oio:kle:{opgave_emne}")) if opgave_emne else "",
        proces=_element("TvaergaaendeProces", _identifier(proces)) if proces else "",
        objekt=_objekt(objekt) if objekt else "",
        svar=_svar(svar) if svar else "",
        gyldighed=_element("GyldighedTil", _stamp(gyldig_til)) if gyldig_til else "",
        klassificering=_identifier(klassificering),
        beskeddata=beskeddata,
    ).encode()


def read_kuvert(document: bytes) -> Kuvert:
    """Read a delivered Haendelsesbesked.  Raises ValueError where it is none."""
    try:
        root = read_xml(document)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no XML: {error}") from error
    if root.tag != f"{{{KUVERT}}}Haendelsesbesked":
        raise ValueError(f"expected a Haendelsesbesked in {KUVERT}, got {root.tag}")
    filtrering = root.find("k:Beskedkuvert/k:Filtreringsdata", _NS)
    if filtrering is None:
        raise ValueError("the Haendelsesbesked has no Filtreringsdata")
    leverance = root.find("k:Beskedkuvert/k:Leveranceinformation", _NS)
    ruter = [] if leverance is None else leverance.findall("k:Leveranceruter/k:Leverancerute", _NS)
    rute = ruter[-1] if ruter else None
    data = root.find("k:Beskeddata/*", _NS)
    return Kuvert(
        besked_id=_read(root, "k:BeskedId"),
        beskedtype=_read(filtrering, "k:Beskedtype"),
        aktoer=_read(filtrering, "k:BeskedAnsvarligAktoer"),
        tilladt_modtager=tuple(_read(element) for element in filtrering.findall("k:TilladtModtager", _NS)),
        relateret=tuple(_read_relation(element) for element in filtrering.findall("k:RelateretObjekt", _NS)),
        myndighed=_read(filtrering, "k:ObjektRegistrering/k:ObjektAnsvarligMyndighed"),
        opgave_emne=_read(filtrering, "k:ObjektRegistrering/k:OpgaveEmne"),
        proces=_read(filtrering, "k:TvaergaaendeProces"),
        transaktions_id=_read(leverance, "k:TransaktionsId"),
        kildesystem=_read(leverance, "k:Kildesystem"),
        abonnement=_read(rute, "k:ErLeveretIHenholdTil"),
        leveranceforsoeg=int(_read(rute, "k:LeveranceruteLokalUdvidelse") or 0),
        beskeddata=b"" if data is None else etree.tostring(data, method="c14n", exclusive=True, with_comments=False),
    )


def _identifier(value: str) -> str:
    name = "UUIDIdentifikator" if _UUID.match(value) else "URNIdentifikator"
    return f"<s:{name}>{escape(value)}</s:{name}>"


def _cvr(number: str) -> str:
    return _identifier(f"urn:oio:cvr-nr:{number}")


def _stamp(tid: datetime) -> str:
    stamp = tid.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"<s:TidsstempelDatoTid>{stamp}</s:TidsstempelDatoTid>"


def _objekt(objekt: Objekt) -> str:
    content = _element("ObjektId", _identifier(objekt.objekt_id))
    content += _element("ObjektType", _identifier(objekt.objekt_type))
    return content + _element("ObjektHandling", _identifier(objekt.handling))


def _svar(svar: OensketSvar) -> str:
    content = _element("Handling", _identifier(svar.beskedtype))
    content += _element("Responsmodtager", _identifier(svar.responsmodtager))
    return _element("Modtagerhandling", content)


def _element(name: str, content: str) -> str:
    return f"<k:{name}>{content}</k:{name}>"


def _relation(relation: Relation) -> str:
    content = _element("ObjektId", _identifier(relation.objekt_id))
    content += _element("ObjektType", _identifier(relation.objekt_type))
    if relation.rolle is not None:
        content += _element("ObjektRolle", _identifier(relation.rolle))
    return _element("RelateretObjekt", content)


def _read(parent: etree._Element | None, path: str | None = None) -> str:
    """All text within the element, without outer white space; "" where it is missing."""
    element = parent if parent is None or path is None else parent.find(path, _NS)
    return "" if element is None else "".join(str(text) for text in element.itertext("*")).strip()


def _read_relation(element: etree._Element) -> Relation:
    return Relation(_read(element, "k:ObjektId"), _read(element, "k:ObjektType"), _read(element, "k:ObjektRolle"))
