"""How a party receives: it fetches over AMQP, or is pushed to.  A letter is acked only when it is in the database."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from consumers.client import Afhent, Endpoint, Modtaget
from consumers.fagsystem.mishap import HandlingFailed, Mishap, Mishaps
from consumers.kuvert import Kuvert, read_kuvert
from consumers.modtag import Arrival, Modtag
from consumers.xml import read_xml

PREFETCH = 50

Handle = Callable[[Kuvert, bool], bool]
"""Takes a message into the database, whole or not at all; False where it had come before.  Told whether to fail."""


class Receiving(Protocol):
    """One connection's worth of receiving."""

    in_hand: int
    """Letters taken off the wire and not acked yet."""

    async def run(self) -> None:
        """Until `stop`, or until the connection goes.  Raises ConnectionLost, NotPermitted."""
        ...

    def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class PushEndpoint:
    """A party that is pushed to: where it sends to, and where it listens.  ``path`` is the callback's."""

    afsend: Endpoint
    port: int
    host: str = "127.0.0.1"
    path: str = "/"
    tls: ssl.SSLContext | None = None


class Fetching:
    """By AMQP, from its dueslag (SF1461 BeskedHent)."""

    def __init__(self, endpoint: Endpoint, dueslag: str, handle: Handle, mishaps: Mishaps) -> None:
        self.in_hand = 0
        self._afhent = Afhent(endpoint, dueslag, prefetch=PREFETCH, attempts=1)
        self._handle = handle
        self._mishaps = mishaps

    async def run(self) -> None:
        async with self._afhent, aclosing(self._letters()) as letters:
            async for modtaget in letters:
                self.in_hand += 1
                try:
                    if not await self._settle(modtaget):
                        return
                finally:
                    self.in_hand -= 1

    def stop(self) -> None:
        self._afhent.stop()

    async def _letters(self) -> AsyncGenerator[Modtaget, None]:
        async for modtaget in self._afhent:
            yield modtaget

    async def _settle(self, modtaget: Modtaget) -> bool:
        """Handle one and say so; False = the connection is to be cut."""
        try:
            kuvert = modtaget.kuvert
        except ValueError:
            await modtaget.reject()
            return True
        mishap = self._mishaps.of(kuvert.besked_id)
        if mishap is Mishap.CUT:
            return False
        if mishap is Mishap.REQUEUED:
            await modtaget.requeue()
            return True
        try:
            self._handle(kuvert, mishap is Mishap.FAILED)
        except HandlingFailed:
            await modtaget.requeue()
            return True
        if mishap is Mishap.UNACKED:
            return False
        await modtaget.ack()
        return True


class Pushed:
    """By push (SF1461 BeskedFåTilsendt), on a port of its own."""

    def __init__(self, endpoint: PushEndpoint, handle: Handle, mishaps: Mishaps) -> None:
        self.in_hand = 0
        self._endpoint = endpoint
        self._handle = handle
        self._mishaps = mishaps
        self._modtag = Modtag(self._seen, path=endpoint.path)

    async def run(self) -> None:
        sock = socket.create_server((self._endpoint.host, self._endpoint.port))
        await self._modtag.serve(sock, self._endpoint.tls)

    def stop(self) -> None:
        self._modtag.stop()

    def _seen(self, arrival: Arrival) -> None:
        """Before the answer: an OSError makes it 53, and the message comes again."""
        if arrival.kuvert is None or not arrival.conduct.takes:
            return
        mishap = self._mishaps.of(arrival.besked_id)
        if mishap in (Mishap.CUT, Mishap.REQUEUED):
            raise OSError(mishap)
        try:
            self._handle(_with_payload(arrival.body), mishap is Mishap.FAILED)
        except HandlingFailed as error:
            raise OSError(str(error)) from error
        if mishap is Mishap.UNACKED:
            raise OSError(mishap)


def _with_payload(body: bytes) -> Kuvert:
    """`Arrival.kuvert` is without Beskeddata; this is the whole."""
    besked = read_xml(body)[0]
    return read_kuvert(etree.tostring(besked, encoding="utf-8", with_tail=False))


async def pause(stopped: asyncio.Event, seconds: float) -> None:
    """Wait, but not beyond the end."""
    try:
        async with asyncio.timeout(seconds):
            await stopped.wait()
    except TimeoutError:
        return
