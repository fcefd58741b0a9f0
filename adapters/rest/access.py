"""Who may call the admin API: programs on this machine, not web pages that the browser happens to show.

The API has no password, so two tricks must not work: a foreign page that posts to localhost (its Origin gives it
away), and a foreign name that is made to resolve to 127.0.0.1 (DNS rebinding; its Host gives it away).
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def hostname(authority: str) -> str | None:
    """The host of ``host[:port]`` in lower case, IPv6 without brackets; None where it is malformed."""
    try:
        return urlsplit("//" + authority).hostname
    except ValueError:
        return None


def refusal(host: str | None, origin: str | None, fetch_site: str | None, bound: str) -> str | None:
    """Why a request with these headers is refused, or None.

    ``bound`` is the address that the server listens on.  An Origin, where there is one, must be the API's own.
    """
    if host is None or hostname(host) not in LOOPBACK | {bound.lower()}:
        return f"Host '{host or ''}' is not this machine; use http://127.0.0.1 or http://localhost"
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        return f"Origin '{origin}' may not call the admin API: it answers programs on this machine only"
    if fetch_site == "cross-site":
        return "a page of another site may not call the admin API"
    return None


class OwnMachineOnly:
    """ASGI middleware that answers 403 to what `refusal` refuses."""

    def __init__(self, app: ASGIApp, bound: str) -> None:
        self._app = app
        self._bound = bound

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            reason = refusal(headers.get(b"host"), headers.get(b"origin"), headers.get(b"sec-fetch-site"), self._bound)
            if reason is not None:
                await _forbid(send, reason)
                return
        await self._app(scope, receive, send)


async def _forbid(send: Send, reason: str) -> None:
    body = json.dumps({"error": reason, "kode": 40}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
