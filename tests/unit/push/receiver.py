"""A receiver that does as it is told, step by step: answers, hangs, resets, talks garbage."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

STANDARD_RETUR = (
    '<?xml version="1.0" encoding="UTF-8"?><ns:ModtagBeskedOutput xmlns:ns="urn:oio:sts:1.0.0">'
    '<s:StandardRetur xmlns:s="urn:oio:sagdok:3.0.0"><s:StatusKode>{kode}</s:StatusKode>'
    "<s:FejlbeskedTekst>{text}</s:FejlbeskedTekst></s:StandardRetur></ns:ModtagBeskedOutput>"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    connection: int
    """1 for the first connection, and so on."""
    time: float


Step = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Answers one request; closing the writer ends the connection."""


def output(kode: int, text: str = "") -> bytes:
    """ModtagBeskedOutput."""
    return STANDARD_RETUR.format(kode=kode, text=text).encode()


def http(status: int, body: bytes = b"", **headers: str) -> Step:
    """An HTTP answer; ``headers`` with _ for -."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}", "Content-Type: application/xml"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join([*lines, "", ""]).encode() + body)


def kode(kode: int, text: str = "") -> Step:
    """HTTP 200 and this StatusKode."""
    return http(200, output(kode, text))


def raw(octets: bytes, close: bool = False) -> Step:
    """These octets, whatever they are."""

    async def step(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(octets)
        if close:
            writer.close()

    return step


def reset(first: bytes = b"") -> Step:
    """These octets, and then a connection reset."""

    async def step(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if first:
            writer.write(first)
            await asyncio.sleep(0.05)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return step


def after(seconds: float, step: Step) -> Step:
    """The same, later."""

    async def later(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await step(reader, writer)

    return later


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """No answer, ever; ends when the client hangs up."""
    await reader.read()
    writer.close()


@dataclass(slots=True)
class Receiver:
    """Listens on 127.0.0.1; each request gets the next step of ``script``, and after that ``otherwise``."""

    script: list[Step] = field(default_factory=list)
    otherwise: Step = field(default_factory=lambda: kode(20))
    seen: list[Seen] = field(default_factory=list)
    now: int = 0
    """Requests that are being answered."""
    most: int = 0
    """The most of these at one time."""
    crowded: set[str] = field(default_factory=set)
    """Paths that had two requests at one time."""
    tls: ssl.SSLContext | None = None
    port: int = 0
    reads_body: bool = True
    _connections: int = 0
    _busy: set[str] = field(default_factory=set)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Receiver:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """No longer listen, and break every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http{'s' if self.tls else ''}://localhost:{self.port}/modtag"

    async def got(self, count: int, seconds: float = 5.0) -> list[Seen]:
        """Wait for so many requests."""
        async with asyncio.timeout(seconds):
            while len(self.seen) < count:  # noqa: ASYNC110 - a test, which polls what it looks at
                await asyncio.sleep(0.005)
        return self.seen

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._connections += 1
        try:
            await self._requests(reader, writer, self._connections)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        while not writer.is_closing():
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = [line.partition(":") for line in head[1:] if line]
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            body = await reader.readexactly(int(headers["content-length"])) if self.reads_body else b""
            path = head[0].split()[1]
            self.seen.append(Seen(path, headers, body, number, asyncio.get_running_loop().time()))
            for _ in range(10):  # that the client has hung up on the one before may be read after the new one
                if path not in self._busy:
                    break
                await asyncio.sleep(0.005)
            else:
                self.crowded.add(path)
            self._busy.add(path)
            self.now += 1
            self.most = max(self.most, self.now)
            try:
                await (self.script.pop(0) if self.script else self.otherwise)(reader, writer)
            finally:
                self.now -= 1
                self._busy.discard(path)
            if not writer.is_closing():
                await writer.drain()
