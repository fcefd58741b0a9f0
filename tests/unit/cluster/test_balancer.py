"""What HAProxy does with connections that are there, by what a front answers to its check."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from adapters.cluster import programs
from adapters.cluster.balancer import Balancer, Server
from adapters.cluster.ports import HOST, free_port
from adapters.cluster.watchdog import Watchdog

MISSING = programs.haproxy() is None and os.environ.get("CI") != "true"
pytestmark = pytest.mark.skipif(MISSING, reason="needs haproxy: apt-get install haproxy")
PATIENCE = 30.0


class FakeFront:
    """Echoes on its AMQP port, and answers its check as it is told to."""

    def __init__(self) -> None:
        self.status = "200 OK"
        self.answers = asyncio.Event()
        self.answers.set()

    async def check(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await self.answers.wait()
            writer.write(f"HTTP/1.1 {self.status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()

    async def echo(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while got := await reader.read(100):
                writer.write(got)
                await writer.drain()
        writer.close()


class Client:
    """One connection by the balancer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def goes_through(self) -> bool:
        """Whether what is sent comes back."""
        try:
            self._writer.write(b"x")
            return await self._reader.read(1) == b"x"
        except OSError:
            return False

    async def is_cut(self) -> None:
        """Returns when the other side has closed it."""
        with suppress(OSError):
            assert await self._reader.read(1) == b""

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


@pytest.fixture
def front() -> FakeFront:
    return FakeFront()


@pytest.fixture
async def port(front: FakeFront, tmp_path: Path) -> AsyncIterator[int]:
    """Of the balancer before it."""
    watchdog, port = Watchdog(), free_port()
    balancer = Balancer(tmp_path / "haproxy", watchdog)
    checked = await asyncio.start_server(front.check, HOST, 0)
    echoing = await asyncio.start_server(front.echo, HOST, 0)
    ports = {"amqp": echoing.sockets[0].getsockname()[1], "admin": checked.sockets[0].getsockname()[1]}
    try:
        await asyncio.to_thread(balancer.start, {"amqp": f"{HOST}:{port}"}, [Server("front1", HOST, ports)])
        yield port
    finally:
        balancer.process.kill()
        watchdog.close()
        front.answers.set()
        checked.close()
        echoing.close()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Client]:
    client = Client(*await asyncio.open_connection(HOST, port))
    try:
        yield client
    finally:
        await client.close()


async def new_ones_are_taken(port: int) -> bool:
    """Whether a new connection gets to the front."""
    async with connected(port) as client:
        return await client.goes_through()


async def until_new_ones_are(port: int, taken: bool) -> None:
    """Taken, or not."""
    async with asyncio.timeout(PATIENCE):
        while await new_ones_are_taken(port) is not taken:  # noqa: ASYNC110 - it is HAProxy that changes
            await asyncio.sleep(0.1)


async def test_a_front_that_is_not_ready_keeps_the_connections_that_it_has(front: FakeFront, port: int) -> None:
    """PostgreSQL is away: nothing new goes to the front, but whoever fetches goes on."""
    async with connected(port) as there:
        assert await there.goes_through()
        front.status = "503 Service Unavailable"
        await until_new_ones_are(port, taken=False)
        assert await there.goes_through()
        front.status = "200 OK"
        await until_new_ones_are(port, taken=True)
        assert await there.goes_through()


async def test_a_front_that_stands_still_loses_its_connections(front: FakeFront, port: int) -> None:
    """Nobody need wait for a heartbeat: the client finds its connection closed, and connects to another front."""
    async with connected(port) as there:
        assert await there.goes_through()
        front.answers.clear()
        async with asyncio.timeout(PATIENCE):
            await there.is_cut()
    front.answers.set()
    await until_new_ones_are(port, taken=True)
