"""TLS on accepted connections: what gets through, and what is said when a handshake fails."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import structlog
import trustme

from broker.tls import behind_tls

CA = trustme.CA()


class Echo(asyncio.Protocol):
    """Sends back what comes, and says whose certificate it saw."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.certificate = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)

    def data_received(self, data: bytes) -> None:
        self.transport.write(data + (b"!" if self.certificate else b""))


class BufferedEcho(Echo, asyncio.BufferedProtocol):
    """The same by a buffer, a small one."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.buffer = memoryview(bytearray(3))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(self.buffer[:nbytes]))


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    CA.issue_cert("localhost").configure_cert(context)
    CA.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def client_context(trust: trustme.CA = CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    trust.configure_trust(context)
    return context


@pytest.fixture(params=[Echo, BufferedEcho])
async def port(request: pytest.FixtureRequest) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(behind_tls(request.param, server_context(), 1.0), "127.0.0.1", 0)
    yield int(server.sockets[0].getsockname()[1])
    server.close()


async def say(port: int, context: ssl.SSLContext, data: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    writer.write(data)
    answer = b""
    while len(answer) < len(data):  # it may come in pieces
        piece = await asyncio.wait_for(reader.read(65536), 5)
        answer += piece
        if not piece:
            break
    writer.close()
    return answer


def shake_hands(port: int, context: ssl.SSLContext) -> None:
    """As clients with sockets of their own do it: OpenSSL's alert goes out before the connection is dropped.

    With TLS 1.3 what the server thinks of a client certificate comes with the first read.
    """
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        secure.settimeout(1)
        with contextlib.suppress(TimeoutError):
            secure.recv(1)


async def told(logs: list[Any]) -> dict[str, Any]:
    for _ in range(200):
        if logs:
            return cast(dict[str, Any], logs[-1])
        await asyncio.sleep(0.01)
    raise AssertionError("nothing was logged")


async def test_data_right_after_the_handshake_is_not_lost(port: int) -> None:
    """A client that speaks first, as AMQP's do, is heard; a hundred at once."""
    answers = await asyncio.gather(*(say(port, client_context(), f"AMQP{n}".encode()) for n in range(100)))
    assert answers == [f"AMQP{n}".encode() for n in range(100)]


async def test_client_certificate_is_seen(port: int) -> None:
    """Where a client presents one, the protocol can ask for it."""
    context = client_context()
    CA.issue_cert("fagsystem").configure_cert(context)
    assert await say(port, context, b"x") == b"x!"


async def test_client_certificate_of_an_unknown_ca_is_refused_with_a_word(port: int) -> None:
    """The log says that it is the client's certificate, and which setting decides."""
    context = client_context()
    trustme.CA().issue_cert("fremmed").configure_cert(context)
    with structlog.testing.capture_logs() as logs:
        with pytest.raises((ssl.SSLError, ConnectionError)):  # noqa: PT012
            if not await say(port, context, b"x"):
                raise ConnectionResetError  # TLS 1.3: the client learns it with its first read
        line = await told(logs)
    assert line["event"] == "TLS handshake failed"
    assert "certificate verify failed" in line["reason"]
    assert "--client-ca" in line["hint"]
    with pytest.raises(ssl.SSLError, match="alert unknown ca"):
        await asyncio.to_thread(shake_hands, port, context)
    assert await say(port, client_context(), b"next") == b"next"


async def test_client_that_does_not_trust_us_is_told_of_in_the_log(port: int) -> None:
    """The most frequent failure of a first try: the CA bundle is missing at the client."""
    with structlog.testing.capture_logs() as logs:
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(shake_hands, port, client_context(trustme.CA()))
        line = await told(logs)
    assert "certs export --format ca" in line["hint"]


async def test_plain_client_and_silent_one(port: int) -> None:
    """A client that speaks HTTP, or nothing, costs a line in the log, and its connection is closed in time."""
    with structlog.testing.capture_logs() as logs:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await asyncio.wait_for(reader.read(), 5)
        assert "plain HTTP" in (await told(logs))["hint"]
        writer.close()
        logs.clear()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises(ConnectionError):  # noqa: PT012
            if not await asyncio.wait_for(reader.read(), 5):
                raise ConnectionResetError
        assert (await told(logs))["log_level"] == "info"
        writer.close()


async def test_expired_certificate_is_called_so(port: int) -> None:
    """Not "of an unknown CA": the hint is about the clock and the certificate."""
    context = client_context()
    CA.issue_cert("gammel", not_after=datetime(2020, 1, 1, tzinfo=UTC)).configure_cert(context)
    with structlog.testing.capture_logs() as logs:
        with pytest.raises(ssl.SSLError, match="alert certificate expired"):
            await asyncio.to_thread(shake_hands, port, context)
        assert "has expired" in (await told(logs))["hint"]


def conversations() -> int:
    return sum(1 for one in gc.get_objects() if type(one).__name__ == "SSLProtocol")


async def test_broken_handshakes_leave_nothing_behind(port: int) -> None:
    """A client that goes in the middle costs no memory, whenever the collector comes by."""
    gc.collect()
    gc.disable()
    before = conversations()
    try:
        for _ in range(30):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"\x16\x03\x01\x02\x00\x01")
            await writer.drain()
            writer.close()
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        assert conversations() - before < 5
    finally:
        gc.enable()
