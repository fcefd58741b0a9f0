"""A SOAP request as a tree: parsed safely, and its parts found.  Pure, and safe from any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from lxml import etree

from adapters.soap.faults import Code, SoapFault
from adapters.sts.names import SOAP_11, SOAP_12, WSA, WSSE
from broker.errors import Refused
from broker.kuvert.limits import Limits
from broker.kuvert.prolog import check_prolog
from broker.kuvert.tree import read_tree

MIB = 1024 * 1024
LIMITS = Limits(max_bytes=64 * MIB, max_depth=300, max_marks=2_100_000)
"""Enough for a list of 1,000,000 values in one call, and for an envelope around the deepest message."""

_LIBERTY = ("urn:liberty:sb", "urn:liberty:sb:2006-08")
"""Framework, which the clients of OIO IDWS send; nothing here depends on what it says."""
_UNDERSTOOD = frozenset((WSSE, WSA, *_LIBERTY))
_TRUE = ("1", "true")
_TO_US = {
    SOAP_11: (f"{{{SOAP_11}}}actor", ("", "http://schemas.xmlsoap.org/soap/actor/next")),
    SOAP_12: (f"{{{SOAP_12}}}role", ("", f"{SOAP_12}/role/next", f"{SOAP_12}/role/ultimateReceiver")),
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was sent; only its form is known to be right."""

    soap: str
    """Namespace of the SOAP version."""
    root: etree._Element
    header: etree._Element | None
    body: etree._Element
    request: etree._Element
    """The only element in the body."""


def parse(data: bytes) -> Envelope:
    """The parts of a request.  Raises SoapFault: not XML, not SOAP, not one request, a header that must be understood.

    Comments and processing instructions are left out.
    """
    root = _read(data)
    name = etree.QName(root)
    if name.localname != "Envelope":
        _malformed(f"the request is a {_shown(root)}; expected the Envelope of SOAP 1.1 or 1.2")
    if name.namespace not in _TO_US:
        text = f"the Envelope is of {str(name.namespace)[:120]!r}; expected SOAP 1.1 ({SOAP_11}) or 1.2 ({SOAP_12})"
        raise SoapFault(Code.VERSION_MISMATCH, text)
    soap = name.namespace
    header, body = _parts(root, soap)
    if header is not None:
        _check_understood(header, soap)
    if len(body) != 1:
        _malformed(f"the Body holds {len(body)} elements; expected one, the input of an operation")
    return Envelope(soap, root, header, body, body[0])


def _read(data: bytes) -> etree._Element:
    try:
        check_prolog(data, LIMITS)
        return read_tree(data, LIMITS)
    except Refused as refusal:
        # they speak of messages as a rule
        _malformed(str(refusal).replace("the message", "the request").replace("Haendelsesbesked", "Envelope"))


def _parts(root: etree._Element, soap: str) -> tuple[etree._Element | None, etree._Element]:
    header, body = f"{{{soap}}}Header", f"{{{soap}}}Body"
    match [child.tag for child in root]:
        case [first, second] if (first, second) == (header, body):
            return root[0], root[1]
        case [only] if only == body:
            return None, root[0]
    _malformed("the Envelope does not hold a Header (or none) and then a Body, both of its own SOAP version")


def _check_understood(header: etree._Element, soap: str) -> None:
    whom, us = _TO_US[soap]
    for entry in header:
        must = entry.get(f"{{{soap}}}mustUnderstand", "") in _TRUE and entry.get(whom, "") in us
        if must and etree.QName(entry).namespace not in _UNDERSTOOD:
            text = f"the header {_shown(entry)} must be understood, and is not; WS-Security and WS-Addressing are"
            raise SoapFault(Code.MUST_UNDERSTAND, text)


def _shown(element: etree._Element) -> str:
    return element.tag[:120]


def _malformed(text: str) -> NoReturn:
    raise SoapFault(Code.CLIENT, text)
