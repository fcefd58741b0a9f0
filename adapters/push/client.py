"""The HTTP side of push, over aiohttp.  Imported when the first callback is there: it takes a third of a second."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from functools import lru_cache, partial

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from adapters.push.failures import MAPPED, not_reached
from adapters.push.resolver import Resolver
from adapters.push.target import Target
from adapters.push.verdict import MAX_ANSWER, Answer, Verdict, judge

_HEADERS = {
    "Content-Type": "application/xml",  # as the real one; the document says its encoding itself
    "Accept": "application/xml",
    "Accept-Encoding": "identity",
    "User-Agent": "beskedfordeler",
}
_PIECE = 128 * 1024
"""Octets of a body that are written at a time; larger ones let others have their turn between."""
_NAMES_KEPT = 60
"""Seconds that the address of a name is kept."""

_url = lru_cache(maxsize=8192)(partial(URL, encoded=True))


class Client:
    """One session for all receivers; connections are kept open, and a receiver that is pushed to by one dueslag has
    one.  Must be made on the running loop."""

    def __init__(self, timeout: float, now: Callable[[], float]) -> None:
        self._timeout = timeout
        self._now = now
        self.tls: ssl.SSLContext | None = None
        """For https callbacks; to be set before the first."""
        connector = aiohttp.TCPConnector(
            limit=0, limit_per_host=0, resolver=Resolver(), ttl_dns_cache=_NAMES_KEPT, ssl=False
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=_HEADERS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # `push` has one over all
            trust_env=False,
        )

    async def push(self, target: Target, document: bytes) -> Verdict:
        """One attempt: never raises but for cancellation, or a bug."""
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._post(target, document)
        except MAPPED as error:
            return not_reached(error, target, self._timeout)
        return judge(answer, self._now())

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def _post(self, target: Target, document: bytes) -> Answer:
        context = self.tls if target.secure else False
        assert context is not None
        async with self._session.post(
            _url(target.url),
            data=document if len(document) <= _PIECE else _Pieces(document),
            allow_redirects=False,
            ssl=context,
        ) as response:
            body, cut = await _read(response)
            return Answer(response.status, response.headers, body, cut)


async def _read(response: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    """At most `MAX_ANSWER` octets of the body, and whether there is more: then the connection is not used again."""
    length = response.content_length
    if length is not None and length <= MAX_ANSWER:
        return await response.read(), False
    pieces: list[bytes] = []
    room = MAX_ANSWER
    while room > 0 and (piece := await response.content.readany()):
        pieces.append(piece)
        room -= len(piece)
    body = b"".join(pieces)
    if room > 0 or (room == 0 and response.content.at_eof()):
        return body, False
    response.close()
    return body[:MAX_ANSWER], True


class _Pieces(aiohttp.Payload):
    """A large body: aiohttp would write it in one go."""

    _autoclose = True

    def __init__(self, value: bytes) -> None:
        super().__init__(value, content_type=_HEADERS["Content-Type"])
        self._size = len(value)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return bytes(self._value).decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        view = memoryview(self._value)
        for start in range(0, len(view), _PIECE):
            await writer.write(view[start : start + _PIECE])
