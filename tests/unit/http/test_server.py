"""Listeners: a free port, an answer, and an end; slow clients and large requests are bounded."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import time

import pytest

from adapters.http import connection, server
from adapters.http.limit import BodyLimit
from adapters.http.listener import PortInUse, bind
from tests.unit.http.listener import Echo, listening


def post(port: int, body: bytes, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One request; blocks."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        client.request("POST", "/", body, headers)
        answer = client.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        client.close()


def read_all(sock: socket.socket) -> bytes:
    """Until the other end closes; blocks."""
    sock.settimeout(10)
    chunks = []
    while chunk := sock.recv(65536):
        chunks.append(chunk)
    return b"".join(chunks)


async def test_answers_on_a_free_port() -> None:
    """Port 0 gives a free port; requests are answered on the loop that runs the emulator, and none after the end."""
    async with listening(Echo()) as port:
        status, headers, body = await asyncio.to_thread(post, port, b"hej")
    assert (status, json.loads(body)["size"]) == (200, 3)
    assert "server" not in headers
    assert json.loads(body)["tls"] is None
    with pytest.raises(ConnectionRefusedError):
        await asyncio.to_thread(post, port, b"")


def test_port_in_use_is_said_with_its_number() -> None:
    """Which port, who wanted it, and what to do about it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"the admin API .*127.0.0.1:{port} .*--admin-port"):
            bind("127.0.0.1", port)
        with pytest.raises(PortInUse, match=f"the STS .*127.0.0.1:{port} .*--https-port"):
            bind("127.0.0.1", port, "the STS", "--https-port")


async def test_small_answers_are_not_held_back() -> None:
    """TCP_NODELAY on the connections: an answer of two writes does not wait 40 ms for the client's delayed ACK."""
    seen: list[int] = []

    class Look(connection.Connection):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            sock = transport.get_extra_info("socket")
            seen.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "Connection", Look)
        async with listening(Echo()) as port:
            await asyncio.to_thread(post, port, b"")
    assert seen == [1]


@pytest.mark.parametrize(("size", "status"), [(0, 200), (1000, 200), (1001, 413), (12_000, 413), (17_000, 413)])
async def test_a_body_is_bounded(size: int, status: int) -> None:
    """413 with a sentence, and the application never sees it; a client that sends all of it gets to read that."""
    echo = Echo()
    async with listening(BodyLimit(echo, limit=1000)) as port:
        got, headers, body = await asyncio.to_thread(post, port, b"x" * size)
    assert (got, echo.called) == (status, int(status == 200))
    if status == 413:
        assert json.loads(body) == {"message": "the body of the request is larger than 1000 bytes", "kode": "too_large"}
        assert headers["connection"] == "close"
    else:
        assert json.loads(body)["size"] == size


async def test_a_body_in_chunks_is_bounded_too() -> None:
    """Whatever the client says of its length, or does not."""
    echo = Echo()

    def send(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(30):
                sock.sendall(b"64\r\n" + b"x" * 100 + b"\r\n")
            sock.sendall(b"0\r\n\r\n")
            return read_all(sock)

    async with listening(BodyLimit(echo, limit=1000)) as port:
        assert b" 413 " in await asyncio.to_thread(send, port)
    assert echo.called == 0


async def test_an_endless_body_is_cut_off() -> None:
    """It is not read for ever: after sixteen times the limit the answer comes, and the connection is closed."""

    def send(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 20_000)
            return read_all(sock)

    async with listening(BodyLimit(Echo(), limit=1000)) as port:
        assert b" 413 " in await asyncio.to_thread(send, port)


async def test_a_body_that_does_not_arrive() -> None:
    """408, and the connection is closed."""

    def send(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            return read_all(sock)

    echo = Echo()
    async with listening(BodyLimit(echo, timeout=0.2)) as port:
        answer = await asyncio.to_thread(send, port)
    assert b" 408 " in answer
    assert b"did not arrive within 0.2 seconds" in answer
    assert echo.called == 0


async def test_a_client_that_leaves_before_it_has_sent_all() -> None:
    """Nothing is called, nothing is logged as a failure, and the listener goes on."""

    def leave(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")

    echo = Echo()
    async with listening(BodyLimit(echo)) as port:
        await asyncio.to_thread(leave, port)
        assert (await asyncio.to_thread(post, port, b"x"))[0] == 200
    assert echo.called == 1


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_headers_that_do_not_arrive(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that never gets to the end of its headers is closed; octet by octet does not help it."""
    monkeypatch.setattr(connection, "HEAD_TIMEOUT", 0.3)

    def linger(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(sent)
            try:
                for _ in range(30 if sent else 0):
                    sock.sendall(b"x")
                    time.sleep(0.05)
                return read_all(sock)
            except OSError:  # closed under us
                return b""

    async with listening(Echo()) as port:
        assert await asyncio.to_thread(linger, port) == b""


async def test_requests_one_after_the_other_on_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for headers ends with each request: a connection that is used is not cut off."""
    monkeypatch.setattr(connection, "HEAD_TIMEOUT", 0.5)

    def talk(port: int) -> list[int]:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        statuses = []
        for _ in range(8):
            client.request("POST", "/", b"x")
            answer = client.getresponse()
            answer.read()
            statuses.append(answer.status)
            time.sleep(0.1)
        client.close()
        return statuses

    async with listening(Echo()) as port:
        assert await asyncio.to_thread(talk, port) == [200] * 8
