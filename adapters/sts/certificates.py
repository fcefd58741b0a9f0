"""Certificates that clients show: read from what they send, and judged against the CAs that are known."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from broker.errors import StoreError

_ARMOUR = re.compile(r"-----(?:BEGIN|END) CERTIFICATE-----")
_LONGEST = 16 * 1024
"""Characters; a function certificate has about 2,500."""


def read_der(text: str) -> bytes:
    """DER of a certificate in base64, with or without line breaks and PEM armour.  Raises ValueError."""
    if len(text) > _LONGEST:
        raise ValueError(f"the certificate is longer than {_LONGEST} characters")
    bare = "".join(_ARMOUR.sub("", text).split())
    try:
        return base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the certificate is not base64") from None


def load(der: bytes) -> x509.Certificate:
    """The certificate in ``der``, whose key must be RSA.  Raises ValueError, whatever is wrong with it."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
    except Exception as error:
        # the parser answers odd octets with several kinds of exception; each of them means: no certificate
        raise ValueError(f"the certificate cannot be read ({type(error).__name__})") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise ValueError("the certificate's key is not RSA of 2048 bits or more")
    return certificate


class Authorities:
    """The CAs whose certificates are taken, and single certificates that are taken themselves.

    What is no CA issues nothing here, whatever it has signed: else the holder of one certificate could be anyone.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """PEM files with one or more certificates each.  Raises StoreError, naming the file."""
        self._cas: list[x509.Certificate] = []
        self._single: set[bytes] = set()
        """DER."""
        for path in paths:
            for certificate in _read(path):
                if _is_ca(certificate, path):
                    self._cas.append(certificate)
                else:
                    self._single.add(certificate.public_bytes(Encoding.DER))

    def problem(self, certificate: x509.Certificate, now: float) -> str | None:
        """Why a certificate is not taken at ``now``; None = it is.

        One of the CAs must have issued it itself, or it must be one of the single ones.
        """
        time = datetime.fromtimestamp(now, UTC)
        if not _valid(certificate, time):
            return (
                f"the certificate is valid from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M:%S} to "
                f"{certificate.not_valid_after_utc:%Y-%m-%d %H:%M:%S} UTC, and it is {time:%Y-%m-%d %H:%M:%S} here"
            )
        if not self._knows(certificate, time):
            return (
                f"the certificate is issued by no CA that is known here ({certificate.issuer.rfc4514_string()[:120]}); "
                "make it known with --client-ca"
            )
        return None

    def _knows(self, certificate: x509.Certificate, time: datetime) -> bool:
        if certificate.public_bytes(Encoding.DER) in self._single:
            return True
        return any(_valid(ca, time) and _issued(certificate, ca) for ca in self._cas)


def _is_ca(certificate: x509.Certificate, path: Path) -> bool:
    """BasicConstraints CA:TRUE, and keyCertSign where there is a KeyUsage (RFC 5280, 6.1.4 k and n)."""
    try:
        extensions = certificate.extensions
    except (ValueError, x509.DuplicateExtension) as error:
        raise StoreError(f"{path}: an extension of the certificate cannot be read ({error})") from None
    if not any(isinstance(one.value, x509.BasicConstraints) and one.value.ca for one in extensions):
        return False
    return all(one.value.key_cert_sign for one in extensions if isinstance(one.value, x509.KeyUsage))


def _valid(certificate: x509.Certificate, time: datetime) -> bool:
    return certificate.not_valid_before_utc <= time <= certificate.not_valid_after_utc


def _issued(certificate: x509.Certificate, ca: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(ca)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _read(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no PEM certificate in it"
        raise StoreError(f"{path}: {reason}; expected the certificates of CAs, PEM") from None
