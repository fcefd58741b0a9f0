"""A receiver of pushed messages that costs as little as one in Python can: a process of its own, a raw protocol.

`/modtag…` is answered 20, `/count` with the number of messages taken, and anything else never.  It prints its port, and
ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import http.client
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.cluster.ports import HOST
from benchmarks.process import allow_many_files

_BODY = (
    b'<?xml version="1.0" encoding="UTF-8"?><ns2:ModtagBeskedOutput xmlns="urn:oio:sagdok:3.0.0" '
    b'xmlns:ns2="urn:oio:sts:1.0.0"><StandardRetur><StatusKode>20</StatusKode><FejlbeskedTekst/></StandardRetur>'
    b"</ns2:ModtagBeskedOutput>"
)


def _http(body: bytes, kind: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(body), body)


_TAKEN = _http(_BODY, b"application/xml")
_taken = 0


class _Protocol(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._data = b""

    def data_received(self, data: bytes) -> None:
        global _taken
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r", 1)[0]) if at >= 0 else 0
            if len(self._data) < end + 4 + length:
                return
            self._data = self._data[end + 4 + length :]
            if head.startswith(b"post /modtag"):
                _taken += 1
                self._transport.write(_TAKEN)
            elif head.startswith(b"get /count"):
                self._transport.write(_http(b"%d" % _taken, b"text/plain"))


@dataclass(frozen=True, slots=True)
class Pushed:
    """A running receiver."""

    port: int

    def url(self, path: str) -> str:
        """Where to push to."""
        return f"http://{HOST}:{self.port}/{path}"

    def count(self) -> int:
        """Messages that it has taken."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=10.0)
        try:
            connection.request("GET", "/count")
            return int(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def receiving() -> Iterator[Pushed]:
    """Start a receiver, and stop it."""
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-m", "benchmarks.pushed"]
    process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Pushed(int(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10.0)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Protocol, HOST, 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    allow_many_files()
    asyncio.run(_serve())
