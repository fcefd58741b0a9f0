"""The attribute of a list: Egenskab, Virkning, and their likes in a search."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from lxml import etree

from adapters.soap.documents import names
from adapters.soap.documents.leaves import child, shown, stated_tidspunkt_of, tidspunkt_of, unik_id_of, whole_text
from adapters.soap.documents.place import place_of
from adapters.soap.documents.requests import Egenskab, Virkning
from adapters.soap.documents.vaerdier import read_values
from broker.errors import Refused

LONGEST_NAME = 256
"""Characters of Navn (ours)."""
_ONE_ATTRIBUTE = "a list has one name and one set of values (ours)"


class SoughtEgenskab(NamedTuple):
    """What a search asks of the attribute; None and () = nothing."""

    noegle: str | None = None
    navn: str | None = None
    vaerdier: tuple[str, ...] = ()
    virkning: etree._Element | None = None


def read_egenskaber(attributter: etree._Element) -> tuple[Egenskab, ...]:
    """The Egenskab of an AttributListe.  Raises Refused: none, several, or a name that is none."""
    egenskaber = list(attributter.iterchildren(names.EGENSKAB))
    if len(egenskaber) != 1:
        raise Refused(
            f"{place_of(attributter)}: it holds {len(egenskaber)} Egenskab; expected exactly one: {_ONE_ATTRIBUTE}"
        )
    return (_egenskab(egenskaber[0]),)


def _egenskab(element: etree._Element) -> Egenskab:
    liste = element.find(names.LISTE)
    virkning = element.find(names.VIRKNING)
    assert liste is not None  # by the schema
    assert virkning is not None
    noegle = whole_text(child(element, names.NOEGLE)) or ""
    return Egenskab(noegle, _navn(liste), read_values(liste, names.VAERDI), _stated(virkning))


def _navn(liste: etree._Element) -> str:
    leaf = liste.find(names.NAVN)
    assert leaf is not None  # by the schema
    navn = (whole_text(leaf) or "").strip()
    if not navn:
        raise Refused(f"{place_of(leaf)}: the name is empty; expected 1 to {LONGEST_NAME} characters")
    if len(navn) > LONGEST_NAME:
        raise Refused(f"{place_of(leaf)}: the name has {len(navn)} characters; expected 1 to {LONGEST_NAME}")
    if not navn.isprintable():
        raise Refused(
            f"{place_of(leaf)}: the name {shown(navn)!r} holds a character that cannot be shown; expected printable "
            "text on one line"
        )
    return navn


def _stated(element: etree._Element) -> Virkning:
    """Virkning as it is kept.  Raises Refused: a period that is none, or beyond the years that can be kept."""
    virkning = replace(
        read_virkning(element),
        fra=stated_tidspunkt_of(child(element, names.FRA)),
        til=stated_tidspunkt_of(child(element, names.TIL)),
    )
    if virkning.fra is not None and virkning.til is not None and virkning.til <= virkning.fra:
        raise Refused(f"{place_of(element)}: TilTidspunkt is not after FraTidspunkt; expected a later time")
    return virkning


def read_virkning(element: etree._Element) -> Virkning:
    """Virkning or SoegVirkning.  Raises Refused: an AktoerRef that is neither UUID nor URN."""
    return Virkning(
        tidspunkt_of(child(element, names.FRA)),
        tidspunkt_of(child(element, names.TIL)),
        unik_id_of(child(element, names.AKTOER_REF)),
        whole_text(child(element, names.AKTOER_TYPE)),
        whole_text(child(element, names.NOTE)) or "",
    )


def sought_egenskab(attributter: etree._Element | None) -> SoughtEgenskab:
    """What a SoegAttributListe asks for; an empty Navn asks for nothing (ours).  Raises Refused: several."""
    egenskaber = list(attributter.iterchildren(names.SOEG_EGENSKAB)) if attributter is not None else []
    if attributter is None or not egenskaber:
        return SoughtEgenskab()
    if len(egenskaber) > 1:
        raise Refused(
            f"{place_of(attributter)}: it holds {len(egenskaber)} SoegEgenskab; expected one at most: {_ONE_ATTRIBUTE}"
        )
    (egenskab,) = egenskaber
    liste = child(egenskab, names.LISTE)
    return SoughtEgenskab(
        noegle=whole_text(child(egenskab, names.NOEGLE)),
        navn=(whole_text(child(liste, names.NAVN)) or "").strip() or None,
        vaerdier=read_values(liste, names.VAERDI) if liste is not None else (),
        virkning=child(egenskab, names.SOEG_VIRKNING),
    )
