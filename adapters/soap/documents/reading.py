"""A request, judged and read: element in, a frozen value out."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from adapters.soap.documents import names
from adapters.soap.documents.egenskaber import read_egenskaber, read_virkning, sought_egenskab
from adapters.soap.documents.flyt import read_flyt
from adapters.soap.documents.leaves import (
    child,
    integer_of,
    livscyklus_of,
    tidspunkt_of,
    unik_id_of,
    uuid_of,
    whole_text,
)
from adapters.soap.documents.operation import Operation, operation_of
from adapters.soap.documents.place import place_of
from adapters.soap.documents.requests import (
    FjernVaerdier,
    Import,
    Laes,
    List,
    Opret,
    Passiver,
    RegistreringIn,
    Request,
    Ret,
    Slet,
    Soeg,
    Tidsfiltre,
    TilfoejVaerdier,
)
from adapters.soap.documents.schema import check_request
from adapters.soap.documents.vaerdier import check_number, read_values
from broker.errors import Refused
from broker.kuvert.names import UUID_IDENTIFIKATOR

MOST_LISTS = 1000
"""That one listvaerdiliste may ask for (ours)."""


def read_request(element: etree._Element) -> Request:
    """Judge and read what a SOAP Body holds; the tree is left as it is.

    Checked in this order: the name of the element, the XSD, then what no schema says: UUIDs, limits, one Egenskab.
    Comments and processing instructions count for nothing; text that they part is joined.  Raises UnknownOperation,
    Refused (40), VersionNotSupported (55: BeskedVersion of a Haendelsesbesked); ``str`` names element, value, rule.
    """
    operation = operation_of(element)
    if operation is Operation.FLYT_TIL_FEJLKOE:
        return read_flyt(element)
    check_request(operation, element)
    return _READERS[operation](element)


def _opret(element: etree._Element) -> Opret:
    attributter = child(element, names.ATTRIBUT_LISTE)
    assert attributter is not None  # by the schema, as every such below
    return Opret(_note(element), read_egenskaber(attributter))


def _import(element: etree._Element) -> Import:
    liste = child(element, names.LISTE)
    assert liste is not None
    registreringer = tuple(_registrering(one) for one in liste.iterchildren(names.REGISTRERING))
    check_number(liste, sum(len(one.egenskab.vaerdier) for one in registreringer))
    return Import(_note(element), _uuid(liste), registreringer)


def _registrering(element: etree._Element) -> RegistreringIn:
    attributter = child(element, names.ATTRIBUT_LISTE)
    assert attributter is not None
    livscyklus = livscyklus_of(child(element, names.LIVSCYKLUS))
    assert livscyklus is not None
    return RegistreringIn(
        tidspunkt_of(child(element, names.FRA)),
        livscyklus,
        unik_id_of(child(element, names.BRUGER_REF)),
        read_egenskaber(attributter),
    )


def _ret(element: etree._Element) -> Ret:
    attributter = child(element, names.ATTRIBUT_LISTE)
    egenskaber = read_egenskaber(attributter) if attributter is not None else None
    return Ret(_uuid(element), _note(element), egenskaber)


def _laes(element: etree._Element) -> Laes:
    return Laes(_uuid(element), _filtre(element))


def _list(element: etree._Element) -> List:
    uuids = tuple([uuid_of(one) for one in element.iterchildren(UUID_IDENTIFIKATOR)])
    if len(uuids) > MOST_LISTS:
        raise Refused(
            f"{place_of(element)}: {len(uuids)} lists are too many for one request; expected at most {MOST_LISTS}"
        )
    return List(uuids, _filtre(element))


def _slet(element: etree._Element) -> Slet:
    return Slet(_uuid(element), _note(element))


def _passiver(element: etree._Element) -> Passiver:
    return Passiver(_uuid(element), _note(element))


def _tilfoej(element: etree._Element) -> TilfoejVaerdier:
    return TilfoejVaerdier(_uuid(element), read_values(element, names.VAERDIER))


def _fjern(element: etree._Element) -> FjernVaerdier:
    return FjernVaerdier(_uuid(element), read_values(element, names.VAERDIER))


def _soeg(element: etree._Element) -> Soeg:
    foerste = integer_of(child(element, names.FOERSTE)) or 0
    maksimalt = integer_of(child(element, names.MAKSIMALT))
    objekt = child(element, names.SOEG_OBJEKT)
    if objekt is None:
        return Soeg(foerste, maksimalt)
    uuid = child(objekt, UUID_IDENTIFIKATOR)
    registrering = child(objekt, names.SOEG_REGISTRERING)
    egenskab = sought_egenskab(child(objekt, names.SOEG_ATTRIBUT_LISTE))
    virkninger = (child(objekt, names.SOEG_VIRKNING), egenskab.virkning)
    return Soeg(
        foerste=foerste,
        maksimalt=maksimalt,
        uuid=uuid_of(uuid) if uuid is not None else None,
        livscyklus=livscyklus_of(child(registrering, names.LIVSCYKLUS)),
        bruger=unik_id_of(child(registrering, names.BRUGER_REF)),
        registrering_fra=tidspunkt_of(child(registrering, names.FRA)),
        noegle=egenskab.noegle,
        navn=egenskab.navn,
        vaerdier=egenskab.vaerdier,
        virkninger=tuple(read_virkning(one) for one in virkninger if one is not None),
    )


def _uuid(element: etree._Element) -> str:
    leaf = child(element, UUID_IDENTIFIKATOR)
    assert leaf is not None
    return uuid_of(leaf)


def _note(element: etree._Element) -> str:
    return whole_text(child(element, names.NOTE)) or ""


def _filtre(element: etree._Element) -> Tidsfiltre:
    virkning_fra, virkning_til = child(element, names.VIRKNING_FRA), child(element, names.VIRKNING_TIL)
    return Tidsfiltre(
        tidspunkt_of(virkning_fra),
        tidspunkt_of(virkning_til),
        tidspunkt_of(child(element, names.REGISTRERING_FRA)),
        tidspunkt_of(child(element, names.REGISTRERING_TIL)),
        virkning_fra is not None or virkning_til is not None,
    )


_READERS: dict[Operation, Callable[[etree._Element], Request]] = {
    Operation.OPRET: _opret,
    Operation.IMPORT: _import,
    Operation.RET: _ret,
    Operation.LAES: _laes,
    Operation.SLET: _slet,
    Operation.PASSIVER: _passiver,
    Operation.LIST: _list,
    Operation.SOEG: _soeg,
    Operation.TILFOEJ_VAERDIER: _tilfoej,
    Operation.FJERN_VAERDIER: _fjern,
}
