"""TLS over a real socket: who is let in, who turns away."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.pki import Pki, names_served, server_context
from broker.core.model import Anvendersystem
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
