"""A SOAP request as a tree: parsed safely, and its parts found at the one place where each may stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, cast

from lxml import etree

from adapters.sts.faults import Code, SoapFault, unsound
from adapters.sts.names import SOAP_11, SOAP_12, WSA, WSSE, WSU
from broker.tokens.names import DS

MAX_SIZE = 128 * 1024
"""Octets; the public clients send about 12,000."""
MAX_DEPTH = 64

_too_deep = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")
_ids = etree.XPath("//@*[local-name()='ID' or local-name()='Id' or local-name()='id']", smart_strings=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was sent, before anything of it is known to be true."""

    soap: str
    """Namespace of the SOAP version."""
    root: etree._Element
    body: etree._Element
    security: etree._Element
    timestamp: etree._Element
    binary_token: etree._Element
    signature: etree._Element
    addressing: dict[str, etree._Element]
    """The WS-Addressing headers by local name; To, Action and MessageID once at most."""


def make_parser() -> etree.XMLParser:
    """A parser that loads nothing and expands nothing, and drops comments, which signatures do not cover."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        strip_cdata=True,
    )


def parse(data: bytes) -> tuple[str, etree._Element]:
    """The SOAP version (its namespace) and the root of a request.  Raises SoapFault."""
    if len(data) > MAX_SIZE:
        _malformed(f"the request is {len(data)} bytes; expected at most {MAX_SIZE}")
    if b"<!DOCTYPE" in data:
        _malformed("the request has a DOCTYPE; SOAP has none")
    try:
        root = etree.fromstring(data, make_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        _malformed(f"the request is not well-formed XML in UTF-8: {(str(error).splitlines() or [''])[0][:120]}")
    docinfo = root.getroottree().docinfo
    if docinfo.internalDTD is not None or docinfo.externalDTD is not None:
        _malformed("the request has a DOCTYPE; SOAP has none")
    if _too_deep(root) or next(root.iter(etree.ProcessingInstruction, etree.Entity), None) is not None:
        _malformed("the request is nested too deep, or has processing instructions or entities")
    name = etree.QName(root)
    if name.localname != "Envelope" or name.namespace not in (SOAP_11, SOAP_12):
        _malformed("the request is not a SOAP envelope (1.2 or 1.1)")
    return name.namespace, root


def _malformed(text: str) -> NoReturn:
    raise SoapFault(Code.INVALID_REQUEST, text)


def read_envelope(soap: str, root: etree._Element) -> Envelope:
    """The parts of what `parse` gives, each the only one of its kind.  Raises SoapFault.

    No two elements may have the same id, whatever attribute holds it: what a reference of the signature means must
    be beyond doubt.
    """
    ids = cast("list[str]", _ids(root))
    if len(set(ids)) != len(ids):
        raise unsound("an id is there twice (signature wrapping)")
    header = _only(root, f"{{{soap}}}Header")
    body = _only(root, f"{{{soap}}}Body")
    if list(root) != [header, body]:
        raise unsound("the Envelope holds more than Header and Body (signature wrapping)")
    security = _only(header, f"{{{WSSE}}}Security")
    return Envelope(
        soap=soap,
        root=root,
        body=body,
        security=security,
        timestamp=_only(security, f"{{{WSU}}}Timestamp"),
        binary_token=_only(security, f"{{{WSSE}}}BinarySecurityToken"),
        signature=_signature(root, security),
        addressing=_addressing(header),
    )


def _only(parent: etree._Element, tag: str) -> etree._Element:
    found = parent.findall(tag)
    if len(found) != 1:
        raise unsound(f"{_local(parent.tag)} holds {len(found)} {_local(tag)}, expected one")
    return found[0]


def _signature(root: etree._Element, security: etree._Element) -> etree._Element:
    signature = _only(security, f"{{{DS}}}Signature")
    if sum(1 for _ in root.iter(f"{{{DS}}}Signature")) != 1:
        raise unsound("more than one Signature in the request")
    return signature


def _addressing(header: etree._Element) -> dict[str, etree._Element]:
    found: dict[str, etree._Element] = {}
    for element in header:
        name = etree.QName(element)
        if name.namespace == WSA:
            if name.localname in found:
                raise unsound(f"{name.localname} is there twice")
            found[name.localname] = element
    return found


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def text_of(element: etree._Element | None) -> str | None:
    """The text of an element without children, stripped; None where there is none."""
    if element is None or len(element):
        return None
    return (element.text or "").strip() or None
