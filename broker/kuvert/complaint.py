"""A breach of the schema as one sentence: path of the element, value, rule, what was expected."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from broker.kuvert.names import KUVERT, SAGDOK

_STEP = re.compile(r"(?:([^:\[\]]+):)?([^\[\]]+)(?:\[(\d+)\])?\Z")
_EXPECTED = re.compile(r"Expected is (?:one of )?\((.*)\)", re.DOTALL)
_QUALIFIED = re.compile(r"\{([^}]*)\}([^\s,{}]+)")
_ATTRIBUTE = re.compile(r"attribute '(?:\{[^}]*\})?([^']*)'")
_TYPE = re.compile(r"type '(?:xs:|\{[^}]*\})?(\w+)'")
_SUBJECT = re.compile(r"^Element '(?:\{[^}]*\})?[^']*'(?:, attribute '[^']*')?: ")

_MEANING = {
    "dateTime": "a date and time as 2026-11-21T08:00:00 or 2026-11-21T08:00:00.000Z",
    "boolean": "true or false",
    "integer": "a whole number",
}
_NAMESPACES = {KUVERT: "the envelope", SAGDOK: "the identifiers"}
_LONGEST_VALUE = 100


def complain(root: etree._Element, errors: etree._ListErrorLog) -> str:
    """One sentence on the first breach that the XSD check of ``root`` met; how many more there are."""
    error = errors[0]  # the check failed, so there is one
    element = _find(root, error.path or "")
    if element is None:
        return f"{_local(root)} (line {error.line}): {_plain(error.message)}"
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{_path(element)} (line {element.sourceline}): {_rule(element, error.message)}{more}"


def _rule(element: etree._Element, message: str) -> str:
    expected = _EXPECTED.search(message)
    if "This element is not expected" in message:
        return _misplaced(element, expected[1] if expected else None)
    if "Missing child element" in message:
        return f"a child element is missing; expected {_names(expected[1] if expected else '', None)}"
    if attribute := _ATTRIBUTE.search(message):
        return f"the attribute '{attribute[1]}' is not allowed here or its value is not; expected no such attribute"
    if "Character content" in message:
        return f"the text '{_loose_text(element)}' is not allowed; expected only elements inside {_local(element)}"
    if "Element content is not allowed" in message:
        return f"the element {_local(element[0])} is not allowed inside; expected only text"
    if "is not a valid value" in message and (kind := _TYPE.search(message)):
        return f"'{_short(element.text)}' is not a valid {kind[1]}; expected {_MEANING.get(kind[1], kind[1])}"
    return _plain(message)


def _misplaced(element: etree._Element, expected: str | None) -> str:
    where = _MISPLACED_NAMESPACE.format(_namespace(element)) if _namespace(element) not in _NAMESPACES else ""
    if expected is None:
        return f"the element{where} is not expected here; expected the end of {_local(element.getparent())}"
    names = _names(expected, element)
    return f"the element{where} is not expected here (the order of elements is fixed); expected {names}"


_MISPLACED_NAMESPACE = " (namespace '{}')"


def _names(expected: str, instead_of: etree._Element | None) -> str:
    """The expected elements by name; with their namespace where that is what went wrong."""
    found = []
    for namespace, name in _QUALIFIED.findall(expected):
        wrong = instead_of is not None and namespace != _namespace(instead_of)
        found.append(f"{name} (namespace {namespace})" if wrong and namespace in _NAMESPACES else name)
    named = [name for name in found if not name.startswith("*")]
    if len(named) < len(found):
        named.append("an element of another namespace")
    return " or ".join(dict.fromkeys(named)) or "another element"


def _find(root: etree._Element, path: str) -> etree._Element | None:
    """The element that libxml2's path points at: steps as ``p:name[2]``, or ``*[2]`` in a default namespace."""
    steps = path.strip("/").split("/")
    element = root
    for step in steps[1:]:
        parts = _STEP.match(step)
        if parts is None:
            return None
        prefix, name, position = parts.groups()
        alike = [child for child in element if name == "*" or (child.prefix == prefix and _local(child) == name)]
        index = int(position or 1) - 1
        if index >= len(alike):
            return None
        element = alike[index]
    return element


def _path(element: etree._Element) -> str:
    return "/".join(reversed(list(_steps(element))))


def _steps(element: etree._Element | None) -> Iterator[str]:
    while element is not None:
        parent = element.getparent()
        name = _local(element)
        if parent is not None and len(alike := [child for child in parent if child.tag == element.tag]) > 1:
            name += f"[{alike.index(element) + 1}]"
        yield name
        element = parent


def _local(element: etree._Element | None) -> str:
    return etree.QName(element).localname[:_LONGEST_VALUE] if element is not None else "the document"


def _namespace(element: etree._Element) -> str:
    return (etree.QName(element).namespace or "")[:_LONGEST_VALUE]


def _loose_text(element: etree._Element) -> str:
    pieces = [element.text, *(child.tail for child in element)]
    return next((_short(piece) for piece in pieces if piece and piece.strip()), "")


def _short(value: str | None) -> str:
    value = (value or "").strip()
    return value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"


def _plain(message: str | None) -> str:
    """The library's own words, without its way of naming the element."""
    return _QUALIFIED.sub(r"\2", _SUBJECT.sub("", message or "does not follow the schema")).strip()[:500]
