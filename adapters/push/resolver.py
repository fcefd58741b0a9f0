"""Names to addresses, in a few threads of our own.

A name server that does not answer holds its thread for many seconds.  asyncio's own threads are few, and others need
them (large messages are parsed there).
"""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

THREADS = 16
"""Look-ups at the same time."""


class Resolver(AbstractResolver):
    """`getaddrinfo` in daemon threads: one that hangs holds up neither the loop nor the end of the process."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._room = asyncio.Semaphore(THREADS)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """All addresses.  Raises OSError."""
        await self._room.acquire()  # given back by the thread, as that goes on when nobody waits any more
        answer: asyncio.Future[list[Any]] = self._loop.create_future()
        threading.Thread(target=self._look_up, args=(answer, host, port, family), daemon=True).start()
        return [
            ResolveResult(
                hostname=host,
                host=_address(address),
                port=address[1],
                family=found,
                proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found, _, proto, _, address in await answer
        ]

    async def close(self) -> None:
        """Threads that still wait end by themselves."""

    def _look_up(self, answer: asyncio.Future[list[Any]], host: str, port: int, family: socket.AddressFamily) -> None:
        found: list[Any] | OSError
        try:
            found = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            found = error if isinstance(error, OSError) else OSError(str(error))
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._answer, answer, found)

    def _answer(self, answer: asyncio.Future[list[Any]], found: list[Any] | OSError) -> None:
        self._room.release()
        if answer.done():
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)


def _address(address: tuple[Any, ...]) -> str:
    """With the interface, where the address (IPv6, link-local) holds on one only."""
    host = str(address[0])
    return f"{host}%{address[3]}" if len(address) == 4 and address[3] and "%" not in host else host
