"""Modtag: a receiver of pushed messages, as a municipality's system is one (SF1461 BeskedFåTilsendt).

modtag = Modtag(lambda arrival: print(arrival.besked_id))
await modtag.serve(socket.create_server(("127.0.0.1", 8081)))
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from consumers.kuvert import Kuvert
from consumers.receiver.behaviour import GOOD, Conduct, How, Plan
from consumers.receiver.document import LIMIT, Unacceptable, read_input, write_output
from consumers.receiver.listener import Listener
from consumers.receiver.tls import Caller, caller

REMEMBERED = 100_000
"""How many of the messages taken are known again; the oldest are forgotten first."""
_GARBAGE = b"<ModtagBeskedOutput><StandardRetur><StatusKode>20</StatusKode>"
ENDING = 5.0
"""Seconds that answers under way may take when the receiver ends."""
_GLANCE = 0.1
"""Seconds between looks whether the other end has hung up."""
_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # what is no HTTP is answered 400; its traceback helps nobody


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request, and what the receiver is about to do with it."""

    number: int
    """Order of arrival, from 1."""
    path: str
    body: bytes
    """As it came; cut off where it was over the limit."""
    kuvert: Kuvert | None
    """None = it was not acceptable; ``conduct`` says why."""
    again: bool
    """The message had been taken before, on the same path."""
    conduct: Conduct
    caller: Caller | None
    """Who pushed, by the certificate shown."""

    @property
    def besked_id(self) -> str:
        """ "" where there is none."""
        return self.kuvert.besked_id if self.kuvert is not None else ""


class Modtag:
    """A receiver.  ``seen`` is told of each request before it is answered; where it raises OSError, the answer is 53.

    Requests for ``path`` and what is below it are taken.  ``count``: `serve` ends after so many.  ``refused`` is told
    of each TLS handshake that fails (host, reason).
    """

    def __init__(
        self,
        seen: Callable[[Arrival], None],
        *,
        plan: Plan | None = None,
        path: str = "/",
        count: int | None = None,
        refused: Callable[[str, str], None] = lambda _host, _reason: None,
    ) -> None:
        self._seen = seen
        self._plan = plan or Plan()
        self._path = path.rstrip("/")
        self._count = count
        self._refused = refused
        self._number = 0
        self._taken: dict[tuple[str, str], None] = {}
        self._stopped = asyncio.Event()

    async def serve(self, sock: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Receive on a listening socket until `stop` is called or ``count`` is reached; the socket is then closed."""
        server = web.Server(self._handle, access_log=None, logger=_log)
        listening = asyncio.create_task(Listener(sock, server, tls, self._refused).run())
        stopped = asyncio.create_task(self._stopped.wait())
        try:
            await asyncio.wait([listening, stopped], return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                listening.result()  # raises
        finally:
            listening.cancel()
            stopped.cancel()
            await asyncio.gather(listening, stopped, return_exceptions=True)
            sock.close()
            self._stopped.set()
            server.pre_shutdown()  # connections that are idle, at once
            await server.shutdown(ENDING)

    def stop(self) -> None:
        """End `serve`; answers under way are still given."""
        self._stopped.set()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if not f"{request.path}/".startswith(f"{self._path}/"):
            return web.Response(status=404, text=f"nothing here; messages are taken at {self._path or '/'}\n")
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"}, text="messages come by POST\n")
        arrival = self._arrived(request, await _read(request))
        conduct = arrival.conduct
        try:
            self._seen(arrival)
        except OSError as error:
            conduct = Conduct(53, f"the receiver cannot keep the message: {error.strerror or error}")
        if conduct.takes:
            self._remember(arrival)
        try:
            return await self._answer(request, conduct)
        finally:
            if self._count is not None and arrival.number >= self._count:
                self.stop()

    def _arrived(self, request: web.BaseRequest, body: bytes) -> Arrival:
        self._number += 1
        conduct = self._plan.of(self._number)
        kuvert: Kuvert | None = None
        again = False
        try:
            kuvert = read_input(body)
        except Unacceptable as refusal:
            if conduct.status_kode is not None:
                conduct = Conduct(refusal.status_kode, str(refusal), conduct.delay)
        else:
            again = (request.path, kuvert.besked_id) in self._taken
            if again:
                conduct = Conduct(delay=conduct.delay)
        tls = None if request.transport is None else request.transport.get_extra_info("ssl_object")
        return Arrival(self._number, request.path, body, kuvert, again, conduct, caller(tls))

    def _remember(self, arrival: Arrival) -> None:
        self._taken[arrival.path, arrival.besked_id] = None
        if len(self._taken) > REMEMBERED:
            del self._taken[next(iter(self._taken))]

    async def _answer(self, request: web.BaseRequest, conduct: Conduct) -> web.StreamResponse:
        if conduct.delay:
            await self._pause(conduct.delay)
        if conduct.how is How.HANGS:
            return await self._hang(request)
        if conduct.how is How.GARBAGE:
            return web.Response(body=_GARBAGE, content_type="application/xml")
        if conduct.how is How.RESETS:
            return await _reset(request)
        if conduct.http_status != 200:
            return web.Response(status=conduct.http_status, text=f"HTTP {conduct.http_status}, as told\n")
        return web.Response(
            body=write_output(conduct.kode, conduct.tekst), content_type="application/xml", charset="utf-8"
        )

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        except TimeoutError:
            return

    async def _hang(self, request: web.BaseRequest) -> web.Response:
        while not self._stopped.is_set() and request.transport is not None and not request.transport.is_closing():
            await self._pause(_GLANCE)
        response = web.Response(status=503)  # read by nobody
        response.force_close()
        return response


async def _read(request: web.BaseRequest) -> bytes:
    """The body; where it is over the limit, one byte more than that."""
    pieces, size = [], 0
    async for piece in request.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > LIMIT:
            break
    return b"".join(pieces)[: LIMIT + 1]


async def _reset(request: web.BaseRequest) -> web.StreamResponse:
    """Half an answer, then RST."""
    whole = write_output(GOOD.kode, GOOD.tekst)
    response = web.StreamResponse(headers={"Content-Type": "application/xml", "Content-Length": str(len(whole))})
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    if request.transport is not None:
        sock = request.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return response
