"""Subjects as OCES function certificates have them (domain.md section 5).  Pure.

``SERIALNUMBER=CVR:…-FID:… + CN=<navn> (funktionscertifikat), O=<myndighed> // CVR:…, C=DK``: the first two are one
multi-valued RDN.  X.520 gives each value 64 characters; we count them as UTF-8 bytes, which suits every library.
"""

from __future__ import annotations

import re
import unicodedata

from cryptography import x509
from cryptography.x509.oid import NameOID

from broker.errors import RegisterError

LONGEST = 64
FUNCTION = " (funktionscertifikat)"
_PRINTABLE = re.compile(r"[A-Za-z0-9 '()+,./:=?-]{1,64}\Z")
"""PrintableString (X.680), which X.520 asks of a serialNumber."""


def function_subject(serienummer: str, navn: str, myndighed: str, cvr: str) -> x509.Name:
    """The subject of a function certificate.  Raises RegisterError where ``serienummer`` cannot stand in one."""
    if not _PRINTABLE.match(serienummer):
        raise RegisterError(
            f"certifikat: '{serienummer}' cannot be the SERIALNUMBER of a certificate; expected 1 to {LONGEST} of "
            "A-Z a-z 0-9 space and '()+,-./:=?, as CVR:11111111-FID:1234567890123"
        )
    return x509.Name(
        [
            x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COUNTRY_NAME, "DK")]),
            x509.RelativeDistinguishedName(
                [x509.NameAttribute(NameOID.ORGANIZATION_NAME, fitted(myndighed, f" // CVR:{cvr}"))]
            ),
            x509.RelativeDistinguishedName(
                [
                    x509.NameAttribute(NameOID.COMMON_NAME, function_name(navn)),
                    x509.NameAttribute(NameOID.SERIAL_NUMBER, serienummer),
                ]
            ),
        ]
    )


def function_name(navn: str) -> str:
    """The CN that a system of this name gets."""
    return fitted(navn, FUNCTION)


def plain_subject(common_name: str) -> x509.Name:
    """The subject of the CA and of server certificates."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DK"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "beskedfordeler (syntetisk)"),
            x509.NameAttribute(NameOID.COMMON_NAME, fitted(common_name)),
        ]
    )


def fitted(text: str, suffix: str = "") -> str:
    """``text`` on one line with ``suffix`` after it, the text cut so that both fit; never empty."""
    shown = "".join(" " if unicodedata.category(letter)[0] == "C" else letter for letter in text)
    shown = " ".join(unicodedata.normalize("NFC", shown).split()) or "-"
    room = LONGEST - len(suffix.encode())
    raw = shown.encode()
    if len(raw) > room:
        shown = raw[: room - len("…".encode())].decode(errors="ignore").rstrip() + "…"
    return shown + suffix


def serienummer_of(certificate: x509.Certificate) -> str | None:
    """SERIALNUMBER of its subject, or None where it has none."""
    found = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return str(found[0].value) if found else None
