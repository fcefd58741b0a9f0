"""The CA: the one of the data directory, made where missing, or one that is given."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from adapters.pki import files
from adapters.pki.identity import chain_pem, key_pem
from adapters.pki.issue import Authority, CaKey, issue_ca, new_key
from broker.clock import iso
from broker.errors import StoreError

CERTIFICATE = "ca.pem"
KEY = "ca.key"


def own_authority(directory: Path, now: float) -> Authority:
    """The CA in this directory.  Raises StoreError.

    The key is written first and the certificate made from the key that is on disk: of two processes at the same
    moment both end with the same pair, and after a kill between the two files the next start makes the second.
    """
    certificate, key = directory / CERTIFICATE, directory / KEY
    if files.read(key) is None:
        if files.read(certificate) is not None:
            raise StoreError(
                f"{key}: is missing, and without it {certificate} can sign nothing; put the key back, or delete "
                f"{certificate} for a new CA (whoever trusts the old one must then trust the new one)"
            )
        files.put_first(key, key_pem(new_key()))
    if files.read(certificate) is None:
        made = _read_key(key, "delete it for a new one")
        if not isinstance(made, rsa.RSAPrivateKey):
            raise StoreError(f"{key}: is no RSA key; delete it for a new one")
        files.put_first(certificate, chain_pem([issue_ca(made, now, secrets.token_hex(4))]))
    return _read(certificate, key, now, f"delete {certificate} and {key} for a new CA")


def given_authority(certificate: Path | None, key: Path | None, now: float) -> Authority:
    """A CA of the user's: ``certificate`` is its certificate, with those above it after it where it is no root.

    Without ``key`` the key is in the same file.  Raises StoreError.
    """
    if certificate is None:
        raise StoreError(f"{key}: is the key of a CA whose certificate is not given; give it with --ca-cert")
    return _read(certificate, key or certificate, now, "give another CA with --ca-cert and --ca-key")


def _read(certificate: Path, key: Path, now: float, advice: str) -> Authority:
    first, *above = _read_certificates(certificate, advice)
    _check_ca(certificate, first, now, advice)
    private = _read_key(key, advice)
    if private.public_key() != first.public_key():
        raise StoreError(f"{key}: is not the key of the certificate in {certificate}; {advice}")
    return Authority(private, first, tuple(above))


def _read_certificates(path: Path, advice: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_content(path, advice))
    except ValueError:
        raise StoreError(f"{path}: holds no certificate (PEM); {advice}") from None


def _read_key(path: Path, advice: str) -> CaKey:
    raw = _content(path, advice)
    try:
        key = serialization.load_pem_private_key(raw, None)
    except TypeError:
        raise StoreError(
            f"{path}: the key is encrypted, and there is nobody to ask for its password; decrypt it with "
            f"`openssl pkey -in {path} -out plain.key` and give that file"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise StoreError(f"{path}: holds no private key (PEM); {advice}") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise StoreError(f"{path}: is neither an RSA nor an EC key; {advice}")
    return key


def _content(path: Path, advice: str) -> bytes:
    raw = files.read(path)
    if raw is None:
        raise StoreError(f"{path}: no such file; {advice}")
    return raw


def _check_ca(path: Path, certificate: x509.Certificate, now: float, advice: str) -> None:
    if not _may_sign(certificate):
        raise StoreError(
            f"{path}: the first certificate in it is not that of a CA (basicConstraints CA:TRUE, keyUsage "
            f"keyCertSign); {advice}"
        )
    at = datetime.fromtimestamp(now, UTC)
    begin, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if at >= end:
        raise StoreError(f"{path}: the CA has expired at {iso(end.timestamp())}; {advice}")
    if at < begin:
        raise StoreError(f"{path}: the CA is not valid before {iso(begin.timestamp())}; set the clock, or {advice}")


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        extensions = certificate.extensions
        if not extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return False
        return extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound as missing:
        return missing.oid == x509.KeyUsage.oid
    except ValueError:  # extensions that cannot be read
        return False
