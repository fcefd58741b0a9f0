"""Function certificates (OCES): DER in, what is asked about them out."""

from __future__ import annotations

import warnings

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from broker.tokens.token import Certificate

_WRITTEN = {NameOID.SERIAL_NUMBER: "SERIALNUMBER", NameOID.EMAIL_ADDRESS: "E"}
"""Attribute types that RFC 4514 leaves to us; the others are written as it says."""

_FIRST = (NameOID.SERIAL_NUMBER, NameOID.COMMON_NAME)
_LAST = (
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.LOCALITY_NAME,
    NameOID.STATE_OR_PROVINCE_NAME,
    NameOID.COUNTRY_NAME,
)


def name_text(name: x509.Name) -> str:
    """A DN as the tokens write it: ``SERIALNUMBER=CVR:…-FID:… + CN=…, O=…, C=DK``, values escaped as in RFC 4514.

    Whatever the order in the certificate: the names of the holder first (in a relative name with several parts,
    SERIALNUMBER before CN), the country last.
    """
    backwards = list(name.rdns)[::-1]
    relative = sorted(backwards, key=lambda rdn: min(_rank(part.oid) for part in rdn))
    return ", ".join(" + ".join(_parts(rdn)) for rdn in relative)


def _parts(rdn: x509.RelativeDistinguishedName) -> list[str]:
    return [part.rfc4514_string(_WRITTEN) for part in sorted(rdn, key=lambda part: _rank(part.oid))]


def _rank(oid: x509.ObjectIdentifier) -> int:
    if oid in _FIRST:
        return _FIRST.index(oid)
    if oid in _LAST:
        return 10 + _LAST.index(oid)
    return 5


def read_certificate(der: bytes) -> Certificate:
    """The certificate in ``der``.

    Raises ValueError, saying what is wrong, where it cannot be read or its subject has no SERIALNUMBER (nobody can
    be found by it).
    """
    try:
        with warnings.catch_warnings():
            # a country of three letters, a serial number of 0: odd, and no matter here
            warnings.simplefilter("ignore")
            return describe(x509.load_der_x509_certificate(der))
    except (UnsupportedAlgorithm, x509.InvalidVersion, TypeError, OverflowError) as error:
        raise ValueError(f"the certificate cannot be read: {error}") from error


def describe(certificate: x509.Certificate) -> Certificate:
    """What is asked about a certificate that is loaded already.  Raises ValueError as `read_certificate`."""
    serienumre = [str(part.value) for part in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    if len(serienumre) != 1 or not serienumre[0]:
        raise ValueError("the certificate names no one: its subject has no SERIALNUMBER (CVR:…-FID:…), or several")
    return Certificate(
        der=certificate.public_bytes(Encoding.DER),
        serienummer=serienumre[0],
        subject=name_text(certificate.subject),
        serial=certificate.serial_number,
        issuer=name_text(certificate.issuer),
    )
