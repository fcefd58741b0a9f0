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
_ENUMERATION = re.compile(
    r"(?:\[facet 'enumeration'\] )?The value '(.*)' is not an element of the set \{(.*)\}\.", re.DOTALL
)
_MEMBER = re.compile(r"'([^']*)'")

_WRONG_VALUE = "SCHEMAV_CVC_DATATYPE_VALID_1_2_1"
_NO_MEMBER = "SCHEMAV_CVC_ENUMERATION_VALID"
_KINDS = {
    "TidsstempelDatoTid": ("dateTime", "a date and time as 2026-11-21T08:00:00 or 2026-11-21T08:00:00.000Z"),
    "GraenseIndikator": ("boolean", "true or false"),
    "AntalLeveranceforsoeg": ("integer", "a whole number"),
}
_NAMESPACES = (KUVERT, SAGDOK)
_NAME = r"\2"
_LONGEST_VALUE = 100
_LONGEST_SUBJECT = 300


def complain(root: etree._Element, errors: etree._ListErrorLog) -> str:
    """One sentence on the first breach that the XSD check of ``root`` met; how many more there are.

    Paths begin at ``root``, whatever stands above it.
    """
    error = errors[0]  # the check failed, so there is one
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    element = _find(root, error)
    if element is None:
        return f"{_local(root)} (line {error.line}): {_whole(error)}{more}"
    return f"{_path(element, root)} (line {element.sourceline}): {_rule(element, error)}{more}"


def complain_briefly(root: etree._Element, error: etree._LogEntry) -> str:
    """As `complain`, for a breach that was met while reading: there is neither path nor line then."""
    return f"{_local(root)}: {_whole(error)}"


def _rule(element: etree._Element, error: etree._LogEntry) -> str:
    """Only the beginning of what the library says is looked at: it may quote the sender."""
    subject = _SUBJECT.match(error.message)
    said = error.message[subject.end() :] if subject else error.message
    if subject and (attribute := _ATTRIBUTE.search(subject[0])):
        allowed = "not allowed" if said.startswith("The attribute") else f"wrong ({_plain(error)})"
        return f"the attribute '{attribute[1]}' is {allowed}; expected an element without it"
    if error.type_name == _WRONG_VALUE and (kind := _KINDS.get(_local(element))):
        return f"'{_short(_value(element))}' is not a valid {kind[0]}; expected {kind[1]}"
    expected = _EXPECTED.search(said)
    if said.startswith("This element is not expected"):
        return _misplaced(element, expected[1] if expected else None)
    if said.startswith("Missing child element"):
        return f"a child element is missing; expected {_names(expected[1] if expected else '', None)}"
    if said.startswith("Character content"):
        return f"the text '{_loose_text(element)}' is not allowed; expected only elements inside {_local(element)}"
    if said.startswith("Element content is not allowed"):
        return f"the element {_local(next(element.iterchildren('*'), None))} is not allowed inside; expected only text"
    return _plain(error)


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


def _find(root: etree._Element, error: etree._LogEntry) -> etree._Element | None:
    """The element that libxml2's path points at: steps as ``p:name[2]``, or ``*[2]`` in a default namespace."""
    element = root
    for step in (error.path or "").strip("/").split("/")[1:]:
        parts = _STEP.match(step)
        if parts is None:
            return None
        alike = [child for child in element.iterchildren("*") if _is_alike(child, parts[1], parts[2])]
        index = int(parts[3] or 1) - 1
        if index >= len(alike):
            return None
        element = alike[index]
    return element if error.message.startswith(f"Element '{element.tag}'") else None


def _is_alike(element: etree._Element, prefix: str | None, name: str) -> bool:
    if prefix is None:
        return name in ("*", element.tag)
    return element.prefix == prefix and etree.QName(element).localname == name


def _path(element: etree._Element, root: etree._Element) -> str:
    return "/".join(reversed(list(_steps(element, root))))


def _steps(element: etree._Element, root: etree._Element) -> Iterator[str]:
    while element is not root and (parent := element.getparent()) is not None:
        alike = list(parent.iterchildren(element.tag))
        yield _local(element) + (f"[{alike.index(element) + 1}]" if len(alike) > 1 else "")
        element = parent
    yield _local(element)


def _local(element: etree._Element | None) -> str:
    return etree.QName(element).localname[:_LONGEST_VALUE] if element is not None else "the document"


def _namespace(element: etree._Element) -> str:
    return (etree.QName(element).namespace or "")[:_LONGEST_VALUE]


def _texts(element: etree._Element) -> Iterator[str]:
    """The texts between the child elements, whole where comments and processing instructions stand in them."""
    text = element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            yield text
            text = ""
        text += child.tail or ""
    yield text


def _value(element: etree._Element) -> str:
    return "".join(_texts(element))


def _loose_text(element: etree._Element) -> str:
    return next((_short(text) for text in _texts(element) if text.strip()), "")


def _short(value: str) -> str:
    value = value.strip()
    return value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + "…"


def _plain(error: etree._LogEntry) -> str:
    """The library's own words, without its way of naming the element; of an enumeration its values."""
    said = _SUBJECT.sub("", error.message)
    if error.type_name == _NO_MEMBER and (found := _ENUMERATION.match(said)):
        members = ", ".join(_MEMBER.findall(found[2]))
        return f"'{_short(found[1])}' is not one of its values; expected one of {members}"
    return _named(said).strip()[:500]


def _whole(error: etree._LogEntry) -> str:
    """As `_plain`, with the element's name: there is nothing else to know it by."""
    subject = _SUBJECT.match(error.message)
    return (_named(subject[0])[:_LONGEST_SUBJECT] if subject else "") + _plain(error)


def _named(message: str) -> str:
    return _QUALIFIED.sub(_NAME, message)
