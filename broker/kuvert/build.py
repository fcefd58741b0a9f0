"""Messages as a vendor's system would write them, for tests and demos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from broker.core.identifiers import is_uuid
from broker.kuvert.names import KUVERT, SAGDOK
from broker.kuvert.text import xml_text
from broker.kuvert.tidspunkt import write_date_time

_EXAMPLE_DATA = b'<t:Test xmlns:t="urn:beskedfordeler:test">syntetisk besked</t:Test>'


@dataclass(frozen=True, slots=True)
class RelateretObjekt:
    """An object that the message is about; identifiers are UUIDs or URNs."""

    objekt_id: str
    objekt_type: str
    objekt_rolle: str | None = None


@dataclass(frozen=True, slots=True)
class ObjektRegistrering:
    """What was registered about an object; identifiers are UUIDs or URNs, the time seconds since the epoch."""

    objekt_registrering_id: str | None = None
    registrerings_aktoer: str | None = None
    registreringstidspunkt: float | None = None
    objekt_ansvarlig_myndighed: str | None = None
    objekt_id: str | None = None
    objekt_type: str | None = None
    objekt_handling: str | None = None
    opgave_emne: str | None = None


def haendelsesbesked(
    *,
    besked_id: str | None = None,
    beskedtype: str | None = None,
    ansvarlig_aktoer: str | None = None,
    tilladt_modtager: Sequence[str] = (),
    relateret_objekt: Sequence[RelateretObjekt] = (),
    objekt_registrering: Sequence[ObjektRegistrering] = (),
    tvaergaaende_proces: Sequence[str] = (),
    dannelsestidspunkt: float | None = None,
    sikkerhedsklassificering: str | None = None,
    gyldig_fra: float | None = None,
    gyldig_til: float | None = None,
    beskeddata: bytes | Sequence[bytes] = _EXAMPLE_DATA,
    besked_version: str = "1.0",
) -> bytes:
    """A Haendelsesbesked, valid by the XSD.

    Identifiers are UUIDs or URNs (a BeskedId and a Beskedtype not given are fresh UUIDs; an aktør is a UUID),
    times seconds since the epoch.  ``beskeddata`` is well-formed XML that stands in as it is, one Beskeddata each;
    an empty sequence leaves the element out.
    """
    filtreringsdata = "".join(
        (
            _unik_id("Beskedtype", beskedtype or str(uuid4())),
            _aktoer("BeskedAnsvarligAktoer", ansvarlig_aktoer),
            *(_unik_id("TilladtModtager", value) for value in tilladt_modtager),
            *map(_relateret_objekt, relateret_objekt),
            *map(_objekt_registrering, objekt_registrering),
            *(_unik_id("TvaergaaendeProces", value) for value in tvaergaaende_proces),
        )
    )
    leveranceinformation = _tidspunkt("Dannelsestidspunkt", dannelsestidspunkt) + _unik_id(
        "Sikkerhedsklassificering", sikkerhedsklassificering
    )
    beskedkuvert = (
        _element("Filtreringsdata", filtreringsdata)
        + _element("Leveranceinformation", leveranceinformation)
        + _tidspunkt("GyldighedFra", gyldig_fra)
        + _tidspunkt("GyldighedTil", gyldig_til)
    )
    head = (
        _unik_id("BeskedId", besked_id or str(uuid4()))
        + _element("BeskedVersion", xml_text(besked_version))
        + _element("Beskedkuvert", beskedkuvert)
    )
    bodies = (beskeddata,) if isinstance(beskeddata, bytes) else beskeddata
    return b"".join(
        (
            b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n',
            f'<ns2:Haendelsesbesked xmlns="{SAGDOK}" xmlns:ns2="{KUVERT}">{head}'.encode(),
            *(b'<ns2:Beskeddata xmlns="">%b</ns2:Beskeddata>' % body for body in bodies),
            b"</ns2:Haendelsesbesked>",
        )
    )


def _relateret_objekt(objekt: RelateretObjekt) -> str:
    return _element(
        "RelateretObjekt",
        _unik_id("ObjektId", objekt.objekt_id)
        + _unik_id("ObjektType", objekt.objekt_type)
        + _unik_id("ObjektRolle", objekt.objekt_rolle),
    )


def _objekt_registrering(registrering: ObjektRegistrering) -> str:
    return _element(
        "ObjektRegistrering",
        _unik_id("ObjektRegistreringId", registrering.objekt_registrering_id)
        + _aktoer("RegistreringsAktoer", registrering.registrerings_aktoer)
        + _tidspunkt("Registreringstidspunkt", registrering.registreringstidspunkt)
        + _unik_id("ObjektAnsvarligMyndighed", registrering.objekt_ansvarlig_myndighed)
        + _unik_id("ObjektId", registrering.objekt_id)
        + _unik_id("ObjektType", registrering.objekt_type)
        + _unik_id("ObjektHandling", registrering.objekt_handling)
        + _unik_id("OpgaveEmne", registrering.opgave_emne),
    )


def _element(name: str, content: str) -> str:
    return f"<ns2:{name}>{content}</ns2:{name}>"


def _unik_id(name: str, value: str | None) -> str:
    if value is None:
        return ""
    kind = "UUIDIdentifikator" if is_uuid(value) else "URNIdentifikator"
    return _element(name, f"<{kind}>{xml_text(value)}</{kind}>")


def _aktoer(name: str, value: str | None) -> str:
    if value is None:
        return ""
    return _element(name, f"<UUIDIdentifikator>{xml_text(value)}</UUIDIdentifikator>")


def _tidspunkt(name: str, tid: float | None) -> str:
    if tid is None:
        return ""
    return _element(name, f"<TidsstempelDatoTid>{write_date_time(tid).decode()}</TidsstempelDatoTid>")
