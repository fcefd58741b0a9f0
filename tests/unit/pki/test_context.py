"""The listeners' TLS: what a user may bring, and what is said of what cannot be used."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from adapters.pki import Pki, server_context
from adapters.pki.identity import chain_pem, key_pem
from broker.core.model import Anvendersystem
from broker.errors import StoreError
from tests.unit.pki.authorities import brought
from tests.unit.pki.handshake import shake_hands, trusting

SYSTEM = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Eksempelby Fagsystem", "11111111")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A development CA."""
    return Pki.open(tmp_path_factory.mktemp("data"))


async def test_without_client_cas_nobody_is_asked(pki: Pki) -> None:
    """A listener that takes no client certificates does not fail those who have one."""
    context = server_context(pki.server(["localhost"]).path, None, [])
    client = trusting(pki.ca_path, pki.system(SYSTEM, "Eksempelby").path)
    assert (await shake_hands(context, client)).client_certificate is None


async def test_tls_1_2_is_spoken(pki: Pki) -> None:
    """A client that knows TLS 1.2 only gets it, with its certificate seen."""
    context = server_context(pki.server(["localhost"]).path, None, [pki.ca_path])
    client = trusting(pki.ca_path, pki.system(SYSTEM, "Eksempelby").path)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    seen = await shake_hands(context, client)
    assert seen.version == "TLSv1.2"
    assert seen.client_certificate is not None


def test_older_than_tls_1_2_is_not_spoken(pki: Pki) -> None:
    """TLS 1.0 and 1.1 are off, whatever the machine's own policy allows."""
    context = server_context(pki.server(["localhost"]).path, None, [])
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


async def test_a_server_certificate_is_no_client_certificate(pki: Pki) -> None:
    """A certificate for servers alone is not taken from a client."""
    server = pki.server(["localhost"]).path
    context = server_context(server, None, [pki.ca_path])
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await shake_hands(context, trusting(pki.ca_path, server))


async def test_clients_of_several_cas_are_taken(pki: Pki, tmp_path: Path) -> None:
    """Beside our CA another may be named, and function certificates of both are let in."""
    other = Pki.open(tmp_path)
    context = server_context(pki.server(["localhost"]).path, None, [pki.ca_path, other.ca_path])
    for one in (pki, other):
        client = trusting(pki.ca_path, one.system(SYSTEM, "Eksempelby").path)
        assert (await shake_hands(context, client)).client_certificate is not None


async def test_an_issuing_ca_sends_itself_along(tmp_path: Path) -> None:
    """Of a given CA below a root: clients that trust the root alone get the whole chain, and the listener too."""
    root = brought("Rod", begin=1.7e9, days=20000)
    issuing = brought("Udstedende CA", by=root, begin=1.7e9, days=20000)
    chain, key = issuing.write(tmp_path, root)
    pki = Pki.open(tmp_path / "data", ca_cert=chain, ca_key=key)
    trusted = tmp_path / "root.pem"
    trusted.write_bytes(chain_pem([root.certificate]))
    context = server_context(pki.server(["localhost"]).path, None, [trusted])
    client = ssl.create_default_context(cafile=trusted)
    client.load_cert_chain(pki.system(SYSTEM, "Eksempelby").path)
    assert (await shake_hands(context, client)).client_certificate is not None


async def test_an_issuing_ca_is_enough_to_take_clients(tmp_path: Path) -> None:
    """An OCES issuing CA can be named without the root above it."""
    root = brought("Rod", begin=1.7e9, days=20000)
    issuing = brought("Udstedende CA", by=root, begin=1.7e9, days=20000)
    chain, key = issuing.write(tmp_path)
    pki = Pki.open(tmp_path / "data", ca_cert=chain, ca_key=key)
    server = Pki.open(tmp_path)
    context = server_context(server.server(["localhost"]).path, None, [chain])
    client = trusting(server.ca_path, pki.system(SYSTEM, "Eksempelby").path)
    assert (await shake_hands(context, client)).client_certificate is not None


async def test_a_single_client_certificate_may_be_named(pki: Pki, tmp_path: Path) -> None:
    """A certificate in the place of a CA lets in its holder, and nobody else of the CA that issued it."""
    other = Pki.open(tmp_path)
    named = other.system(SYSTEM, "Eksempelby")
    alone = tmp_path / "alone.pem"
    alone.write_bytes(chain_pem([named.certificate]))
    context = server_context(pki.server(["localhost"]).path, None, [alone])
    assert (await shake_hands(context, trusting(pki.ca_path, named.path))).client_certificate is not None
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await shake_hands(context, trusting(pki.ca_path, other.beskedfordeler().path))


def test_certificate_and_key_may_be_two_files(pki: Pki, tmp_path: Path) -> None:
    """A user's own certificate comes with its key in the same file or in another."""
    own = pki.server(["localhost"])
    (tmp_path / "tls.key").write_bytes(key_pem(own.key))
    (tmp_path / "tls.pem").write_bytes(chain_pem([own.certificate]))
    assert server_context(tmp_path / "tls.pem", tmp_path / "tls.key", []).verify_mode is ssl.CERT_NONE


def test_a_server_certificate_that_cannot_be_used_is_named(pki: Pki, tmp_path: Path) -> None:
    """No file, no certificate, no key, another's key, an encrypted key: each its own sentence with the file."""
    own, other = pki.server(["localhost"]), pki.sts()
    cert, key = tmp_path / "tls.pem", tmp_path / "tls.key"

    def refused(file: Path, said: str, given: Path | None = key) -> None:
        with pytest.raises(StoreError, match=re.escape(str(file)) + ": " + said):
            server_context(cert, given, [])

    refused(cert, "no such file")
    cert.write_bytes(b"rubbish")
    refused(cert, "holds no certificate")
    cert.write_bytes(chain_pem([own.certificate]))
    refused(key, "no such file")
    refused(cert, r"holds no private key .*--tls-key", None)
    key.write_bytes(key_pem(other.key))
    refused(key, r"the key is not that of the first certificate in .*tls\.pem")
    sealed = serialization.BestAvailableEncryption(b"hemmelig")
    key.write_bytes(own.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed))
    refused(key, r"the key is encrypted.*openssl pkey -in")
    cert.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    refused(cert, "cannot be used as a server certificate")


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_client_ca_without_certificate_is_named(pki: Pki, tmp_path: Path, content: bytes) -> None:
    """A bundle with no CA in it ends the start, with its name."""
    bundle = tmp_path / "kunder.pem"
    bundle.write_bytes(content)
    with pytest.raises(StoreError, match=r"kunder\.pem: holds no certificates of CAs"):
        server_context(pki.server(["localhost"]).path, None, [pki.ca_path, bundle])
