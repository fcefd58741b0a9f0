"""What is given out, opened by those who take it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from adapters.pki import Pki, names_served
from adapters.pki.export import PASSWORD, p12
from adapters.pki.held import held
from broker.core.model import Anvendersystem

SYSTEM = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000002", "Prøvekøbing Fagsystem", "22222222")
MYNDIGHED = "Prøvekøbing Kommune (syntetisk)"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory in which one of each has been made."""
    data = tmp_path_factory.mktemp("data")
    pki = Pki.open(data)
    pki.server(names_served([], []))
    pki.sts()
    pki.beskedfordeler()
    pki.system(SYSTEM, MYNDIGHED)
    return data


@pytest.fixture
def p12_file(data: Path, tmp_path: Path) -> Path:
    """The system's certificate as PKCS#12."""
    pki = Pki.open(data)
    system = pki.system(SYSTEM, MYNDIGHED)
    path = tmp_path / "system.p12"
    path.write_bytes(p12(system.key, system.certificate, pki.chain, SYSTEM.navn, PASSWORD))
    return path


def tool(name: str, *arguments: str) -> str:
    """What a program prints, which must end well; skips where it is not installed."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not on PATH: install it ({'a JRE' if name == 'keytool' else name}) to run this test")
    done = subprocess.run([name, *arguments], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def test_openssl_takes_every_certificate_in_strict_mode(data: Path) -> None:
    """`openssl verify -x509_strict` has nothing against any of them, the STS's and ours included."""
    paths = [one.path for one in held(data) if one.kind != "ca"]
    assert len(paths) == 4
    said = tool("openssl", "verify", "-x509_strict", "-CAfile", str(data / "certs" / "ca.pem"), *paths)
    assert said.split() == [word for path in paths for word in (path + ":", "OK")]


@pytest.mark.parametrize(("purpose", "kinds"), [("sslserver", {"server"}), ("sslclient", {"system", "beskedfordeler"})])
def test_certificates_are_for_one_purpose(data: Path, purpose: str, kinds: set[str]) -> None:
    """OpenSSL takes the server's certificate for a server and the systems' for clients."""
    paths = [one.path for one in held(data) if one.kind in kinds]
    said = tool("openssl", "verify", "-purpose", purpose, "-CAfile", str(data / "certs" / "ca.pem"), *paths)
    assert said.count(": OK") == len(kinds)


def test_keytool_lists_key_and_chain(p12_file: Path) -> None:
    """Java opens the PKCS#12 file: a private key under the system's name, with the CA above it."""
    said = tool("keytool", "-list", "-v", "-keystore", str(p12_file), "-storepass", PASSWORD, "-J-Dfile.encoding=UTF-8")
    assert "Entry type: PrivateKeyEntry" in said
    assert "Certificate chain length: 2" in said


def test_openssl_opens_the_p12_without_legacy_algorithms(p12_file: Path) -> None:
    """OpenSSL 3 opens it as it comes, two certificates and one key in it."""
    said = tool("openssl", "pkcs12", "-in", str(p12_file), "-passin", f"pass:{PASSWORD}", "-nodes")
    assert said.count("-----BEGIN CERTIFICATE-----") == 2
    assert said.count("-----BEGIN PRIVATE KEY-----") == 1


def test_node_opens_the_p12(p12_file: Path) -> None:
    """Node takes it as pfx."""
    script = "const [f, p] = process.argv.slice(1); "
    script += "require('tls').createSecureContext({pfx: require('fs').readFileSync(f), passphrase: p})"
    tool("node", "-e", script, str(p12_file), PASSWORD)


def test_the_p12_holds_what_it_should(data: Path, p12_file: Path) -> None:
    """Key, certificate with the system's navn, and the CA."""
    pki = Pki.open(data)
    found = pkcs12.load_pkcs12(p12_file.read_bytes(), PASSWORD.encode())
    assert found.cert is not None
    assert found.cert.friendly_name == SYSTEM.navn.encode()
    assert found.cert.certificate == pki.system(SYSTEM, MYNDIGHED).certificate
    assert [one.certificate for one in found.additional_certs] == list(pki.chain)


@pytest.mark.parametrize("password", ["", "x" * 201])
def test_a_password_that_readers_cannot_type(data: Path, password: str) -> None:
    """An empty or endless password is refused in words, rather than by a library."""
    system = Pki.open(data).system(SYSTEM, MYNDIGHED)
    with pytest.raises(ValueError, match="has 1 to 200 characters"):
        p12(system.key, system.certificate, (), SYSTEM.navn, password)


def test_what_is_held_is_shown_the_ca_first(data: Path) -> None:
    """Each certificate with its kind, subject, decimal number, end and fingerprint."""
    found = held(data)
    assert [one.kind for one in found] == ["ca", "server", "sts", "beskedfordeler", "system"]
    system = Pki.open(data).system(SYSTEM, MYNDIGHED).certificate
    assert found[-1].serial == str(system.serial_number)
    assert found[-1].serienummer == SYSTEM.serienummer
    assert found[-1].subject.endswith("O=Prøvekøbing Kommune (syntetisk) // CVR:22222222, C=DK")
    fingerprint = tool("openssl", "x509", "-in", found[-1].path, "-noout", "-fingerprint", "-sha256")
    assert fingerprint.strip().rpartition("=")[2] == found[-1].sha256


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    """A damaged file is shown as such, in its place."""
    Pki.open(tmp_path)
    (tmp_path / "certs" / "sts.pem").write_bytes(b"rubbish")
    (tmp_path / "certs" / "server.pem").mkdir()
    faults = [(one.kind, one.fault) for one in held(tmp_path)]
    assert faults[0] == ("ca", None)
    assert [kind for kind, fault in faults[1:] if fault] == ["server", "sts"]


def test_where_nothing_was_made_nothing_is_shown_or_made(tmp_path: Path) -> None:
    """Looking makes no files."""
    assert held(tmp_path) == []
    assert list(tmp_path.iterdir()) == []
