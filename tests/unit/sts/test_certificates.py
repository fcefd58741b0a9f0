"""Certificates that clients show: read whatever way they are written, and taken only from a CA that is known."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from adapters.sts.certificates import Authorities, load, read_der
from broker.errors import StoreError
from tests.support.keys import FROM, UNTIL, Pair, ca_name, function_name, make_keys, new_key

NOW = 1_700_000_000.0


@given(der=st.binary(min_size=1, max_size=300), width=st.integers(1, 80), armour=st.booleans())
def test_base64_however_it_is_laid_out(der: bytes, width: int, armour: bool) -> None:
    """Line breaks of any width, with or without PEM armour, give the same octets."""
    text = base64.b64encode(der).decode()
    text = "\r\n".join(text[i : i + width] for i in range(0, len(text), width))
    if armour:
        text = f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"
    assert read_der(text) == der


@given(st.text(max_size=200))
def test_other_text_is_no_certificate(text: str) -> None:
    """Octets or ValueError, whatever the text; and what is no certificate is not loaded."""
    try:
        der = read_der(text)
    except ValueError:
        return
    with pytest.raises(ValueError, match="certificate"):
        load(der)


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 1024)])
def test_keys_that_are_not_taken(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    """RSA of 2048 bits or more: what OCES has, and what rsa-sha256 is done with."""
    certificate = (
        x509.CertificateBuilder()
        .subject_name(ca_name())
        .issuer_name(ca_name())
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .sign(new_key(), SHA256())
    )
    with pytest.raises(ValueError, match="not RSA of 2048"):
        load(certificate.public_bytes(Encoding.DER))


def function_certificate(
    issuer: Pair, *extensions: x509.ExtensionType, subject: x509.Name | None = None, signer: Pair | None = None
) -> Pair:
    """A certificate in the name of ``issuer``, with these extensions."""
    key = new_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject or function_name("11111111", "1000000000002", "Afsender", "Testkommune"))
        .issuer_name(issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return Pair(key, builder.sign((signer or issuer).key, SHA256()))


def usage(*, key_cert_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


CA = x509.BasicConstraints(ca=True, path_length=0)
NO_CA = x509.BasicConstraints(ca=False, path_length=None)


@pytest.fixture(scope="module")
def ca() -> Pair:
    """A CA whose KeyUsage says so, too."""
    return function_certificate(make_keys().ca, CA, usage(key_cert_sign=True), subject=ca_name())


@pytest.fixture(scope="module")
def sender(ca: Pair) -> Pair:
    """A function certificate of it."""
    return function_certificate(ca, NO_CA, usage(key_cert_sign=False))


def knowing(folder: Path, *known: Pair) -> Authorities:
    path = folder / "known.pem"
    path.write_bytes(b"".join(pair.certificate.public_bytes(Encoding.PEM) for pair in known))
    return Authorities([path])


@pytest.fixture
def authorities(tmp_path: Path, ca: Pair) -> Authorities:
    return knowing(tmp_path, ca)


def test_a_certificate_of_a_known_ca(authorities: Authorities, sender: Pair) -> None:
    """Issued by it, and its time is now."""
    assert authorities.problem(sender.certificate, NOW) is None


def test_a_ca_without_key_usage(tmp_path: Path) -> None:
    """CA:TRUE is what makes a CA; KeyUsage may be left out, as older test CAs do."""
    ca = function_certificate(make_keys().ca, CA, subject=ca_name())
    assert knowing(tmp_path, ca).problem(function_certificate(ca).certificate, NOW) is None


def test_a_name_does_not_make_an_issuer(authorities: Authorities, ca: Pair, sender: Pair) -> None:
    """The name of the CA on a certificate that another key signed."""
    forged = function_certificate(ca, signer=sender)
    assert "--client-ca" in (authorities.problem(forged.certificate, NOW) or "")


@pytest.mark.parametrize(
    "extensions",
    [(), (NO_CA,), (NO_CA, usage(key_cert_sign=True)), (CA, usage(key_cert_sign=False)), (usage(key_cert_sign=True),)],
    ids=["none", "no CA", "no CA, may sign", "CA, may not sign", "may sign"],
)
def test_a_single_certificate_is_itself_and_issues_nothing(
    tmp_path: Path, ca: Pair, extensions: tuple[x509.ExtensionType, ...]
) -> None:
    """--client-ca with one system's own certificate: it is taken; what its holder signs with it is not."""
    single = function_certificate(ca, *extensions)
    authorities = knowing(tmp_path, single)
    assert authorities.problem(single.certificate, NOW) is None
    assert "--client-ca" in (authorities.problem(function_certificate(single).certificate, NOW) or "")
    assert "--client-ca" in (authorities.problem(function_certificate(ca).certificate, NOW) or "")


@pytest.mark.parametrize("moment", [FROM.timestamp() - 1, UNTIL.timestamp() + 1])
def test_outside_its_time(authorities: Authorities, sender: Pair, moment: float) -> None:
    """The sentence says from when, until when, and what time it is here."""
    problem = authorities.problem(sender.certificate, moment)
    assert problem is not None
    assert f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}" in problem


@pytest.mark.parametrize("name", ["empty.pem", "missing.pem"])
def test_a_ca_file_that_cannot_be_used_is_named(tmp_path: Path, name: str) -> None:
    """The STS does not start on half of what it was told."""
    (tmp_path / "empty.pem").write_text("x")
    with pytest.raises(StoreError, match=re.escape(name)):
        Authorities([tmp_path / name])
