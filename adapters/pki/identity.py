"""A key with its certificate, and the file that both are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.pki import files
from broker.errors import StoreError


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is on a TLS connection, or who signs.

    ``path``: PEM with the key and the certificate in one file, mode 0600; after the certificate those of the CAs
    between it and the root, where there are any.
    """

    key: rsa.RSAPrivateKey = field(compare=False, repr=False)  # that of the certificate
    certificate: x509.Certificate
    path: Path


def read_identity(path: Path) -> Identity | None:
    """The identity in a file; None where there is no such file.  Raises StoreError where the file is not one."""
    raw = files.read(path)
    if raw is None:
        return None
    try:
        # its primes were tested when we made it: 40 ms that each start would pay again
        key = serialization.load_pem_private_key(raw, None, unsafe_skip_rsa_key_validation=True)
        certificate = x509.load_pem_x509_certificate(raw)
        whole = isinstance(key, rsa.RSAPrivateKey) and key.public_key() == certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        whole = False
    if not whole:
        raise StoreError(
            f"{path}: is not an RSA key with its certificate (PEM), as beskedfordeler writes it; delete the file and "
            "it is made anew"
        )
    assert isinstance(key, rsa.RSAPrivateKey)
    return Identity(key, certificate, path)


def pem(key: rsa.RSAPrivateKey, certificate: x509.Certificate, above: Sequence[x509.Certificate] = ()) -> bytes:
    """Key, certificate and the CAs between it and the root in one file."""
    return key_pem(key) + chain_pem((certificate, *above))


def key_pem(key: rsa.RSAPrivateKey) -> bytes:
    """PKCS#8 without encryption."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def chain_pem(certificates: Sequence[x509.Certificate]) -> bytes:
    """Certificates one after the other."""
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)
