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
from tests.support.keys import FROM, UNTIL, ca_name, make_keys, new_key

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


@pytest.fixture
def authorities(tmp_path: Path) -> Authorities:
    """The CA of the test keys."""
    path = tmp_path / "ca.pem"
    path.write_bytes(make_keys().ca.certificate.public_bytes(Encoding.PEM))
    return Authorities([path])


def test_a_certificate_of_a_known_ca(authorities: Authorities) -> None:
    """Issued by it, and its time is now."""
    assert authorities.problem(make_keys().sender.certificate, NOW) is None


def test_a_name_does_not_make_an_issuer(authorities: Authorities) -> None:
    """The name of the CA on a certificate that another key signed."""
    subject = make_keys().sender.certificate
    forged = (
        x509.CertificateBuilder()
        .subject_name(subject.subject)
        .issuer_name(ca_name())
        .public_key(subject.public_key())
        .serial_number(1)
        .not_valid_before(FROM)
        .not_valid_after(UNTIL)
        .sign(new_key(), SHA256())
    )
    assert "--client-ca" in (authorities.problem(forged, NOW) or "")


@pytest.mark.parametrize("moment", [FROM.timestamp() - 1, UNTIL.timestamp() + 1])
def test_outside_its_time(authorities: Authorities, moment: float) -> None:
    """The sentence says from when, until when, and what time it is here."""
    problem = authorities.problem(make_keys().sender.certificate, moment)
    assert problem is not None
    assert f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}" in problem


@pytest.mark.parametrize("name", ["empty.pem", "missing.pem"])
def test_a_ca_file_that_cannot_be_used_is_named(tmp_path: Path, name: str) -> None:
    """The STS does not start on half of what it was told."""
    (tmp_path / "empty.pem").write_text("x")
    with pytest.raises(StoreError, match=re.escape(name)):
        Authorities([tmp_path / name])
