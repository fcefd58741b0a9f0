"""Names in certificates: whatever the register holds, within the limits of X.520."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from adapters.pki.export import file_name
from adapters.pki.subject import FUNCTION, fitted, function_subject

SERIENUMMER = "CVR:11111111-FID:0000000000001"


def value(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    return str(name.get_attributes_for_oid(oid)[0].value)


@given(navn=st.text(max_size=200), myndighed=st.text(max_size=200))
def test_any_name_can_be_certified(navn: str, myndighed: str) -> None:
    """Long, empty or odd names become a subject that can be written and read, and that keeps its ends."""
    subject = function_subject(SERIENUMMER, navn, myndighed, "11111111")
    assert x509.Name(subject.rdns).public_bytes() == subject.public_bytes()
    common, organization = value(subject, NameOID.COMMON_NAME), value(subject, NameOID.ORGANIZATION_NAME)
    assert common.endswith(FUNCTION)
    assert organization.endswith(" // CVR:11111111")
    assert max(len(common.encode()), len(organization.encode())) <= 64
    assert common.isprintable()


def test_names_that_fit_are_left_as_they_are() -> None:
    """Danish letters, quotes and slashes stand in a certificate as in the register."""
    name = 'Æblegården/"Ø", 1+1=2'
    assert value(function_subject(SERIENUMMER, name, name, "11111111"), NameOID.COMMON_NAME) == name + FUNCTION


def test_names_that_do_not_fit_are_cut_with_a_sign_of_it() -> None:
    """A name of 100 letters ends in an ellipsis, never in half a letter."""
    assert fitted("å" * 100) == "å" * 30 + "…"
    assert fitted("a" * 100, FUNCTION) == "a" * 39 + "…" + FUNCTION


def test_what_cannot_be_seen_is_not_certified() -> None:
    """Line breaks, NULs and direction marks do not get into a certificate, where they would mislead who reads it."""
    assert fitted("a\r\nb\x00c\u202ed") == "a b c d"
    assert fitted("\n") == "-"


@given(st.text(max_size=200))
def test_any_name_gives_a_plain_file_name(navn: str) -> None:
    """Exported files have names that every file system and shell takes."""
    name = file_name(navn)
    assert 1 <= len(name) <= 60
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert name[0] != "-"


def test_danish_letters_in_file_names() -> None:
    """As they are written where they are missing."""
    assert file_name("Prøvekøbing Ældre & Å") == "proevekoebing-aeldre-aa"
    assert file_name("///") == "certifikat"
