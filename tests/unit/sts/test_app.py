"""The STS as a whole: what is there, what is not, and what it does while there is no Beskedfordeler."""

from __future__ import annotations

import asyncio

import pytest

from adapters.http.listener import bind
from adapters.http.server import serving
from adapters.pki import Pki, server_context
from adapters.sts.app import StsConfig, create_sts
from adapters.sts.assertion import Signer
from broker.tokens import Token
from tests.unit.sts.office import DEMO, EXCHANGE, REST, SENDER, SOAP, Office, fetch

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_page_says_what_is_there(office: Office) -> None:
    """Every path in plain text, without a certificate."""
    reply = await office.call("GET", "/")
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/plain")
    for path in (REST, SOAP, EXCHANGE, DEMO):
        assert path in reply.content.decode()


@pytest.mark.parametrize(
    ("method", "path", "status", "kode"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", REST, 405, "method_not_allowed"),
        ("GET", SOAP, 405, "method_not_allowed"),
        ("DELETE", DEMO, 405, "method_not_allowed"),
    ],
)
async def test_what_is_not_there(office: Office, method: str, path: str, status: int, kode: str) -> None:
    """404 and 405 in the shape of all refusals."""
    assert (await office.call(method, path)).refusal[:2] == (status, kode)


async def test_no_server_header(office: Office) -> None:
    """What serves it is nobody's business."""
    assert "server" not in (await office.call("GET", "/")).headers


async def test_503_until_there_is_a_beskedfordeler(pki: Pki) -> None:
    """The listener is up before the store is: whoever comes early is told to come again."""
    own = pki.sts()
    config = StsConfig("https://issuer.example", 60, (pki.ca_path,))
    app = create_sts(lambda: None, Signer(own.key, own.certificate), config, _Nobody())
    tls = server_context(pki.server(["localhost", "127.0.0.1"]).path, None, [pki.ca_path])
    sock = bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    pem = pki.system(SENDER, "x").path
    async with serving(app, sock, tls):
        for path, body in ((REST, b"{}"), (SOAP, b"<a/>"), (EXCHANGE, b"saml-token=AAAA"), (DEMO, b"x")):
            reply = await asyncio.to_thread(fetch, port, pki.ca_path, pem, "POST", path, body, {})
            assert reply.refusal[:2] == (503, "not_available"), path
            assert reply.headers["retry-after"] == "1"


class _Nobody:
    def verify(self, raw: bytes, now: float, presented: bytes | None = None) -> Token:
        raise AssertionError
