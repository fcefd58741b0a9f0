"""Function certificates and how their names are written."""

from __future__ import annotations

import base64
import contextlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.tokens.certificate import name_text, read_certificate
from tests.support.keys import FROM, Keys, certify, function_name, make_keys

_C = x509.NameAttribute(NameOID.COUNTRY_NAME, "DK")
_O = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Testkommune // CVR:11111111")
_SERIAL = x509.NameAttribute(NameOID.SERIAL_NUMBER, "CVR:11111111-FID:1000000000002")
_CN = x509.NameAttribute(NameOID.COMMON_NAME, "Afsender (funktionscertifikat)")
_TEXT = (
    "SERIALNUMBER=CVR:11111111-FID:1000000000002 + CN=Afsender (funktionscertifikat), "
    "O=Testkommune // CVR:11111111, C=DK"
)


def _name(*relative: list[x509.NameAttribute[str]]) -> x509.Name:
    return x509.Name([x509.RelativeDistinguishedName(parts) for parts in relative])


def _common(value: str) -> str:
    return name_text(_name([x509.NameAttribute(NameOID.COMMON_NAME, value)]))


def test_read_certificate_tells_whose_it_is(keys: Keys) -> None:
    """A system is found by the SERIALNUMBER of its certificate; names read as the tokens of SF1514 write them."""
    found = read_certificate(keys.sender.der)
    assert found.serienummer == "CVR:11111111-FID:1000000000002"
    assert found.subject == _TEXT
    assert found.issuer == "CN=Test CA, O=Beskedfordeler tests, C=DK"
    assert found.serial == keys.sender.certificate.serial_number
    assert found.der == keys.sender.der


def test_akkreditiver_are_the_three_parts_of_the_certificate(keys: Keys) -> None:
    """KildesystemAkkreditiver: subject, serial number and issuer, each in base64, between dots."""
    found = read_certificate(keys.sender.der)
    parts = [base64.b64decode(part).decode() for part in found.akkreditiver.split(".")]
    assert parts == [found.subject, str(found.serial), found.issuer]


@settings(deadline=None)
@given(order=st.permutations([[_C], [_O], [_SERIAL, _CN]]), turned=st.booleans())
def test_names_are_written_in_one_order(order: list[list[x509.NameAttribute[str]]], turned: bool) -> None:
    """Whatever order a CA writes a subject in, the text is the documented one: SERIALNUMBER + CN, O, C."""
    assert name_text(_name(*[parts[::-1] if turned else parts for parts in order])) == _TEXT


def test_relative_names_of_their_own_are_not_joined() -> None:
    """A subject with SERIALNUMBER and CN apart is another name, and is written as such."""
    assert name_text(_name([_C], [_O], [_CN], [_SERIAL])) == _TEXT.replace(" + ", ", ")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Børn og Unge", "CN=Børn og Unge"),
        ("A, B + C", r"CN=A\, B \+ C"),
        ('"<>;', r"CN=\"\<\>\;"),
        ("back\\slash", r"CN=back\\slash"),
        ("#1", r"CN=\#1"),
        (" lead", r"CN=\ lead"),
        ("trail ", "CN=trail\\ "),
        ("nul\0", r"CN=nul\00"),
    ],
)
def test_names_are_escaped(value: str, written: str) -> None:
    """Values are escaped as in RFC 4514: nobody's name can pretend to be two."""
    assert _common(value) == written


def test_an_unusual_subject_is_written_whole() -> None:
    """Attribute types between the holder's and the country's keep their place; unknown types are written by number."""
    name = _name(
        [_C],
        [_O],
        [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "It")],
        [x509.NameAttribute(NameOID.EMAIL_ADDRESS, "it@example.dk")],
        [x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, "NTRDK-11111111")],
        [_CN],
    )
    assert name_text(name) == (
        "CN=Afsender (funktionscertifikat), 2.5.4.97=NTRDK-11111111, E=it@example.dk, OU=It, "
        "O=Testkommune // CVR:11111111, C=DK"
    )


def test_a_certificate_that_names_no_one_is_refused(keys: Keys) -> None:
    """Without SERIALNUMBER no system can be found by a certificate: the error says so."""
    nameless = certify(_name([_C], [_CN]), keys.sender.key, keys.ca.key)
    with pytest.raises(ValueError, match="no SERIALNUMBER"):
        read_certificate(nameless.public_bytes(Encoding.DER))


def test_a_certificate_with_two_names_is_refused(keys: Keys) -> None:
    """Two SERIALNUMBER would leave it to chance whose certificate it is."""
    other = x509.NameAttribute(NameOID.SERIAL_NUMBER, "CVR:22222222-FID:1000000000003")
    double = certify(_name([_C], [_SERIAL, _CN], [other]), keys.sender.key, keys.ca.key)
    with pytest.raises(ValueError, match="or several"):
        read_certificate(double.public_bytes(Encoding.DER))


@settings(deadline=None)
@given(octets=st.binary(max_size=300))
def test_octets_that_are_no_certificate_are_refused(octets: bytes) -> None:
    """Whatever is presented as a certificate: a ValueError, never anything else."""
    with pytest.raises(ValueError, match=r"."):
        read_certificate(octets)


@settings(max_examples=300, deadline=None)
@given(changes=st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=4))
def test_an_altered_certificate_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    """A certificate with octets changed: whatever it says, or a ValueError; no other error, and no warning."""
    der = bytearray(make_keys().sender.der)
    for place, octet in changes:
        der[place] = octet
    with contextlib.suppress(ValueError):
        assert read_certificate(bytes(der)).serienummer


def test_a_certificate_of_an_unknown_version_is_refused(keys: Keys) -> None:
    """X.509 version 5 does not exist: a ValueError like any other."""
    der = keys.sender.der.replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020104"), 1)
    with pytest.raises(ValueError, match="not a valid X509 version"):
        read_certificate(der)


def test_a_certificate_is_read_whatever_its_time(keys: Keys) -> None:
    """Reading says whose it is; whether its time is over is for those who trust it to ask."""
    subject = function_name("11111111", "1000000000002", "Afsender", "Testkommune")
    old = certify(subject, keys.sender.key, keys.ca.key, end=FROM + timedelta(days=1))
    assert read_certificate(old.public_bytes(Encoding.DER)).subject == _TEXT
