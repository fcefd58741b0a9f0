"""Letters as XML: one element for each field, in the order of the model; what there is none of is not written."""

from __future__ import annotations

import re
from datetime import date
from enum import Enum
from io import BytesIO
from typing import Any

from lxml import etree

from consumers.standards.fields import Blok
from consumers.standards.findings import masked, shown
from consumers.standards.letters import Brev
from consumers.standards.paths import Loc, order
from consumers.standards.reading import BAD, MAX_BYTES, Found, names_of, nearest, refuse
from consumers.standards.shape import NS, Leaf, Member, Shape, by_root, shape_of

__all__ = ["NS", "read_xml_letter", "write_xml"]

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_HINTS = frozenset({f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"})
"""Attributes that say nothing about the letter; schemas allow them everywhere."""
_WHITE = " \t\n\r"
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_HUGE = 9_000_000
"""From so many bytes on, a text may be longer than libxml2 takes without being asked."""


def write_xml(brev: Brev, *, declaration: bool = False, indent: bool = False) -> bytes:
    """The letter in UTF-8; ``declaration`` puts ``<?xml …?>`` before it, ``indent`` is for people."""
    shape = shape_of(type(brev))
    parts = ["<?xml version='1.0' encoding='UTF-8'?>\n"] if declaration else []
    parts.append(f'<{shape.navn} xmlns="{NS}">')
    _write(brev, shape, parts, "\n  " if indent else "")
    parts.append(f"{chr(10) if indent else ''}</{shape.navn}>")
    return "".join(parts).encode()


def _write(blok: Blok, shape: Shape, parts: list[str], margin: str) -> None:
    for member in shape.members:
        value = getattr(blok, member.name)
        if value is None:
            continue
        for each in value if member.many else (value,):
            parts.append(f"{margin}<{member.element}>")
            if member.block:
                _write(each, member.block, parts, margin and f"{margin}  ")
                parts.append(f"{margin}</{member.element}>")
            else:
                parts.append(f"{_text(each)}</{member.element}>")


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return _escaped(str(value.value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return _escaped(str(value))


def _escaped(text: str) -> str:
    """A carriage return is written as a reference: a parser would make a line feed of it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def read_xml_letter(document: bytes | etree._Element) -> Brev:
    """The letter that a document, or an element within one, holds.

    The elements must stand in the order of the standard.  xsi:schemaLocation is passed over; no other attribute, no
    DTD.  Raises InvalidLetter with all findings.
    """
    root = _parsed(document) if isinstance(document, bytes) else document
    shape = by_root().get(str(root.tag))
    if shape is None:
        raise _no_letter(str(root.tag))
    found = Found(shape, "xml")
    return found.build(_block(root, shape, (), found))


def _parsed(document: bytes) -> etree._Element:
    if len(document) > MAX_BYTES:
        raise refuse("xml", "size", f"the document has {len(document)} bytes; at most {MAX_BYTES} are taken")
    huge = len(document) > _HUGE
    try:
        if huge:  # the guards of libxml2 against entities are off then: see that there are none
            _, first = next(etree.iterparse(BytesIO(document), events=("start",), resolve_entities=False))
            _no_dtd(first)
        root = etree.fromstring(document, _parser(huge))
    except etree.XMLSyntaxError as error:
        line, column = error.position
        text = str(error.msg).partition(", line ")[0]
        raise refuse("xml", "syntax", f"is not well-formed XML: line {line}, column {column}: {masked(text)}") from None
    _no_dtd(root)
    return root


def _parser(huge: bool) -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=huge)


def _no_dtd(root: etree._Element) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise refuse("xml", "dtd", "has a DTD (<!DOCTYPE …>); take it out: a letter has none, and no entities")


def _no_letter(tag: str) -> Exception:
    name, namespace = _split(tag)
    known = [shape.navn for shape in by_root().values()]
    if name in known:
        return refuse("xml", "namespace", f'{name} is in {_spoken(namespace)}; expected xmlns="{NS}"', namespace)
    hint = nearest(name, known)
    if name == "Haendelsesbesked":
        hint = "; this is a whole message: the letter is what stands in its Beskeddata"
    text = f"the root element is '{shown(name)}'; expected one of the letters: {', '.join(known)}{hint}"
    return refuse("xml", "root", text, shown(name))


def _split(tag: str) -> tuple[str, str]:
    namespace, brace, name = tag.removeprefix("{").rpartition("}")
    return (name, namespace) if brace else (tag, "")


def _spoken(namespace: str) -> str:
    return f"namespace '{shown(namespace)}'" if namespace else "no namespace"


def _block(element: etree._Element, shape: Shape, loc: Loc, found: Found) -> dict[str, Any]:
    data: dict[str, Any] = {}
    last: Member | None = None
    ordered = True
    if element.attrib:
        _attributes(element, loc, found)
    stray = element.text or ""
    for child in element:
        stray += child.tail or ""
        tag = child.tag
        if not isinstance(tag, str):
            _aside(child, loc, found)
            continue
        member = shape.by_tag.get(tag)
        if member is None:
            _stranger(tag, shape, last, loc, found)
            continue
        if last is not None and not (member.place > last.place or (member is last and member.many)):
            again = not member.many and member.json in data
            if again or ordered:  # the order is said once: one element too early puts all behind it out of order
                _misplaced(member, last, again, loc, found)
            if again:
                continue
            ordered = False
        else:
            last = member
        if not member.many:
            data[member.json] = _child(child, member, (*loc, member.json), found)
            continue
        entries = data.setdefault(member.json, [])
        entries.append(_child(child, member, (*loc, member.json, len(entries)), found))
    if stray.strip(_WHITE):
        found.note(loc, "unknown", f"has the text '{shown(stray.strip(_WHITE))}' between its elements; take it out")
    return data


def _child(child: etree._Element, member: Member, loc: Loc, found: Found) -> Any:
    if member.block:
        return _block(child, member.block, loc, found)
    if child.attrib:
        _attributes(child, loc, found)
    text = child.text or ""
    for inner in child:
        if isinstance(inner.tag, str):
            name = _split(inner.tag)[0]
            found.note(loc, "type", f"has the element '{shown(name)}' in it; expected a value only", shown(name))
            return BAD
        _aside(inner, loc, found)
        text += inner.tail or ""
    assert member.leaf is not None
    return _typed(text, member.leaf, loc, found) if member.leaf.kind in ("whole", "yes") else text


def _typed(text: str, leaf: Leaf, loc: Loc, found: Found) -> Any:
    """Numbers and booleans, with white space about them as XML Schema allows."""
    bare = text.strip(_WHITE)
    if leaf.kind == "whole":
        if _WHOLE.fullmatch(bare):
            return int(bare)
        expected = f"a whole number from {leaf.low} to {leaf.high}, without sign and leading zeros"
    else:
        if bare in ("true", "false"):
            return bare == "true"
        expected = "true or false"
    found.note(loc, "lexical", f"'{shown(text)}' is not {expected}", shown(text))
    return BAD


def _attributes(element: etree._Element, loc: Loc, found: Found) -> None:
    for key in map(str, element.keys()):
        if key not in _HINTS:
            name, namespace = _split(key)
            whose = f" of {_spoken(namespace)}" if namespace else ""
            found.note(
                loc, "attribute", f"has the attribute '{shown(name)}'{whose}; elements have no attributes", shown(name)
            )


def _aside(node: etree._Element, loc: Loc, found: Found) -> None:
    """Comments and processing instructions are passed over; an entity is not."""
    if node.tag is etree.Entity:
        found.note(loc, "dtd", f"has the entity {shown(str(node.text))}; write the text itself", shown(str(node.text)))


def _stranger(tag: str, shape: Shape, last: Member | None, loc: Loc, found: Found) -> None:
    name, namespace = _split(tag)
    at = (*order(found.root, loc), 2 * last.place + 1 if last else -1, -1)
    names = names_of(shape.members, "xml")
    if name in names and namespace != NS:
        text = f"{name} is in {_spoken(namespace)}; expected {NS}"
        found.stranger(loc, name, "namespace", text, shown(namespace), at)
        return
    what = f"{shape.navn} has no element '{shown(name)}'{nearest(name, names)}"
    found.stranger(loc, name, "unknown", what, shown(name), at)


def _misplaced(member: Member, last: Member, again: bool, loc: Loc, found: Found) -> None:
    at = (*order(found.root, loc), 2 * last.place + 1, -1)
    place = (*loc, member.json)
    if again:
        found.note(place, "single", f"{member.element} stands here again; it may stand once", at=at)
        return
    together = f"; all {member.element} stand together" if member.many else ""
    text = f"{member.element} stands after {last.element} and belongs before it{together}: the order is the standard's"
    found.note(place, "order", text, at=at)
