"""One TLS connection over loopback: what each side saw."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of it: the client certificate as the server has it (DER), and the protocol."""

    client_certificate: bytes | None
    version: str | None


async def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "localhost") -> Seen:
    """Connect, let the server answer one byte, hang up.  Raises what the client raises (ssl.SSLError, OSError)."""
    seen: list[Seen] = []

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tls = writer.get_extra_info("ssl_object")
        seen.append(Seen(tls.getpeercert(binary_form=True), tls.version()))
        writer.write(b"!")
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=server)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
        try:
            if await reader.read(1) != b"!":
                raise ConnectionResetError("the server hung up")
        finally:
            writer.close()
    return seen[0]


def trusting(ca: Path, certificate: Path | None = None) -> ssl.SSLContext:
    """A client as Python 3.13 makes it: strict, trusting this bundle alone."""
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if certificate is not None:
        context.load_cert_chain(certificate)
    return context
