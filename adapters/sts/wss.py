"""WS-Security as the public clients use it: one X.509 token, one signature, and only what it covers handed on.

As with the assertions (`broker.tokens.signature`) the form is checked first, so that no other way of signing is ever
tried; then signxml verifies it, and what is read afterwards is what signxml says was signed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography import x509
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from adapters.sts.certificates import Authorities, load, read_der
from adapters.sts.envelope import Envelope, make_parser, text_of
from adapters.sts.faults import Code, SoapFault, unsound
from adapters.sts.names import WSSE, WSU, X509_V3
from adapters.sts.text import LONGEST as LONGEST_TEXT
from broker.kuvert.tidspunkt import read_date_time
from broker.tokens.names import DS, EXC_C14N, RSA_SHA256, SHA256

SKEW = 60.0
"""Seconds that the clocks may differ."""
LONGEST = 600.0
"""Seconds that a Timestamp may span; most clients say 300, the public .NET sample 600."""
_REFERENCES = 16
_MUST = ("Body", "Timestamp", "To")
_READ = ("Action", "MessageID")
"""Headers that are read where they are there, and must be signed then."""
_REFERENCE = re.compile(r"#([A-Za-z_][A-Za-z0-9_.:-]{0,255})", re.ASCII)
_ID = f"{{{WSU}}}Id"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a client has signed, and with what."""

    certificate: x509.Certificate
    body: etree._Element
    to: str
    message_id: str | None
    action: str | None
    expires: float
    """End of the Timestamp (seconds since the epoch)."""
    fingerprint: bytes
    """The same for the same request sent again, and for no other."""


def asker_of(envelope: Envelope) -> x509.Certificate:
    """The certificate that the request says it is signed with.  Raises SoapFault."""
    token = envelope.binary_token
    if token.get("ValueType") not in (None, X509_V3):
        raise unsound(f"BinarySecurityToken is a {str(token.get('ValueType'))[:120]!r}, expected {X509_V3}")
    try:
        return load(read_der(text_of(token) or ""))
    except ValueError as error:
        raise unsound(f"BinarySecurityToken: {error}") from None


def verified(
    data: bytes, envelope: Envelope, certificate: x509.Certificate, authorities: Authorities, now: float
) -> Signed:
    """What is signed in ``envelope``, which is ``data`` parsed.  Raises SoapFault."""
    if problem := authorities.problem(certificate, now):
        raise SoapFault(Code.FAILED_AUTHENTICATION, problem)
    uris = _check_form(envelope)
    results = _verify(data, envelope.soap, certificate, now, len(uris))
    signed = {uri: result.signed_xml for uri, result in zip(uris, results, strict=True)}
    parts = {
        name: _signed(signed, element)
        for name, element in (("Body", envelope.body), ("Timestamp", envelope.timestamp), *envelope.addressing.items())
        if name in (*_MUST, *_READ)
    }
    to = text_of(parts.get("To"))
    if to is None:
        raise unsound("the header To (WS-Addressing) is missing")
    return Signed(
        certificate=certificate,
        body=parts["Body"],
        to=to,
        message_id=_message_id(parts.get("MessageID")),
        action=text_of(parts.get("Action")),
        expires=_expires(parts["Timestamp"], now),
        fingerprint=_fingerprint(_child(envelope.signature, "SignedInfo")),
    )


def _message_id(element: etree._Element | None) -> str | None:
    """It stands in the answer again, so it is bounded."""
    text = text_of(element)
    if text is not None and len(text) > LONGEST_TEXT:
        raise SoapFault(
            Code.INVALID_REQUEST, f"MessageID is {len(text)} characters long; expected at most {LONGEST_TEXT}"
        )
    return text


def _fingerprint(signed_info: etree._Element) -> bytes:
    """Of what the signature is over, as its own octets can be written in several ways."""
    return sha256(etree.tostring(signed_info, method="c14n", exclusive=True, with_comments=False)).digest()


def _signed(signed: dict[str, etree._Element | None], element: etree._Element) -> etree._Element:
    """``element`` as it was signed: found by its id, of which there is only one."""
    found = signed.get(element.get(_ID) or "")
    name = etree.QName(element).localname
    if found is None:
        raise unsound(f"the signature does not cover {name}")
    if found.tag != element.tag:
        raise unsound(f"what is signed as {name} is a {found.tag[:120]}")
    return found


def _check_form(envelope: Envelope) -> list[str]:
    """The ids that the signature refers to, in order.  Raises SoapFault for any form but the one that is taken."""
    signed_info = _child(envelope.signature, "SignedInfo")
    _check_algorithm(_child(signed_info, "CanonicalizationMethod"), EXC_C14N)
    _check_algorithm(_child(signed_info, "SignatureMethod"), RSA_SHA256)
    references = signed_info.findall(f"{{{DS}}}Reference")
    if not references or len(references) > _REFERENCES:
        raise unsound(f"the signature has {len(references)} references, expected 1 to {_REFERENCES}")
    if len(signed_info) != 2 + len(references):
        raise unsound("SignedInfo holds what is not known here")
    _check_key(envelope)
    return [_check_reference(reference) for reference in references]


def _check_reference(reference: etree._Element) -> str:
    uri = _REFERENCE.fullmatch(reference.get("URI") or "")
    if uri is None:
        raise unsound(f"a Reference is to {reference.get('URI')!r:.120}, not to an id in the request")
    transforms = _child(reference, "Transforms")
    if len(transforms) != 1:
        raise unsound(f"a Reference has {len(transforms)} transforms, expected one (exc-c14n)")
    _check_algorithm(_child(transforms, "Transform"), EXC_C14N)
    _check_algorithm(_child(reference, "DigestMethod"), SHA256)
    return uri[1]


def _check_key(envelope: Envelope) -> None:
    """KeyInfo, where it refers to a token of the request, must mean the one that is used."""
    key_info = envelope.signature.find(f"{{{DS}}}KeyInfo")
    reference = None if key_info is None else key_info.find(f"{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}Reference")
    if reference is not None and reference.get("URI") != f"#{envelope.binary_token.get(_ID)}":
        raise unsound("KeyInfo refers to another token than the BinarySecurityToken")


def _check_algorithm(element: etree._Element, expected: str) -> None:
    if element.get("Algorithm") != expected:
        raise unsound(f"{etree.QName(element).localname} is {element.get('Algorithm')!r:.120}, expected {expected}")


def _child(parent: etree._Element, name: str) -> etree._Element:
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1:
        raise unsound(f"{etree.QName(parent).localname} holds {len(found)} {name}, expected one")
    return found[0]


def _verify(data: bytes, soap: str, certificate: x509.Certificate, now: float, references: int) -> list[VerifyResult]:
    config = SignatureConfiguration(
        location=f"./{{{soap}}}Header/{{{WSSE}}}Security/",
        expect_references=references,
        signature_methods=frozenset({SignatureMethod.RSA_SHA256}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        ignore_ambiguous_key_info=True,
        verification_time=datetime.fromtimestamp(now, UTC),
    )
    try:
        results = XMLVerifier().verify(
            data, x509_cert=certificate, parser=make_parser(), validate_schema=False, expect_config=config
        )
    except Exception as error:
        # signxml answers odd input with whatever its parts raise: each of them means that nothing was verified
        raise unsound(f"{type(error).__name__}: {str(error)[:200]}", Code.FAILED_CHECK) from None
    return results if isinstance(results, list) else [results]


def _expires(timestamp: etree._Element, now: float) -> float:
    try:
        created = read_date_time(text_of(timestamp.find(f"{{{WSU}}}Created")) or "")
        expires = read_date_time(text_of(timestamp.find(f"{{{WSU}}}Expires")) or "")
    except (ValueError, OverflowError):
        created = expires = None
    if created is None or expires is None or not 0 < expires - created <= LONGEST:
        raise SoapFault(
            Code.INVALID_SECURITY,
            f"Timestamp: expected Created and Expires (dateTime), at most {LONGEST:g} seconds apart",
        )
    if not created - SKEW <= now < expires + SKEW:
        told = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}"
        raise SoapFault(Code.MESSAGE_EXPIRED, f"Timestamp: the request is not valid now; it is {told} here")
    return expires
