"""Certificates at the command line: what a vendor is given before the first connection."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from adapters.pki import Pki
from adapters.pki.subject import serienummer_of
from tests.support.emulator import Emulator, command, running
from tests.unit.pki.authorities import brought

SYSTEM = "Eksempelby Fagsystem"
SYSTEM_ID = "aaaaaaaa-0000-4000-8000-000000000001"


class Vendor:
    """Types `certs` commands in a directory of his own."""

    def __init__(self, home: Path, *where: str) -> None:
        self.home = home
        self._where = where

    def run(self, *arguments: str, code: int = 0) -> bytes:
        """What is printed; the command must end with ``code``, and with one line on stderr where that is not 0."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BESKEDFORDELER_")}
        done = subprocess.run(
            [*command(), "certs", *arguments, *self._where],
            capture_output=True,
            timeout=60,
            check=False,
            cwd=self.home,
            env=environment,
        )
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        if code:
            assert done.stderr.startswith(b"beskedfordeler: "), done.stderr
            assert done.stderr.count(b"\n") == 1, done.stderr
        return done.stderr if code else done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One with the built-in register, for all tests of this module."""
    with running(tmp_path_factory.mktemp("emulator") / "data") as started:
        yield started


@pytest.fixture
def vendor(emulator: Emulator, tmp_path: Path) -> Vendor:
    """At that emulator."""
    return Vendor(tmp_path, "--data", str(emulator.data))


def test_a_system_gets_its_certificate(vendor: Vendor, emulator: Emulator) -> None:
    """By navn or id, as PEM with key and certificate, private, in a file that is named after the system."""
    said = vendor.run("export", SYSTEM).decode()
    assert said.startswith("eksempelby-fagsystem.pem: SERIALNUMBER=CVR:11111111-FID:")
    file = vendor.home / "eksempelby-fagsystem.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    key = load_pem_private_key(file.read_bytes(), None)
    assert key.public_key() == certificate.public_key()
    again = vendor.json("export", SYSTEM_ID, "--out", "samme.pem")
    assert again["serial"] == str(certificate.serial_number)
    assert (vendor.home / "samme.pem").read_bytes() == file.read_bytes()
    ca = x509.load_pem_x509_certificate(vendor.run("export", "--format", "ca", "--out", "-"))
    certificate.verify_directly_issued_by(ca)
    assert [one["path"] for one in vendor.json("show") if one["kind"] == "system"] == [
        str(emulator.data / "certs" / "systems" / f"{SYSTEM_ID}.pem")
    ]


def test_a_p12_file_says_its_password(vendor: Vendor) -> None:
    """The default password is told, a password of one's own is not repeated."""
    assert vendor.run("export", SYSTEM, "--format", "p12").decode().endswith("; password: beskedfordeler\n")
    pkcs12.load_pkcs12((vendor.home / "eksempelby-fagsystem.p12").read_bytes(), b"beskedfordeler")
    told = vendor.run("export", SYSTEM, "--format", "p12", "--password", "hemmelig", "--out", str(vendor.home))
    assert b"hemmelig" not in told
    pkcs12.load_pkcs12((vendor.home / "eksempelby-fagsystem.p12").read_bytes(), b"hemmelig")


def test_a_new_certificate_takes_the_place_of_the_old(vendor: Vendor) -> None:
    """`certs new` gives another certificate with the same SERIALNUMBER, and from then on `export` gives that one."""
    old = vendor.json("export", SYSTEM)
    new = vendor.json("new", SYSTEM)
    assert old["serial"] != new["serial"]
    assert old["serienummer"] == new["serienummer"]
    assert vendor.json("export", SYSTEM)["serial"] == new["serial"]


def test_a_stranger_is_certified_and_not_kept(vendor: Vendor) -> None:
    """For somebody who is not in the register: a certificate of our CA, in the file that was asked for, and nowhere."""
    before = vendor.json("show")
    vendor.run("new", "--navn", "Fremmed", "--cvr", "33333333", "--fid", "1234567890123", "--out", "fremmed.pem")
    certificate = x509.load_pem_x509_certificate((vendor.home / "fremmed.pem").read_bytes())
    assert serienummer_of(certificate) == "CVR:33333333-FID:1234567890123"
    certificate.verify_directly_issued_by(
        x509.load_pem_x509_certificate(vendor.run("export", "--format", "ca", "--out", "-"))
    )
    assert vendor.json("show") == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["export", "Findes ikke"], 7),
        (["export"], 2),
        (["export", SYSTEM, "--format", "ca"], 2),
        (["export", SYSTEM, "--password", "x"], 2),
        (["export", SYSTEM, "--format", "p12", "--password", ""], 2),
        (["export", SYSTEM, "--out", "-", "--json"], 2),
        (["export", SYSTEM, "--out", "no/such/place.pem"], 1),
        (["new"], 2),
        (["new", SYSTEM, "--navn", "Fremmed"], 2),
        (["new", "--navn", "Fremmed"], 2),
        (["new", "--navn", "Fremmed", "--cvr", "3333333"], 2),
        (["new", "--navn", "Fremmed", "--cvr", "33333333", "--fid", "1*"], 2),
        (["new", SYSTEM, "--format", "ca"], 2),
        (["export", SYSTEM, "--ca-cert", "no-such-ca.pem"], 6),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_given_out(vendor: Vendor, arguments: list[str], code: int) -> None:
    """Each mistake ends with its exit code and one sentence, and leaves no file behind."""
    vendor.run(*arguments, code=code)
    assert list(vendor.home.iterdir()) == []


def test_what_has_been_made_is_given_out_when_the_emulator_is_stopped(tmp_path: Path) -> None:
    """Without an emulator: the CA, and the certificates that exist, by navn or id; no others."""
    data = tmp_path / "data"
    with running(data):
        vendor = Vendor(tmp_path, "--data", str(data))
        made = vendor.json("export", SYSTEM)
    ca = vendor.run("export", "--format", "ca", "--out", "-")
    assert ca == (data / "certs" / "ca.pem").read_bytes()
    assert [vendor.json("export", name)["serial"] for name in (SYSTEM, SYSTEM_ID)] == [made["serial"]] * 2
    assert b"no certificate made for 'Afsendersystem' before" in vendor.run("export", "Afsendersystem", code=3)
    vendor.run("new", SYSTEM, code=3)


def test_the_ca_can_be_given_out_before_the_first_start(tmp_path: Path) -> None:
    """A pipeline can put the CA into its trust stores first: the emulator that starts later uses it."""
    vendor = Vendor(tmp_path, "--data", "data")
    vendor.run("export", "--format", "ca", "--out", "ca.pem")
    assert Pki.open(tmp_path / "data").ca_path.read_bytes() == (tmp_path / "ca.pem").read_bytes()


def test_no_data_directory_is_made_by_asking(tmp_path: Path) -> None:
    """In a directory where nothing was ever served, `certs` says so and makes nothing."""
    vendor = Vendor(tmp_path, "--admin", "http://127.0.0.1:9")
    vendor.run("show", code=3)
    assert list(tmp_path.iterdir()) == []


def test_a_given_ca_is_honoured(tmp_path: Path) -> None:
    """With --ca-cert and --ca-key, as given to serve, certificates come from that CA; none is made beside it later."""
    vendor = Vendor(tmp_path, "--data", "data")
    mine = brought(begin=1.7e9, days=20000)
    chain, key = mine.write(tmp_path)
    given = ("--ca-cert", str(chain), "--ca-key", str(key))
    stranger = ("new", "--navn", "Fremmed", "--cvr", "33333333", "--out", "mit.pem")
    vendor.run(*stranger, *given)
    leaf = x509.load_pem_x509_certificate((tmp_path / "mit.pem").read_bytes())
    leaf.verify_directly_issued_by(mine.certificate)
    assert vendor.run("export", "--format", "ca", "--out", "-") == chain.read_bytes()
    vendor.run(*stranger, code=2)
    assert [one["kind"] for one in vendor.json("show")] == ["given-ca"]
