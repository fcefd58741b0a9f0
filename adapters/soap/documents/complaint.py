"""A breach of the schema as one sentence: path of the element, line, value, rule, what was expected."""

from __future__ import annotations

import re

from lxml import etree

from adapters.soap.documents.names import VAERDILISTE
from broker.kuvert.complaint import complain as complain_of_envelope
from broker.kuvert.complaint import complain_briefly as complain_of_envelope_briefly

_NO_INTEGER = re.compile(r"('.*') is not a valid value of the atomic type 'xs:integer'\.", re.DOTALL)
_UNDECLARED = re.compile(r"No matching global element declaration available, but demanded by the strict wildcard\.")
_OWN_NAMESPACE = f" (in namespace {VAERDILISTE}) is not expected"
_WHITE_SPACE = re.compile(r"the text '' is not allowed; expected only elements inside (\w+)")


def complain(request: etree._Element, errors: etree._ListErrorLog) -> str:
    """One sentence on the first breach that the XSD check of a request met; how many more there are."""
    return _in_our_words(complain_of_envelope(request, errors))


def complain_briefly(request: etree._Element, error: etree._LogEntry) -> str:
    """As `complain`, for a breach met while reading the request anew from text: there is neither path
    nor line then."""
    return _in_our_words(complain_of_envelope_briefly(request, error))


def _in_our_words(rule: str) -> str:
    """What the library says in its words or the envelope's, with what to do."""
    rule = rule.replace(_OWN_NAMESPACE, " is not expected")
    rule = _WHITE_SPACE.sub(r"white space is not allowed inside; expected \1 empty", rule)
    rule = _NO_INTEGER.sub(r"\1 is not a number; expected a whole number", rule)
    return _UNDECLARED.sub("the element belongs to no schema of this service; expected LokalUdvidelse empty", rule)
