"""Tokens that are wrong on purpose, each in one way: a tester's tool (`beskedfordeler token --fault …`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from adapters.sts.assertion import Claims, Signer, build
from broker.tokens.names import CVR_NUMBER_IDENTIFIER, ds, saml

_HOUR = 3600.0
_LIFETIME = 8 * _HOUR
_ELSEWHERE = "http://entityid.kombit.dk/service/demoservicerest/1"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"


class _Fault(NamedTuple):
    help: str
    make: Callable[[Claims, Signer], bytes]


def faulty(fault: str, claims: Claims, signer: Signer) -> bytes:
    """A token with one of the FAULTS, else as ``claims`` say.  Raises ValueError for an unknown fault.

    "Now" is ``claims.issued``.
    """
    try:
        made = _FAULTS[fault]
    except KeyError:
        raise ValueError(f"unknown fault {fault!r}, expected one of {', '.join(_FAULTS)}") from None
    return made.make(claims, signer)


def _expired(claims: Claims, signer: Signer) -> bytes:
    end = claims.issued - _HOUR
    start = end - _LIFETIME
    return signer.sign(build(replace(claims, issued=start, not_before=start, not_on_or_after=end)))


def _not_yet_valid(claims: Claims, signer: Signer) -> bytes:
    start = claims.issued + _HOUR
    return signer.sign(build(replace(claims, not_before=start, not_on_or_after=start + _LIFETIME)))


def _wrong_signature(claims: Claims, signer: Signer) -> bytes:
    root = etree.fromstring(signer.sign(build(claims)))
    _cvr_value(root).text = other_cvr(claims.cvr)
    return etree.tostring(root, encoding="utf-8")


def _unsigned(claims: Claims, signer: Signer) -> bytes:
    return etree.tostring(build(claims), encoding="utf-8")


def _wrapped(claims: Claims, signer: Signer) -> bytes:
    forged = build(replace(claims, cvr=other_cvr(claims.cvr)))
    genuine = etree.fromstring(signer.sign(build(claims)))
    signature = genuine.find(ds("Signature"))
    assert signature is not None
    forged.insert(1, signature)
    etree.SubElement(signature, ds("Object")).append(genuine)
    return etree.tostring(forged, encoding="utf-8")


def _wrong_audience(claims: Claims, signer: Signer) -> bytes:
    return signer.sign(build(replace(claims, audience=_ELSEWHERE)))


def _wrong_issuer(claims: Claims, signer: Signer) -> bytes:
    return Signer(_stranger(), _copy(signer.certificate)).sign(build(claims))


def _wrong_holder(claims: Claims, signer: Signer) -> bytes:
    return signer.sign(build(replace(claims, holder=_copy(claims.holder))))


def _copy(certificate: x509.Certificate) -> x509.Certificate:
    """A certificate with the same names and times, for a key of nobody's and signed by itself."""
    return (
        x509.CertificateBuilder()
        .subject_name(certificate.subject)
        .issuer_name(certificate.issuer)
        .public_key(_stranger().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(certificate.not_valid_before_utc)
        .not_valid_after(certificate.not_valid_after_utc)
        .sign(_stranger(), SHA256())
    )


@cache
def _stranger() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _other_cvr(claims: Claims, signer: Signer) -> bytes:
    return signer.sign(build(replace(claims, cvr=other_cvr(claims.cvr))))


def _no_cvr(claims: Claims, signer: Signer) -> bytes:
    root = build(claims)
    attribute = _cvr_value(root).getparent()
    assert attribute is not None
    statement = attribute.getparent()
    assert statement is not None
    statement.remove(attribute)
    return signer.sign(root)


def _bearer(claims: Claims, signer: Signer) -> bytes:
    root = build(claims)
    confirmation = root.find(f"{saml('Subject')}/{saml('SubjectConfirmation')}")
    assert confirmation is not None
    confirmation.set("Method", _BEARER)
    return signer.sign(root)


def other_cvr(cvr: str) -> str:
    """A CVR number, recognisably made up, that is not ``cvr``."""
    return "99999999" if cvr != "99999999" else "88888888"


def _cvr_value(root: etree._Element) -> etree._Element:
    path = f"{saml('AttributeStatement')}/{saml('Attribute')}[@Name='{CVR_NUMBER_IDENTIFIER}']/{saml('AttributeValue')}"
    value = root.find(path)
    assert value is not None
    return value


_FAULTS: Mapping[str, _Fault] = {
    "expired": _Fault("was valid for eight hours, until an hour ago (41)", _expired),
    "not-yet-valid": _Fault("is valid from in an hour", _not_yet_valid),
    "wrong-signature": _Fault("its CVR number was altered after it was signed", _wrong_signature),
    "unsigned": _Fault("has no signature", _unsigned),
    "wrapped": _Fault("a genuine signed assertion hidden within a forged one", _wrapped),
    "wrong-audience": _Fault("is for another service than the Beskedfordeler", _wrong_audience),
    "wrong-issuer": _Fault("is signed with a key that nobody trusts", _wrong_issuer),
    "wrong-holder": _Fault(
        "names another certificate of the same system than the one presented (send --cert)", _wrong_holder
    ),
    "other-cvr": _Fault("holds, but is for another myndighed (CVR number)", _other_cvr),
    "no-cvr": _Fault("has no CvrNumberIdentifier", _no_cvr),
    "bearer": _Fault("is not holder-of-key but bearer", _bearer),
}

FAULTS: Mapping[str, str] = {name: fault.help for name, fault in _FAULTS.items()}
"""The faults on offer, each with one line of help."""
