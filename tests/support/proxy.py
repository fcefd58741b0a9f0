"""A TCP proxy that can be cut: what a client sees when the network goes, or when nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Proxy:
    """Passes bytes to and fro; `cut` drops every connection, `mute` swallows what the server says."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.mute = False
        self.connections = 0
        self.port = 0

    def cut(self) -> None:
        """Drop all connections, both sides, without a word."""
        for writer in self._writers:
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        pair = {writer, far_writer}
        self._writers |= pair
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pass(reader, far_writer, pair, from_server=False))
                tasks.create_task(self._pass(far_reader, writer, pair, from_server=True))
        finally:
            self._writers -= pair

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pair: set[asyncio.StreamWriter], *,
        from_server: bool,
    ) -> None:  # fmt: skip
        try:
            while data := await reader.read(65536):
                if not (from_server and self.mute):
                    writer.write(data)
                    await writer.drain()
        except OSError:
            pass
        finally:
            for end in pair:
                end.close()


@asynccontextmanager
async def proxied(host: str, port: int) -> AsyncIterator[Proxy]:
    """A proxy in front of ``host:port``, on a free port."""
    proxy = Proxy(host, port)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        proxy.cut()
        server.close()
        await server.wait_closed()
