"""Keys and certificates for tests of tokens, made once per session: a CA, an STS, two systems, a stranger.

Function certificates as OCES writes them (``SERIALNUMBER=CVR:…-FID:… + CN=… (funktionscertifikat)``); every CVR and
FID is made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

FROM = datetime(2020, 1, 1, tzinfo=UTC)
"""The certificates are valid for thirty years from here, so that fake clocks and the machine's fall within."""
UNTIL = FROM + timedelta(days=30 * 365)


@dataclass(frozen=True, slots=True)
class Pair:
    """A key and the certificate of it."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


@dataclass(frozen=True, slots=True)
class Keys:
    """Everything with a key; `sender` and `receiver` are function certificates."""

    ca: Pair
    sts: Pair
    sender: Pair
    receiver: Pair
    stranger: Pair
    """An STS of the same name that nobody trusts."""


def function_name(cvr: str, fid: str, name: str, organisation: str) -> x509.Name:
    """The subject of a function certificate, in the order of OCES: C, O, SERIALNUMBER + CN."""
    return x509.Name(
        [
            x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COUNTRY_NAME, "DK")]),
            x509.RelativeDistinguishedName(
                [x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{organisation} // CVR:{cvr}")]
            ),
            x509.RelativeDistinguishedName(
                [
                    x509.NameAttribute(NameOID.SERIAL_NUMBER, f"CVR:{cvr}-FID:{fid}"),
                    x509.NameAttribute(NameOID.COMMON_NAME, f"{name} (funktionscertifikat)"),
                ]
            ),
        ]
    )


def ca_name() -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "DK"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Beskedfordeler tests"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Test CA"),
        ]
    )


def certify(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    signer: rsa.RSAPrivateKey,
    *,
    start: datetime = FROM,
    end: datetime = UNTIL,
    ca: bool = False,
) -> x509.Certificate:
    """A certificate of the test CA for ``key``; ``ca``: one that may issue others."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ca_name())
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )
    if ca:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.sign(signer, SHA256())


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def make_keys() -> Keys:
    """The keys of this session."""
    ca = new_key()

    def pair(subject: x509.Name) -> Pair:
        key = new_key()
        return Pair(key, certify(subject, key, ca))

    sts = function_name("11111111", "1000000000001", "Test STS", "Test")
    return Keys(
        ca=Pair(ca, certify(ca_name(), ca, ca, ca=True)),
        sts=pair(sts),
        sender=pair(function_name("11111111", "1000000000002", "Afsender", "Testkommune")),
        receiver=pair(function_name("22222222", "1000000000003", "Modtager", "Testregion")),
        stranger=pair(sts),
    )


@pytest.fixture(scope="session")
def keys() -> Keys:
    """The keys of this session, as a fixture."""
    return make_keys()
