"""A function certificate as other programs take it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

PASSWORD = "beskedfordeler"  # noqa: S105 - of files that a developer makes for himself, told on every export
_LONGEST_PASSWORD = 200
_ROUNDS = 50_000
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "Æ": "ae", "Ø": "oe", "Å": "aa", "ß": "ss"})


def p12(
    key: rsa.RSAPrivateKey,
    certificate: x509.Certificate,
    chain: Sequence[x509.Certificate],
    navn: str,
    password: str,
) -> bytes:
    """PKCS#12 with the friendly name ``navn`` and the chain up to the root.  Raises ValueError for the password.

    Written as the oldest readers know it (PBES1 with SHA-1 and 3DES): Java before 8u301 and Windows before Server
    2019 open nothing newer, and Java 17, .NET, Node 20 and OpenSSL 3 open this as well.  The password is public
    anyway.
    """
    if not 1 <= len(password) <= _LONGEST_PASSWORD:
        raise ValueError(f"the password of a PKCS#12 file has 1 to {_LONGEST_PASSWORD} characters")
    encryption = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA1())  # noqa: S303 - the MAC that goes with it
        .build(password.encode())
    )
    return pkcs12.serialize_key_and_certificates(navn.encode(), key, certificate, chain, encryption)


def file_name(navn: str) -> str:
    """``navn`` as the beginning of a file name: a-z, 0-9 and hyphens; ``certifikat`` where nothing is left."""
    plain = unicodedata.normalize("NFKD", navn.translate(_LETTERS)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60] or "certifikat"
