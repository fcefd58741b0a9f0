"""TLS over a real socket: who is let in, who turns away."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.pki import Pki, names_served, server_context
from adapters.pki.identity import pem
from adapters.pki.subject import plain_subject
from broker.core.model import Anvendersystem
from broker.errors import StoreError
from tests.support.keys import FROM, UNTIL, Pair, new_key
from tests.unit.pki.handshake import shake_hands, trusting

SYSTEM = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Eksempelby Fagsystem", "11111111")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A development CA."""
    return Pki.open(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def server(pki: Pki) -> ssl.SSLContext:
    """A listener of that CA, which takes its client certificates."""
    return server_context(pki.server(names_served(["127.0.0.1"], ())).path, None, [pki.ca_path])


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
async def test_a_client_without_certificate_is_let_in(pki: Pki, server: ssl.SSLContext, name: str) -> None:
    """A strict client that trusts the exported CA and has no certificate gets its connection, by name and address."""
    seen = await shake_hands(server, trusting(pki.ca_path), name)
    assert seen.client_certificate is None
    assert seen.version == "TLSv1.3"


async def test_a_function_certificate_is_seen_whole(pki: Pki, server: ssl.SSLContext) -> None:
    """The server gets the certificate that the client's PEM file holds."""
    system = pki.system(SYSTEM, "Eksempelby Kommune")
    seen = await shake_hands(server, trusting(pki.ca_path, system.path))
    assert seen.client_certificate == system.certificate.public_bytes(Encoding.DER)


async def test_a_certificate_of_an_unknown_ca_is_refused(pki: Pki, server: ssl.SSLContext, tmp_path: Path) -> None:
    """A client that shows a certificate of another CA does not get through, though none was needed."""
    stranger = Pki.open(tmp_path).system(SYSTEM, "Eksempelby Kommune")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await shake_hands(server, trusting(pki.ca_path, stranger.path))


async def test_a_client_that_does_not_trust_the_ca_turns_away(server: ssl.SSLContext) -> None:
    """Without the exported CA the handshake fails at the client."""
    with pytest.raises(ssl.SSLCertVerificationError, match=r"self-signed|unable to get"):
        await shake_hands(server, ssl.create_default_context())


async def test_a_name_that_is_not_served_is_refused(pki: Pki, server: ssl.SSLContext) -> None:
    """A client that asked for another host than those in the certificate turns away."""
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        await shake_hands(server, trusting(pki.ca_path), "broker.test")


def signed(subject: x509.Name, issuer: x509.Name, by: rsa.RSAPrivateKey, *extensions: x509.ExtensionType) -> Pair:
    """A certificate for a new key; in its own name it is signed with that key."""
    key = new_key()
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(FROM).not_valid_after(UNTIL)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return Pair(key, builder.sign(key if subject == issuer else by, SHA256()))


def version_1(of: Pair) -> Pair:
    """The same certificate in version 1 of X.509, which knows no extensions."""
    tbs = of.certificate.tbs_certificate_bytes
    bare = der(0x30, tbs[4:].removeprefix(b"\xa0\x03\x02\x01\x02"))
    algorithm = bytes.fromhex("300d06092a864886f70d01010b0500")
    whole = bare + algorithm + der(0x03, b"\0" + of.key.sign(bare, PKCS1v15(), SHA256()))
    return Pair(of.key, x509.load_der_x509_certificate(der(0x30, whole)))


def der(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x82]) + len(content).to_bytes(2, "big") + content


def written(path: Path, pair: Pair) -> Path:
    path.write_bytes(pem(pair.key, pair.certificate, ()))
    return path


NAME, HOLDER = plain_subject("Et fagsystem"), plain_subject("En anden")
NO_CA = x509.BasicConstraints(ca=False, path_length=None)


@pytest.mark.parametrize("extensions", [(), (NO_CA,)], ids=["none", "no CA"])
@pytest.mark.parametrize("issuer", [NAME, plain_subject("En CA")], ids=["self-signed", "issued"])
async def test_a_single_certificate_is_itself_and_issues_nothing(
    pki: Pki, tmp_path: Path, issuer: x509.Name, extensions: tuple[x509.ExtensionType, ...]
) -> None:
    """--client-ca with one system's own certificate: it gets in, what its holder signs with it does not."""
    single = signed(NAME, issuer, new_key(), *extensions)
    forged = signed(HOLDER, NAME, single.key, NO_CA)
    own = written(tmp_path / "single.pem", single)
    server = server_context(pki.server(["localhost"]).path, None, [pki.ca_path, own])
    assert (await shake_hands(server, lenient(pki.ca_path, own))).client_certificate == single.der
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await shake_hands(server, lenient(pki.ca_path, written(tmp_path / "forged.pem", forged)))


def lenient(ca: Path, certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("kind", ["version 1", "keyCertSign alone"])
def test_what_openssl_would_take_for_a_ca_is_refused(pki: Pki, tmp_path: Path, kind: str) -> None:
    """A single certificate that OpenSSL would let issue others, though it says nowhere that it is a CA: no start."""
    single = (
        version_1(signed(NAME, NAME, new_key())) if kind == "version 1" else signed(NAME, HOLDER, new_key(), CERT_SIGN)
    )
    path = written(tmp_path / "single.pem", single)
    with pytest.raises(StoreError, match=r"single\.pem: .* does not say whether it is one of a CA"):
        server_context(pki.server(["localhost"]).path, None, [pki.ca_path, path])


CERT_SIGN = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)
