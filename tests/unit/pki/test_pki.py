"""What is issued: kept while it is good, made anew when it is not, and never anywhere else than in its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from adapters.pki import Identity, Pki
from adapters.pki.issue import names_in
from adapters.pki.subject import serienummer_of
from broker.clock import FakeClock
from broker.core.model import Anvendersystem
from broker.errors import RegisterError, StoreError
from broker.tokens.certificate import name_text
from tests.unit.pki.authorities import NOW, brought

DAY = 86400
SYSTEM = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Eksempelby Fagsystem", "11111111")
MYNDIGHED = "Eksempelby Kommune (syntetisk)"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A development CA, to issue from."""
    return Pki.open(tmp_path_factory.mktemp("data"))


def purposes(identity: Identity) -> list[x509.ObjectIdentifier]:
    return list(identity.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_a_function_certificate_looks_like_oces(pki: Pki) -> None:
    """Subject, lifetime and purpose are those of a function certificate; the SERIALNUMBER is the register's."""
    certificate = pki.system(SYSTEM, MYNDIGHED).certificate
    assert name_text(certificate.subject) == (
        f"SERIALNUMBER={SYSTEM.serienummer} + CN=Eksempelby Fagsystem (funktionscertifikat), "
        "O=Eksempelby Kommune (syntetisk) // CVR:11111111, C=DK"
    )
    assert [len(rdn) for rdn in certificate.subject.rdns] == [1, 1, 2]
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == timedelta(days=3 * 365, hours=1)
    assert purposes(pki.system(SYSTEM, MYNDIGHED)) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_the_beskedfordeler_calls_and_is_called(pki: Pki) -> None:
    """Its own function certificate is for both sides of TLS; its subject, too, has a SERIALNUMBER."""
    own = pki.beskedfordeler()
    assert purposes(own) == [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    assert serienummer_of(own.certificate) != serienummer_of(pki.sts().certificate)


def test_a_server_certificate_names_what_is_served(pki: Pki) -> None:
    """Names and addresses stand in it as such, and it ends before the 397 days that clients take."""
    certificate = pki.server(["localhost", "*.broker.test", "127.0.0.1", "::1"]).certificate
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "*.broker.test"]
    assert list(map(str, names.get_values_for_type(x509.IPAddress))) == ["127.0.0.1", "::1"]
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc <= timedelta(days=397)


def test_a_key_and_its_certificate_are_one_file(pki: Pki) -> None:
    """`load_pem_x509_certificate` on the file gives the leaf, as the public Python client reads it."""
    system = pki.system(SYSTEM, MYNDIGHED)
    assert x509.load_pem_x509_certificate(system.path.read_bytes()) == system.certificate
    assert system.key.public_key() == system.certificate.public_key()
    assert system.path.name == f"{SYSTEM.id}.pem"


def test_what_is_good_is_kept(tmp_path: Path) -> None:
    """A restart gives out the same certificates, for fewer names as well, and for a system of another navn."""
    first, again = Pki.open(tmp_path), Pki.open(tmp_path)
    assert first.server(["localhost", "broker.test"]) == again.server(["broker.test"])
    renamed = Anvendersystem(SYSTEM.id.upper(), "Nyt navn", SYSTEM.cvr, certifikat=SYSTEM.serienummer)
    assert first.system(SYSTEM, MYNDIGHED) == again.system(renamed, MYNDIGHED)
    assert first.sts() == again.sts()


def test_a_name_that_is_missing_makes_a_new_server_certificate(tmp_path: Path) -> None:
    """Served at one more name, the listener gets a certificate with all of them."""
    pki = Pki.open(tmp_path)
    first = pki.server(["localhost"])
    second = pki.server(["localhost", "broker.test"])
    assert first.certificate != second.certificate
    assert names_in(second.certificate) == {"localhost", "broker.test"}


def test_another_serienummer_makes_a_new_certificate(tmp_path: Path) -> None:
    """A certificate that the register no longer knows its system by is not given out."""
    pki = Pki.open(tmp_path)
    pki.system(SYSTEM, MYNDIGHED)
    known_as = "UI:DK-O:G:10000000-0000-4000-8000-000000000009"
    changed = Anvendersystem(SYSTEM.id, SYSTEM.navn, SYSTEM.cvr, certifikat=known_as)
    assert serienummer_of(pki.system(changed, MYNDIGHED).certificate) == known_as


@pytest.mark.parametrize(("days", "kept"), [(387, True), (390, False), (500, False)])
def test_what_ends_within_a_week_is_made_anew(tmp_path: Path, days: int, kept: bool) -> None:
    """A server certificate is replaced at the start that finds it in its last seven days, or over."""
    clock = FakeClock(NOW)
    first = Pki.open(tmp_path, clock=clock).server(["localhost"])
    clock.advance(days * DAY)
    assert (Pki.open(tmp_path, clock=clock).server(["localhost"]) == first) is kept


def test_certificates_do_not_outlive_their_ca(tmp_path: Path) -> None:
    """Of a CA that ends in five days come certificates that end with it, and each start keeps them."""
    clock = FakeClock(NOW)
    chain, key = brought(days=6).write(tmp_path)
    pki = Pki.open(tmp_path / "data", ca_cert=chain, ca_key=key, clock=clock)
    system = pki.system(SYSTEM, MYNDIGHED)
    assert system.certificate.not_valid_after_utc == pki.chain[0].not_valid_after_utc
    assert pki.system(SYSTEM, MYNDIGHED) == system


def test_another_ca_makes_all_anew(tmp_path: Path) -> None:
    """After a change of CA no certificate of the old one is given out."""
    clock = FakeClock(NOW)
    old = Pki.open(tmp_path, clock=clock)
    before = (old.server(["localhost"]), old.sts(), old.system(SYSTEM, MYNDIGHED))
    chain, key = brought().write(tmp_path)
    new = Pki.open(tmp_path, ca_cert=chain, ca_key=key, clock=clock)
    after = (new.server(["localhost"]), new.sts(), new.system(SYSTEM, MYNDIGHED))
    assert [new.good(one.certificate) for one in (*before, *after)] == [False] * 3 + [True] * 3
    assert [one.path for one in before] == [one.path for one in after]


def test_renew_replaces_key_and_certificate(tmp_path: Path) -> None:
    """A renewed certificate has another key and number and the same SERIALNUMBER, and is the one kept."""
    pki = Pki.open(tmp_path)
    old = pki.system(SYSTEM, MYNDIGHED)
    new = pki.renew(SYSTEM, MYNDIGHED)
    assert old.certificate.public_key() != new.certificate.public_key()
    assert serienummer_of(old.certificate) == serienummer_of(new.certificate)
    assert pki.system(SYSTEM, MYNDIGHED) == new


@pytest.mark.parametrize("key", ["../../etc/passwd", "aaaaaaaa-0000-4000-8000-000000000001\n", "", "a/b"])
def test_only_a_uuid_becomes_a_file_name(pki: Pki, key: str) -> None:
    """An id that is no UUID makes no file."""
    with pytest.raises(StoreError, match="is no UUID"):
        pki.system(Anvendersystem(key, "Fagsystem", "11111111", certifikat="X"), MYNDIGHED)


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\nMIIE", b"\xff\x00"])
def test_a_damaged_certificate_is_named(tmp_path: Path, content: bytes) -> None:
    """A file that is no key with certificate is refused by name, not overwritten: it may be somebody's own."""
    path = Pki.open(tmp_path).server(["localhost"]).path
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"server\.pem: is not an RSA key with its certificate.*delete the file"):
        Pki.open(tmp_path).server(["localhost"])
    assert path.read_bytes() == content


def test_a_key_of_another_certificate_is_named(tmp_path: Path) -> None:
    """Key and certificate that do not belong together are refused before a client finds out."""
    pki = Pki.open(tmp_path)
    server, sts = pki.server(["localhost"]).path, pki.sts().path
    key, _, _ = sts.read_bytes().partition(b"-----BEGIN CERTIFICATE")
    server.write_bytes(key + b"-----BEGIN CERTIFICATE" + server.read_bytes().partition(b"-----BEGIN CERTIFICATE")[2])
    with pytest.raises(StoreError, match=r"server\.pem: is not an RSA key with its certificate"):
        pki.server(["localhost"])


@pytest.mark.parametrize("certifikat", ["CVR:1-FID:" + "1" * 55, "CVR:æ", "CVR:1\n", "CVR:1-FID:2*"])
def test_a_serienummer_that_no_certificate_can_have(pki: Pki, certifikat: str) -> None:
    """What X.520 does not let stand in SERIALNUMBER is refused with its name in the register."""
    with pytest.raises(RegisterError, match=r"^certifikat: "):
        pki.system(Anvendersystem(SYSTEM.id, "Fagsystem", "11111111", certifikat=certifikat), MYNDIGHED)
