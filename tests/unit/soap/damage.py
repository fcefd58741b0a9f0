"""Small damage to a valid request or answer, as bugs in a sender make it."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy

from lxml import etree

VAERDILISTE = "urn:oio:sts:beskedfordeler:vaerdiliste:1.0.0"
FEJLKOE = "urn:oio:sts:beskedfordeler:1.0.0"
SAGDOK = "urn:oio:sagdok:3.0.0"
KUVERT = "urn:oio:besked:kuvert:1.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XS = "http://www.w3.org/2001/XMLSchema"

_NAMES = (
    "UUIDIdentifikator",
    "URNIdentifikator",
    "NoteTekst",
    "AttributListe",
    "TilstandListe",
    "RelationListe",
    "SoegRelationListe",
    "SoegObjekt",
    "SoegEgenskab",
    "SoegVirkning",
    "Egenskab",
    "Vaerdiliste",
    "Vaerdi",
    "Vaerdier",
    "Navn",
    "Virkning",
    "FraTidspunkt",
    "TidsstempelDatoTid",
    "GraenseIndikator",
    "LokalUdvidelse",
    "Registrering",
    "RegistreringBesked",
    "LivscyklusKode",
    "StatusKode",
    "FejlbeskedTekst",
    "LaesResultat",
    "FiltreretOejebliksbillede",
    "IdListe",
    "OpretInput",
    "SoegOutput",
    "Ukendt",
)
_NAMESPACES = (VAERDILISTE, VAERDILISTE, SAGDOK, SAGDOK, KUVERT, FEJLKOE, "urn:fremmed", None)
_TEXTS = (
    "",
    " ",
    "\n  ",
    "abc",
    "20",
    "-7",
    " 007 ",
    "1.5",
    "true",
    "Opstaaet",
    " Rettet",
    "ItSystem",
    "2022-02-13T08:00:00",
    "2022-02-30T08:00:00",
    "2022-02-13T24:00:00Z",
    "12022-02-13T08:00:00.123456789Z",
    "-0001-01-01T00:00:00",
    "01157488-c45c-4fd2-b076-1de12effbf66",
    "æøå",
)
_TYPES = (
    "UnikIdType",
    "TidspunktType",
    "SagDokObjektType",
    "RegistreringType",
    "VirkningType",
    "VaerdilisteType",
    "VaerdiElementType",
    "OpretInputType",
    "BasicOutputType",
    "LokalUdvidelseType",
    "LivscyklusKodeType",
    "string",
    "token",
)
Rng = random.Random


def damage(root: etree._Element, seed: int) -> etree._Element:
    """A copy with one to three faults, as the seed says."""
    rng = random.Random(seed)
    damaged = deepcopy(root)
    for _ in range(rng.choice((1, 1, 2, 3))):
        candidates = [element for element in damaged.iter("*") if element is not damaged]
        if candidates:
            rng.choice(_FAULTS)(rng.choice(candidates), rng)
    return damaged


def _name(namespace: str | None, name: str) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def _drop(element: etree._Element, rng: Rng) -> None:
    _parent(element).remove(element)


def _duplicate(element: etree._Element, rng: Rng) -> None:
    element.addnext(deepcopy(element))


def _swap(element: etree._Element, rng: Rng) -> None:
    parent = _parent(element)
    parent.insert(rng.randrange(len(parent)), element)


def _rename(element: etree._Element, rng: Rng) -> None:
    element.tag = _name(etree.QName(element).namespace, rng.choice(_NAMES))


def _move_namespace(element: etree._Element, rng: Rng) -> None:
    element.tag = _name(rng.choice(_NAMESPACES), etree.QName(element).localname)


def _write(element: etree._Element, rng: Rng) -> None:
    element.text = rng.choice(_TEXTS)


def _write_after(element: etree._Element, rng: Rng) -> None:
    element.tail = rng.choice(_TEXTS)


def _empty(element: etree._Element, rng: Rng) -> None:
    del element[:]
    element.text = None


def _add(element: etree._Element, rng: Rng) -> None:
    child = etree.Element(_name(rng.choice(_NAMESPACES), rng.choice(_NAMES)))
    child.text = rng.choice(_TEXTS)
    element.insert(rng.randrange(len(element) + 1), child)


def _extend(element: etree._Element, rng: Rng) -> None:
    """Something in a LokalUdvidelse, where what is declared may stand."""
    places = list(element.getroottree().getroot().iter(f"{{{SAGDOK}}}LokalUdvidelse"))
    if not places:
        return _add(element, rng)
    inside = etree.SubElement(rng.choice(places), _name(rng.choice(_NAMESPACES), rng.choice(_NAMES)))
    if rng.random() < 0.5:
        etree.SubElement(inside, _name(VAERDILISTE, rng.choice(_NAMES)))
    return None


def _attribute(element: etree._Element, rng: Rng) -> None:
    names = ("id", f"{{{VAERDILISTE}}}id", "{urn:fremmed}x", "{http://www.w3.org/XML/1998/namespace}lang")
    element.set(rng.choice(names), rng.choice(("", "x")))


def _instance_attribute(element: etree._Element, rng: Rng) -> None:
    kind = rng.choice(("type", "nil", "schemaLocation", "noNamespaceSchemaLocation", "other"))
    value = rng.choice(("true", "false")) if kind == "nil" else "urn:a b.xsd"
    if kind == "type":
        holder = etree.SubElement(element, "x", nsmap={"v": VAERDILISTE, "s": SAGDOK, "xs": XS})
        element.remove(holder)
        prefixes = {name: prefix for prefix, name in element.nsmap.items() if prefix}
        value = f"{prefixes.get(rng.choice((VAERDILISTE, SAGDOK, XS)), 'v')}:{rng.choice(_TYPES)}"
    element.set(f"{{{XSI}}}{kind}", value)


_FAULTS: tuple[Callable[[etree._Element, Rng], None], ...] = (
    _drop,
    _drop,
    _duplicate,
    _swap,
    _rename,
    _move_namespace,
    _write,
    _write,
    _write_after,
    _empty,
    _add,
    _extend,
    _attribute,
    _instance_attribute,
)
