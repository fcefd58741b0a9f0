"""Connections let in one by one, so that a TLS handshake that fails is told, and not lost as asyncio loses it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable

HANDSHAKE = 10.0
"""Seconds that a handshake may take."""
_BREATH = 0.1
"""Seconds to wait where the process has no file descriptor left."""


class Listener:
    """Accepts on ``sock`` and gives each connection a protocol of ``factory``; `run` ends by being cancelled.

    ``refused`` is told of each handshake that fails: host of the other end, and why.
    """

    def __init__(
        self,
        sock: socket.socket,
        factory: Callable[[], asyncio.BaseProtocol],
        tls: ssl.SSLContext | None,
        refused: Callable[[str, str], None],
    ) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._factory = factory
        self._tls = tls
        self._refused = refused

    async def run(self) -> None:
        """Let in whoever comes."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as handshakes:
            while True:
                try:
                    connection, address = await loop.sock_accept(self._sock)
                except OSError:
                    await asyncio.sleep(_BREATH)
                    continue
                handshakes.create_task(self._let_in(connection, str(address[0])))

    async def _let_in(self, connection: socket.socket, host: str) -> None:
        timeout = HANDSHAKE if self._tls is not None else None
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                self._factory, connection, ssl=self._tls, ssl_handshake_timeout=timeout
            )
        except ssl.SSLError as error:
            self._refused(host, (error.reason or str(error)).replace("_", " ").lower())
        except OSError as error:
            self._refused(host, str(error) or "the connection was closed during the handshake")
