"""The admin API on a socket of its own."""

from __future__ import annotations

import asyncio
import http.client
import socket

import pytest

from adapters.http.listener import PortInUse, bind
from adapters.http.server import serving
from tests.unit.rest.desk import Desk


async def test_answers_on_a_free_port(desk: Desk) -> None:
    """Port 0 gives a free port; requests are answered on the loop that runs the emulator, and none after the end."""
    sock = bind("127.0.0.1", 0)
    port = sock.getsockname()[1]

    def fetch() -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    async with serving(desk.app, sock):
        status, body = await asyncio.to_thread(fetch)
    assert (status, body) == (200, b'{"ready":true,"reason":""}')
    with pytest.raises(ConnectionRefusedError):
        await asyncio.to_thread(fetch)


def test_port_in_use_is_said_with_its_number() -> None:
    """Which port, and what to do about it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=f"127.0.0.1:{port} .*--admin-port"):
            bind("127.0.0.1", port)
