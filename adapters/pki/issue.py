"""What the CA signs, as X.509: the profile of each kind of certificate.  Pure, but for the random in keys and numbers.

The profiles hold under OpenSSL's strict checks (Python 3.13 switches them on): every certificate names its issuer's
key (AKI), every CA its own (SKI), and extensions are critical where RFC 5280 asks for it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from adapters.pki.subject import fitted, plain_subject

CaKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

CA_NAME = "beskedfordeler udviklings-CA (syntetisk)"
CA_DAYS = 3650
FUNCTION_DAYS = 3 * 365
SERVER_DAYS = 396
"""With the hour before it, less than the 397 days that clients take."""
_BEFORE = timedelta(hours=1)
"""Certificates are valid from an hour ago: clocks differ, between containers and hosts too."""
_BITS = 2048


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs: a CA certificate, its key, and the certificates above it where it is not a root."""

    key: CaKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @property
    def sent_along(self) -> tuple[x509.Certificate, ...]:
        """What a peer that trusts the root alone must be sent beside a certificate of this CA."""
        chain = (self.certificate, *self.above)
        return tuple(one for one in chain if one.subject != one.issuer)


def new_key() -> rsa.RSAPrivateKey:
    """RSA, as OCES and rsa-sha256 want it; 10 to 150 ms."""
    return rsa.generate_private_key(65537, _BITS)


def issue_ca(key: rsa.RSAPrivateKey, now: float, mark: str) -> x509.Certificate:
    """A root of its own; ``mark`` tells the CAs of two developers apart."""
    name = plain_subject(f"{CA_NAME} {mark}")
    begin = _time(now) - _BEFORE
    usage = _usage(key_cert_sign=True, crl_sign=True, digital_signature=True)
    return (
        _builder(name, name, key.public_key(), begin, begin + timedelta(days=CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def issue_server(by: Authority, key: rsa.RSAPrivateKey, names: Sequence[str], now: float) -> x509.Certificate:
    """For a listener that is reached at these names and addresses."""
    builder = _leaf(by, plain_subject(fitted(names[0])), key, now, SERVER_DAYS, _usage(key_encipherment=True))
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
    return builder.sign(by.key, hashes.SHA256())


def issue_function(
    by: Authority, key: rsa.RSAPrivateKey, subject: x509.Name, now: float, *, serves: bool = False
) -> x509.Certificate:
    """A function certificate, for TLS clients; with ``serves`` for TLS servers too."""
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH] + [ExtendedKeyUsageOID.SERVER_AUTH] * serves
    usage = _usage(key_encipherment=True, data_encipherment=True)
    builder = _leaf(by, subject, key, now, FUNCTION_DAYS, usage)
    return builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False).sign(by.key, hashes.SHA256())


def names_in(certificate: x509.Certificate) -> set[str]:
    """Names and addresses that a server certificate is for."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {*found.get_values_for_type(x509.DNSName), *map(str, found.get_values_for_type(x509.IPAddress))}


def _leaf(
    by: Authority, subject: x509.Name, key: rsa.RSAPrivateKey, now: float, days: int, usage: x509.KeyUsage
) -> x509.CertificateBuilder:
    begin = _time(now) - _BEFORE
    end = min(_time(now) + timedelta(days=days), by.certificate.not_valid_after_utc)
    return (
        _builder(subject, by.certificate.subject, key.public_key(), begin, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(_issuer_key(by.certificate), critical=False)
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )


def _issuer_key(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    try:
        known = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:
        public = issuer.public_key()
        assert isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey), "an Authority's key is one of these"
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(public)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(known)


def _usage(
    *,
    digital_signature: bool = True,
    key_encipherment: bool = False,
    data_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=key_encipherment,
        data_encipherment=data_encipherment,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _time(now: float) -> datetime:
    return datetime.fromtimestamp(int(now), UTC)
