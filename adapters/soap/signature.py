"""The signature over a call, where there is one: by the key that its assertion is issued to (holder-of-key).

Loaded where a call is signed: it needs cryptography.  Of the ways to sign one is taken: rsa-sha256 over exclusive C14N,
references by id within the request, and to the assertion by STR-Transform (WS-Security 1.1, section 8.3).
"""

from __future__ import annotations

import base64
import binascii
import hmac
from hashlib import sha256
from typing import cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from adapters.soap.envelope import Envelope
from adapters.soap.faults import Code, SoapFault
from adapters.sts.names import WSSE, WSU
from broker.tokens.names import DS, EXC_C14N, RSA_SHA256
from broker.tokens.names import SHA256 as SHA256_NAME

STR_TRANSFORM = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform"
NOT_SOUND = "the signature over the request does not hold; the trace of the emulator says why"
"""All that is told: more would help whoever forges one."""

_REFERENCES = 32
_PREFIX_LIST = f"{{{EXC_C14N}}}InclusiveNamespaces"
_ids = etree.XPath("//@*[local-name()='ID' or local-name()='Id' or local-name()='id']", smart_strings=False)
_by_id = etree.XPath("//*[@*[local-name()='ID' or local-name()='Id' or local-name()='id'] = $id]")


def check(envelope: Envelope, signature: etree._Element, assertion: etree._Element, certificate: bytes) -> None:
    """Raises SoapFault unless ``signature`` covers the Body, holds, and is by the key of ``certificate`` (DER).

    Takes as long as its C14N: for a large body not on the loop.
    """
    ids = cast("list[str]", _ids(envelope.root))
    if len(set(ids)) != len(ids):
        raise _unsound("an id is there twice (signature wrapping)")
    signed_info = _child(signature, "SignedInfo")
    _check_algorithm(_child(signed_info, "SignatureMethod"), RSA_SHA256)
    method = _child(signed_info, "CanonicalizationMethod")
    _check_algorithm(method, EXC_C14N)
    references = signed_info.findall(f"{{{DS}}}Reference")
    if len(references) > _REFERENCES or len(signed_info) != 2 + len(references):
        raise _unsound("SignedInfo holds what is not known here, or too many references")
    _check_value(_canonical(signed_info, method), _octets(_child(signature, "SignatureValue")), certificate)
    covered = [_dereferenced(reference, envelope.root, assertion) for reference in references]
    if not any(element is envelope.body for element in covered):
        raise _unsound("the signature does not cover the Body")
    _check_timestamp(envelope, covered)


def _check_timestamp(envelope: Envelope, covered: list[etree._Element]) -> None:
    """A Timestamp beside a signature must be signed as well."""
    header = envelope.header
    found = [] if header is None else header.findall(f"{{{WSSE}}}Security/{{{WSU}}}Timestamp")
    if any(not any(element is timestamp for element in covered) for timestamp in found):
        raise _unsound("the signature does not cover the Timestamp")


def _dereferenced(reference: etree._Element, root: etree._Element, assertion: etree._Element) -> etree._Element:
    """The element that a reference is to, once its digest holds."""
    uri = reference.get("URI") or ""
    found = cast("list[etree._Element]", _by_id(root, id=uri[1:])) if uri[:1] == "#" and len(uri) > 1 else []
    if len(found) != 1:
        raise _unsound(f"a Reference is to {uri[:120]!r}, which is not one element of the request")
    transforms = _child(reference, "Transforms")
    if len(transforms) != 1:
        raise _unsound(f"a Reference has {len(transforms)} transforms, expected one")
    transform = _child(transforms, "Transform")
    element = found[0]
    if transform.get("Algorithm") == STR_TRANSFORM:
        element, transform = _referred(element, assertion), _parameters(transform)
    else:
        _check_algorithm(transform, EXC_C14N)
    _check_algorithm(_child(reference, "DigestMethod"), SHA256_NAME)
    digest = sha256(_canonical(element, transform)).digest()
    if not hmac.compare_digest(digest, _octets(_child(reference, "DigestValue"))):
        raise _unsound(f"the digest of {uri[:120]!r} does not hold: altered after it was signed")
    return element


def _referred(element: etree._Element, assertion: etree._Element) -> etree._Element:
    """What a SecurityTokenReference stands for: the assertion, by its id."""
    identifier = element.find(f"{{{WSSE}}}KeyIdentifier")
    named = "" if identifier is None else (identifier.text or "").strip()
    if element.tag != f"{{{WSSE}}}SecurityTokenReference" or named != assertion.get("ID"):
        raise _unsound("STR-Transform on what is no SecurityTokenReference to the assertion")
    return assertion


def _parameters(transform: etree._Element) -> etree._Element:
    found = transform.findall(f"{{{WSSE}}}TransformationParameters/{{{DS}}}CanonicalizationMethod")
    if len(found) != 1:
        raise _unsound("STR-Transform without its CanonicalizationMethod")
    _check_algorithm(found[0], EXC_C14N)
    return found[0]


def _canonical(element: etree._Element, method: etree._Element) -> bytes:
    """Exclusive C14N, with the prefixes that ``method`` wants kept."""
    prefixes = method.find(_PREFIX_LIST)
    kept = (prefixes.get("PrefixList") or "").split() if prefixes is not None else []
    return etree.tostring(
        element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=kept or None
    )


def _check_value(signed: bytes, value: bytes, certificate: bytes) -> None:
    key = x509.load_der_x509_certificate(certificate).public_key()
    if not isinstance(key, RSAPublicKey):
        raise _unsound("the assertion is issued to a certificate that has no RSA key")
    try:
        key.verify(value, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        raise _unsound("not signed with the key of the certificate that the assertion is issued to") from None


def _child(parent: etree._Element, name: str) -> etree._Element:
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1:
        raise _unsound(f"{etree.QName(parent).localname} holds {len(found)} {name}, expected one")
    return found[0]


def _check_algorithm(element: etree._Element, expected: str) -> None:
    if element.get("Algorithm") != expected:
        raise _unsound(f"{etree.QName(element).localname} is {element.get('Algorithm')!r:.120}, expected {expected}")


def _octets(element: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise _unsound(f"{etree.QName(element).localname} is not base64") from None


def _unsound(reason: str) -> SoapFault:
    return SoapFault(Code.FAILED_CHECK, NOT_SOUND, reason)
