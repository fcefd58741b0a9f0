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
_SUBJECT = re.compile(r"^Element '(?:\{[^}]*\})?[^']*'(?:, attribute '[^']*')?: ")

_WRONG_VALUE = "SCHEMAV_CVC_DATATYPE_VALID_1_2_1"
_KINDS = {
    "TidsstempelDatoTid": ("dateTime", "a date and time as 2026-11-21T08:00:00 or 2026-11-21T08:00:00.000Z"),
    "GraenseIndikator": ("boolean", "true or false"),
    "AntalLeveranceforsoeg": ("integer", "a whole number"),
}
_NAMESPACES = (KUVERT, SAGDOK)
_NAME = r"\2"
_LONGEST_VALUE = 100


def complain(root: etree._Element, errors: etree._ListErrorLog) -> str:
    """One sentence on the first breach that the XSD check of ``root`` met; how many more there are."""
    error = errors[0]  # the check failed, so there is one
    element = _find(root, error.path or "")
    if element is None:
        return f"{_local(root)} (line {error.line}): {_plain(error.message)}"
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{_path(element)} (line {element.sourceline}): {_rule(element, error.type_name, error.message)}{more}"


def complain_briefly(root: etree._Element, error: etree._LogEntry) -> str:
    """As `complain`, for a breach that was met while reading: there is neither path nor line then."""
    return f"{_local(root)}: {_QUALIFIED.sub(_NAME, error.message or '').strip()[:500]}"


def _rule(element: etree._Element, rule: str, message: str) -> str:
    if rule == _WRONG_VALUE and (kind := _KINDS.get(_local(element))):
        return f"'{_short(element.text)}' is not a valid {kind[0]}; expected {kind[1]}"
    expected = _EXPECTED.search(message)
    if "This element is not expected" in message:
        return _misplaced(element, expected[1] if expected else None)
    if "Missing child element" in message:
        return f"a child element is missing; expected {_names(expected[1] if expected else '', None)}"
    if attribute := _ATTRIBUTE.search(message):
        allowed = "not allowed" if "is not allowed" in message else f"wrong ({_plain(message)})"
        return f"the attribute '{attribute[1]}' is {allowed}; expected an element without it"
    if "Character content" in message:
        return f"the text '{_loose_text(element)}' is not allowed; expected only elements inside {_local(element)}"
    if "Element content is not allowed" in message:
        return f"the element {_local(element[0])} is not allowed inside; expected only text"
    return _plain(message)


def _misplaced(element: etree._Element, expected: str | None) -> str:
    where = "" if _namespace(element) in _NAMESPACES else f" (in {_in_namespace(_namespace(element))})"
    if expected is None:
        return f"the element{where} is not expected here; expected the end of {_local(element.getparent())}"
    names = _names(expected, element)
    return f"the element{where} is not expected here (the order of elements is fixed); expected {names}"


def _in_namespace(namespace: str) -> str:
    return f"namespace {namespace}" if namespace else "no namespace"


def _names(expected: str, instead_of: etree._Element | None) -> str:
    """The expected elements by name; with their namespace where that is what went wrong."""
    found = [(namespace, name) for namespace, name in _QUALIFIED.findall(expected) if not name.startswith("*")]
    names = list(dict.fromkeys(name for _, name in found))
    if "*" in expected:
        names.append("an element of another namespace")
    wanted = {namespace for namespace, _ in found}
    if instead_of is not None and len(wanted) == 1 and _namespace(instead_of) not in wanted:
        names[-1] += f" (in {_in_namespace(wanted.pop())})"
    return " or ".join(names) or "another element"


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
    return _QUALIFIED.sub(_NAME, _SUBJECT.sub("", message or "does not follow the schema")).strip()[:500]
