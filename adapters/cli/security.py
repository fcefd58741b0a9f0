"""Keys and certificates for one start: what the listeners, the verifier and the STS are given.

Imported only where a listener needs it: cryptography and signxml take a tenth of a second to load.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.types import ASGIApp

from adapters.http.limit import BodyLimit
from adapters.pki import Pki, names_served, server_context
from adapters.sts.app import StsConfig, create_sts
from adapters.sts.assertion import Signer
from broker.errors import StoreError
from broker.service import Beskedfordeler
from broker.settings import Settings
from broker.tokens.verifier import Issuer, Verifier

ISSUER = "https://saml.adgangsstyring.localhost/runtime"
"""Issuer of our tokens (ours: shaped as the real one, with a name that no real one has)."""

_EXPECTED = "expected the signing certificate of an STS, PEM (--trust-issuer)"


@dataclass(frozen=True, slots=True)
class Keys:
    """What was made ready, and what is made of it."""

    tls: ssl.SSLContext
    verifier: Verifier
    ca: Path
    """The CA bundle that clients are to trust."""
    signer: Signer
    config: StsConfig

    def sts(self, service: Callable[[], Beskedfordeler]) -> ASGIApp:
        """The STS over a Beskedfordeler."""
        return BodyLimit(create_sts(service, self.signer, self.config, self.verifier))


def prepare(settings: Settings) -> Keys:
    """Make or read all of it.  Raises StoreError, naming the file."""
    pki = Pki.open(settings.data, ca_cert=settings.ca_cert, ca_key=settings.ca_key)
    cas = (pki.ca_path, *settings.client_ca)
    if settings.tls_cert is not None:
        tls = server_context(settings.tls_cert, settings.tls_key, cas)
    else:
        tls = server_context(pki.server(names_served([settings.host], settings.san)).path, None, cas)
    own = pki.sts()
    issuers = [Issuer(own.certificate.public_bytes(Encoding.DER), ISSUER)]
    for path in settings.trust_issuer:
        issuers += issuers_in(_read(path), path)
    return Keys(
        tls,
        Verifier(issuers, skew=settings.token_skew),
        pki.ca_path,
        Signer(own.key, own.certificate),
        StsConfig(ISSUER, settings.token_lifetime, cas),
    )


def push_context(settings: Settings) -> ssl.SSLContext:
    """For https callbacks: our function certificate, and the roots that receivers are trusted by.

    Raises StoreError, naming the file.
    """
    pki = Pki.open(settings.data, ca_cert=settings.ca_cert, ca_key=settings.ca_key)
    context = ssl.create_default_context()
    context.load_cert_chain(pki.beskedfordeler().path)
    for path in (pki.ca_path, *settings.push_ca):
        try:
            context.load_verify_locations(path)
        except (OSError, ssl.SSLError) as error:
            reason = getattr(error, "strerror", None) or "no PEM certificate in it"
            raise StoreError(f"--push-ca {path}: {reason}; expected the CA of a receiver, PEM") from None
    return context


def issuers_in(content: bytes, path: Path) -> list[Issuer]:
    """The STSs whose signing certificates ``content`` holds, which was read from ``path``.

    Raises StoreError, naming the file, where there is none, or one whose key is not RSA.
    """
    try:
        certificates = x509.load_pem_x509_certificates(content)
    except ValueError:
        raise StoreError(f"{path}: no PEM certificate in it; {_EXPECTED}") from None
    for certificate in certificates:
        if not _has_rsa_key(certificate):
            name = certificate.subject.rfc4514_string()[:120]
            raise StoreError(
                f"{path}: the certificate '{name}' has no RSA key, and tokens are signed with rsa-sha256; {_EXPECTED}"
            )
    return [Issuer(certificate.public_bytes(Encoding.DER)) for certificate in certificates]


def _has_rsa_key(certificate: x509.Certificate) -> bool:
    try:
        return isinstance(certificate.public_key(), rsa.RSAPublicKey)
    except (ValueError, UnsupportedAlgorithm):
        return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror}; {_EXPECTED}") from None
