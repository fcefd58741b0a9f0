"""TLS: what an application is told of the connection, with a client certificate and without."""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
from typing import Any

import pytest
import trustme

from adapters.http.tls import client_certificate
from tests.unit.http.listener import Echo, listening

CA = trustme.CA()
OTHER_CA = trustme.CA()


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert("localhost").configure_cert(context)
    CA.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def ask(port: int, client: trustme.LeafCert | None, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> Any:
    """The JSON of one answer; blocks."""
    context = ssl.create_default_context()
    CA.configure_trust(context)
    context.minimum_version = context.maximum_version = version
    if client is not None:
        client.configure_cert(context)
    connection = http.client.HTTPSConnection("localhost", port, timeout=10, context=context)
    try:
        connection.request("POST", "/", b"x")
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def der_of(client: trustme.LeafCert) -> bytes:
    return ssl.PEM_cert_to_DER_cert(client.cert_chain_pems[0].bytes().decode())


@pytest.mark.parametrize(("version", "number"), [(ssl.TLSVersion.TLSv1_2, 0x0303), (ssl.TLSVersion.TLSv1_3, 0x0304)])
async def test_a_client_certificate_is_told_of(version: ssl.TLSVersion, number: int) -> None:
    """As the ASGI TLS extension writes it: PEM, name, version and suite."""
    client = CA.issue_cert("anvendersystem.example", common_name="Et system")
    async with listening(Echo(), server_tls()) as port:
        told = await asyncio.to_thread(ask, port, client, version)
    assert told["scheme"] == "https"
    assert bytes.fromhex(told["certificate"]) == der_of(client)
    tls = told["tls"]
    assert tls["tls_version"] == number
    assert (tls["cipher_suite"] >> 8) == (0x13 if number == 0x0304 else 0xC0)
    assert "CN=Et system" in tls["client_cert_name"]
    assert ssl.PEM_cert_to_DER_cert(tls["client_cert_chain"][0]) == der_of(client)
    assert tls["client_cert_error"] is None


async def test_without_a_client_certificate() -> None:
    """The request is served all the same, and the application knows that nobody was shown."""
    async with listening(Echo(), server_tls()) as port:
        told = await asyncio.to_thread(ask, port, None)
    assert told["certificate"] is None
    assert (told["tls"]["client_cert_chain"], told["tls"]["client_cert_name"]) == ([], None)


async def test_a_certificate_of_an_unknown_ca_does_not_get_in() -> None:
    """TLS itself refuses it; the application is not called."""
    echo = Echo()
    async with listening(echo, server_tls()) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.to_thread(ask, port, OTHER_CA.issue_cert("x.example"))
    assert echo.called == 0


async def test_each_connection_has_its_own() -> None:
    """Two clients at the same time are not taken for each other."""
    clients = [CA.issue_cert(f"system{i}.example") for i in range(2)]
    async with listening(Echo(), server_tls()) as port:
        answers = await asyncio.gather(*(asyncio.to_thread(ask, port, client) for client in [*clients, *clients]))
    assert [bytes.fromhex(told["certificate"]) for told in answers] == [der_of(client) for client in clients * 2]


def test_without_tls_there_is_no_certificate() -> None:
    """On a plain connection nobody is shown, whatever other extensions there are."""
    assert client_certificate({"type": "http"}) is None
    assert client_certificate({"type": "http", "extensions": {"http.response.push": {}}}) is None
