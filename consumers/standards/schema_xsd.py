"""XML Schema 1.0 of the XML form, made of the models.

Texts and codes are restrictions of xs:string, which leaves white space alone; dates and times, too, because xs:date
would take what the reader refuses (zones, white space around it, a year 0).  Numbers and booleans are xs:integer and
xs:boolean, written in one way only; white space around them is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from consumers.standards.shape import BLANK_CLASS, NS, Leaf, Member, Shape, letter_shapes

_XS = "http://www.w3.org/2001/XMLSchema"
_NOT_BLANK = rf"[{BLANK_CLASS}]*[^{BLANK_CLASS}][\s\S]*"
_WHOLE = "0|[1-9][0-9]*"


def xsd() -> bytes:
    namespaces: dict[Any, str] = {"xs": _XS, None: NS}
    root = etree.Element(f"{{{_XS}}}schema", nsmap=namespaces)
    root.set("targetNamespace", NS)
    root.set("elementFormDefault", "qualified")
    _documented(root, "The letters of the nine beskedstandarder in XML. Made of the models; do not edit.")
    for standard, shape in letter_shapes().items():
        _documented(_put(root, "element", name=shape.navn, type=shape.navn), standard.navn)
    for shape in blocks():
        _complex(root, shape)
    for leaf in leaves():
        _simple(_put(root, "simpleType", name=leaf.navn), leaf)
    etree.indent(root)
    return etree.tostring(root, encoding="US-ASCII", xml_declaration=True) + b"\n"


def blocks() -> Iterator[Shape]:
    """Every block once: the letters, then what they are made of."""
    letters = {shape.navn: shape for shape in letter_shapes().values()}
    parts = {inner.navn: inner for shape in letters.values() for inner in shape.blocks()}
    yield from (letters | {navn: part for navn, part in sorted(parts.items()) if navn not in letters}).values()


def leaves() -> Iterator[Leaf]:
    """Every named type of a value once."""
    found: dict[str, Leaf] = {}
    for shape in blocks():
        for member in shape.members:
            if member.leaf and member.leaf.navn and not narrow(member.leaf):
                found.setdefault(member.leaf.navn, member.leaf)
    yield from (found[navn] for navn in sorted(found))


def narrow(leaf: Leaf) -> bool:
    """A number with limits of its own, for which there is no type."""
    return leaf.kind == "whole" and leaf.high != 1_000_000


def _put(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_XS}}}{tag}", attributes)


def _documented(element: etree._Element, text: str) -> None:
    _put(_put(element, "annotation"), "documentation").text = text


def _complex(root: etree._Element, shape: Shape) -> None:
    kind = _put(root, "complexType", name=shape.navn)
    if doc := shape.doc:
        _documented(kind, doc)
    sequence = _put(kind, "sequence")
    for member in shape.members:
        _element(sequence, member)


def _element(sequence: etree._Element, member: Member) -> None:
    element = _put(sequence, "element", name=member.element)
    if member.low != 1:
        element.set("minOccurs", str(member.low))
    if member.high != 1:
        element.set("maxOccurs", str(member.high))
    _documented(element, f"{member.doc} [{member.kilde}]")
    if member.block:
        element.set("type", member.block.navn)
    elif member.leaf and member.leaf.navn and not narrow(member.leaf):
        element.set("type", member.leaf.navn)
    elif member.leaf:
        _simple(_put(element, "simpleType"), member.leaf)


def _simple(kind: etree._Element, leaf: Leaf) -> None:
    match leaf.kind:
        case "whole":
            _restricted(kind, "integer", pattern=_WHOLE, minInclusive=str(leaf.low), maxInclusive=str(leaf.high))
        case "yes":
            _restricted(kind, "boolean", pattern="true|false")
        case "code":
            restriction = _restricted(kind, "string")
            for value, navn in leaf.values:
                enumeration = _put(restriction, "enumeration", value=value)
                if navn:
                    _documented(enumeration, navn)
        case "form":
            assert leaf.form
            _documented(kind, leaf.form.expected)
            limit = {"maxLength": str(leaf.limit)} if leaf.limit else {}
            _restricted(kind, "string", **limit, pattern=leaf.form.pattern)
        case "text":
            _restricted(kind, "string", maxLength=str(leaf.limit), pattern=_NOT_BLANK)


def _restricted(kind: etree._Element, base: str, **facets: str) -> etree._Element:
    restriction = _put(kind, "restriction", base=f"xs:{base}")
    for facet, value in facets.items():
        _put(restriction, facet, value=value)
    return restriction
