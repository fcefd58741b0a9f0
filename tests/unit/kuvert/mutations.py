"""Small damage to a valid message, as bugs in a sender make it."""

from __future__ import annotations

import random
from copy import deepcopy

from lxml import etree

KUVERT = "urn:oio:besked:kuvert:1.0"
SAGDOK = "urn:oio:sagdok:3.0.0"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XS = "http://www.w3.org/2001/XMLSchema"
DSIG = "http://www.w3.org/2000/09/xmldsig#"

_NAMES = (
    "BeskedId",
    "Beskedtype",
    "TilladtModtager",
    "ObjektId",
    "OpgaveEmne",
    "Leveranceruter",
    "Leverancerute",
    "Modtagerhandling",
    "Responsmodtager",
    "GyldighedTil",
    "BeskedfordelerSignatur",
    "AntalLeveranceforsoeg",
    "Beskeddata",
    "UUIDIdentifikator",
    "URNIdentifikator",
    "TidsstempelDatoTid",
    "GraenseIndikator",
    "Signature",
    "Ukendt",
)
_NAMESPACES = (KUVERT, KUVERT, SAGDOK, "urn:oio:sagdok:organisation:2.0.0", "urn:fremmed", DSIG, None)
_TEXTS = (
    "",
    " ",
    "abc",
    "1",
    "-7",
    "1.0",
    "true",
    " 0 ",
    "2022-02-13T08:00:00",
    "2022-02-30T08:00:00",
    "2022-02-13",
    "2022-02-13T24:00:00Z",
    "2022-02-13T08:00:00+14:01",
    "12022-02-13T08:00:00.123456789Z",
    "-0001-01-01T00:00:00",
    "0000-01-01T00:00:00",
    "01157488-c45c-4fd2-b076-1de12effbf66",
    "æøå",
)
_TYPES = ("UnikIdType", "TidspunktType", "AktoerType", "SagDokObjektType", "string", "FiltreringsdataType")


def mutate(root: etree._Element, seed: int) -> etree._Element:
    """A copy with one to three mutations, as the seed says.  The inside of a signature is left alone."""
    rng = random.Random(seed)
    mutant = deepcopy(root)
    for _ in range(rng.choice((1, 1, 2, 3))):
        candidates = [element for element in mutant.iter("*") if element is not mutant and not _signed(element)]
        if candidates:
            rng.choice(_MUTATIONS)(rng.choice(candidates), rng)
    return mutant


def _signed(element: etree._Element) -> bool:
    return any(etree.QName(above).namespace == DSIG for above in (element, *element.iterancestors()))


def _name(namespace: str | None, name: str) -> str:
    return f"{{{namespace}}}{name}" if namespace else name


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def _drop(element: etree._Element, rng: random.Random) -> None:
    _parent(element).remove(element)


def _duplicate(element: etree._Element, rng: random.Random) -> None:
    element.addnext(deepcopy(element))


def _swap(element: etree._Element, rng: random.Random) -> None:
    parent = _parent(element)
    parent.insert(rng.randrange(len(parent)), element)


def _rename(element: etree._Element, rng: random.Random) -> None:
    element.tag = _name(etree.QName(element).namespace, rng.choice(_NAMES))


def _move_namespace(element: etree._Element, rng: random.Random) -> None:
    element.tag = _name(rng.choice(_NAMESPACES), etree.QName(element).localname)


def _write(element: etree._Element, rng: random.Random) -> None:
    element.text = rng.choice(_TEXTS)


def _write_after(element: etree._Element, rng: random.Random) -> None:
    element.tail = rng.choice(_TEXTS)


def _empty(element: etree._Element, rng: random.Random) -> None:
    del element[:]
    element.text = None


def _add(element: etree._Element, rng: random.Random) -> None:
    child = etree.Element(_name(rng.choice(_NAMESPACES), rng.choice(_NAMES)))
    child.text = rng.choice(_TEXTS)
    element.insert(rng.randrange(len(element) + 1), child)


def _attribute(element: etree._Element, rng: random.Random) -> None:
    names = ("id", f"{{{KUVERT}}}id", "{urn:fremmed}x", "{http://www.w3.org/XML/1998/namespace}lang")
    element.set(rng.choice(names), rng.choice(("", "x")))


def _instance_attribute(element: etree._Element, rng: random.Random) -> None:
    kind = rng.choice(("type", "nil", "schemaLocation", "noNamespaceSchemaLocation", "other"))
    value = rng.choice(("true", "false")) if kind == "nil" else "urn:a b.xsd"
    if kind == "type":
        holder = etree.SubElement(element, "x", nsmap={"k": KUVERT, "s": SAGDOK, "xs": XS})
        element.remove(holder)
        prefixes = {name: prefix for prefix, name in element.nsmap.items() if prefix}
        namespace = rng.choice((KUVERT, SAGDOK, XS))
        value = f"{prefixes.get(namespace, 'k')}:{rng.choice(_TYPES)}"
    element.set(f"{{{XSI}}}{kind}", value)


_MUTATIONS = (
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
    _attribute,
    _instance_attribute,
)
