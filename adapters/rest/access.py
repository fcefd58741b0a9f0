"""Who may call the admin API: programs on this machine or with the token, and no web page of anybody else.

Without a token these tricks must not work: a foreign page that posts to localhost (its Origin or Sec-Fetch-Site
gives it away), and a foreign name that is made to resolve to 127.0.0.1 (DNS rebinding; its Host gives it away).
With a token the Host is free: no page can make a browser send the token, whatever name it reaches the API by.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = structlog.get_logger(__name__)

OPEN = frozenset({"/health/live", "/health/ready"})
"""What answers without the token, too: yes or no, without the reason."""
DELAY = 0.5
"""Seconds before a wrong token is answered (ours).

Nobody guesses 16 characters over a network, delayed or not; the delay keeps a program that tries again and again
from costing more than a timer.  Only the caller with the wrong token waits: nothing is held meanwhile.
"""
WHERE = (
    "it is what --admin-token (BESKEDFORDELER_ADMIN_TOKEN) of 'beskedfordeler serve' says, "
    "else in the file admin.token in its data directory"
)
_AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z.-]+))(?::[0-9]{1,5})?")
_SINGLE = {b"host": "Host", b"origin": "Origin", b"sec-fetch-site": "Sec-Fetch-Site", b"authorization": "Authorization"}
_SEALED = [(b"x-content-type-options", b"nosniff"), (b"cross-origin-resource-policy", b"same-origin")]
"""For browsers that send no Sec-Fetch-Site: an answer is no script, and no part of another site's page."""


def is_loopback(host: str) -> bool:
    """Whether a name or an address (IPv6 without brackets) is this machine's own and nobody else's."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def hostname(authority: str) -> str | None:
    """The host of ``host[:port]`` in lower case, IPv6 without brackets; None where it is anything else."""
    found = _AUTHORITY.fullmatch(authority)
    return (found[1] or found[2]).lower() if found else None


@dataclass(frozen=True, slots=True)
class Headers:
    """What of a request's headers says who asks; None = not there."""

    host: str | None = None
    origin: str | None = None
    fetch_site: str | None = None
    authorization: bytes | None = None


def read_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Raises ValueError where one of them comes twice: whoever reads the other one would judge differently."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _SINGLE:
            if name in found:
                raise ValueError(f"more than one {_SINGLE[name]}")
            found[name] = value.strip()
    text = {name: value.decode("latin-1") for name, value in found.items()}
    return Headers(text.get(b"host"), text.get(b"origin"), text.get(b"sec-fetch-site"), found.get(b"authorization"))


def refusal(asked: Headers, any_host: bool = False) -> str | None:
    """Why a request with these headers is refused whatever token it has, or None.

    ``any_host``: a token is asked for, too.  An Origin, where there is one, must be the API's own, and so must the
    page that a browser asks for: same-site is another port of this machine, where another program's page lives; none
    is an address that somebody typed.
    """
    name = hostname(asked.host or "")
    if not any_host and (name is None or not is_loopback(name)):
        return f"Host '{_short(asked.host)}' is not this machine; use http://127.0.0.1 or http://localhost"
    if asked.origin is not None and not _own(asked.origin, asked.host):
        return f"Origin '{_short(asked.origin)}' may not call the admin API: it answers its own pages and programs only"
    if asked.fetch_site not in (None, "same-origin", "none"):
        return f"a page of another site may not call the admin API (Sec-Fetch-Site '{_short(asked.fetch_site)}')"
    return None


def _own(origin: str, host: str | None) -> bool:
    """Compared as text, as browsers write both; https where a proxy does the TLS."""
    return host is not None and origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


def _short(text: str | None) -> str:
    return (text or "")[:80]


class Bearer:
    """The token that is asked for.  Only its hash is kept, so that it is in no dump, and compared in constant time."""

    def __init__(self, token: str) -> None:
        self._digest = hashlib.sha256(token.encode()).digest()

    def holds(self, authorization: bytes | None) -> bool:
        """Whether the value of an Authorization header presents it: any bytes, any length."""
        scheme, _, presented = (authorization or b"").partition(b" ")
        digest = hashlib.sha256(presented.strip()).digest()
        return hmac.compare_digest(digest, self._digest) and scheme.lower() == b"bearer"


class Complaints:
    """Failed attempts in the log, at most one line a second, so that a flood of them fills no disk.

    What was left out is counted by reason in the next line: a flood of one kind does not hide another.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._next = float("-inf")
        self._unsaid: Counter[str] = Counter()

    def note(self, peer: str, reason: str) -> None:
        now = self._clock()
        if now < self._next:
            self._unsaid[reason] += 1
            return
        _log.warning("admin call refused", peer=peer, reason=reason, left_out_before=dict(self._unsaid))
        self._next = now + 1.0
        self._unsaid.clear()


class Guard:
    """ASGI middleware: 403 to what `refusal` refuses, 401 to who has not the token where one is asked for.

    Raises ValueError where others than this machine could call without a token.
    """

    def __init__(self, app: ASGIApp, bound: str, token: str | None = None, *, delay: float = DELAY) -> None:
        if token is None and not is_loopback(bound):
            raise ValueError(f"an admin API that listens on '{bound}' needs a token")
        self._app = app
        self._bearer = None if token is None else Bearer(token)
        self._delay = delay
        self._complaints = Complaints()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, _sealed(send))
        elif scope["type"] == "websocket":  # not offered, so never let through unjudged
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            asked = read_headers(scope["headers"])
        except ValueError as error:
            await _answer(send, 400, str(error))
            return
        reason = refusal(asked, any_host=self._bearer is not None)
        if reason is not None:
            await _answer(send, 403, reason)
        elif self._bearer is None or self._bearer.holds(asked.authorization):
            await self._app(scope, receive, send)
        else:
            await self._unknown(scope, receive, send, guessed=asked.authorization is not None)

    async def _unknown(self, scope: Scope, receive: Receive, send: Send, guessed: bool) -> None:
        """Somebody without the token, or (``guessed``) with a wrong one."""
        is_open = scope["method"] == "GET" and scope["path"] in OPEN
        if guessed or not is_open:
            peer = scope.get("client")
            self._complaints.note(peer[0] if peer else "", "wrong token" if guessed else "no token")
        if guessed:
            await asyncio.sleep(self._delay)
        if is_open:
            await self._yes_or_no(scope, receive, send)
        elif guessed:
            text = f"this is not the token of this emulator: {WHERE}"
            await _answer(send, 401, text, (b"www-authenticate", b'Bearer error="invalid_token"'))
        else:
            text = f"the admin API asks for a token, as 'Authorization: Bearer TOKEN': {WHERE}"
            await _answer(send, 401, text, (b"www-authenticate", b"Bearer"))

    async def _yes_or_no(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The status of the answer, without what it says."""
        status = 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]

        await self._app(scope, receive, note)
        ready = status == 200
        await _json(send, status, {"ready": ready, "reason": "" if ready else "not ready; with the token it says why"})


def _sealed(send: Send) -> Send:
    async def sealed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *_SEALED]}
        await send(message)

    return sealed


async def _answer(send: Send, status: int, text: str, *headers: tuple[bytes, bytes]) -> None:
    await _json(send, status, {"error": text, "kode": 40}, *headers)


async def _json(send: Send, status: int, content: dict[str, object], *headers: tuple[bytes, bytes]) -> None:
    body = json.dumps(content, ensure_ascii=False).encode()
    form = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*form, *headers]})
    await send({"type": "http.response.body", "body": body})
