"""A breach of the schema as one sentence: path of the element, line, value, rule, what was expected."""

from __future__ import annotations

import re

from lxml import etree

from adapters.soap.documents.names import VAERDILISTE
from adapters.soap.documents.operation import is_request
from adapters.soap.documents.place import local
from broker.kuvert.complaint import complain as complain_of_envelope

_LONGEST_RULE = 500
_QUALIFIED = re.compile(r"\{[^}]*\}([^\s,{}]+)")
_NO_VALUE_OF = re.compile(
    r"(?:\[facet 'enumeration'\] )?The value ('.*') is not an element of the set \{('[^}]*')\}\.(?: \(\d+ more\))?",
    re.DOTALL,
)
_NO_INTEGER = re.compile(r"('.*') is not a valid value of the atomic type 'xs:integer'\.", re.DOTALL)
_UNDECLARED = re.compile(r"No matching global element declaration available, but demanded by the strict wildcard\.")
_OWN_NAMESPACE = f" (in namespace {VAERDILISTE}) is not expected"


def complain(request: etree._Element, errors: etree._ListErrorLog) -> str:
    """One sentence on the first breach that the XSD check of a request met; how many more there are."""
    text = complain_of_envelope(request, errors)
    path, separator, rule = text.partition(": ")
    above = "".join(f"{local(element)}/" for element in reversed(list(request.iterancestors())))
    return path.removeprefix(above) + separator + _in_our_words(rule)


def complain_briefly(request: etree._Element, errors: etree._ListErrorLog) -> str:
    """As `complain`, for errors met while reading the request anew from text: there is no path then."""
    assert is_request(request)
    error = errors[0]
    line = f" (line {(request.sourceline or 1) + error.line - 1})" if error.line else ""
    said = _QUALIFIED.sub(r"\1", error.message or "does not follow the schema").strip()[:_LONGEST_RULE]
    return f"{local(request)}{line}: {_in_our_words(said)}"


def _in_our_words(rule: str) -> str:
    """What the library says in its own words, with what to do."""
    rule = rule.replace(_OWN_NAMESPACE, " is not expected")
    rule = _NO_VALUE_OF.sub(_expected_values, rule)
    rule = _NO_INTEGER.sub(r"\1 is not a number; expected a whole number", rule)
    return _UNDECLARED.sub("the element belongs to no schema of this service; expected LokalUdvidelse empty", rule)


def _expected_values(match: re.Match[str]) -> str:
    return f"{match[1]} is not one of its values; expected {match[2].replace(chr(39), '')}"
