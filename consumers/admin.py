"""The operator's hand: the admin API of an emulator over HTTP, with the standard library only."""

from __future__ import annotations

import asyncio
import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener


class AdminError(Exception):
    """The admin API refused; ``status`` is the HTTP status, ``str`` what it said."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Admin:
    """Calls one emulator; ``url`` as `serve` prints it, for example http://127.0.0.1:5680.

    ``token`` is what it asks for where it listens elsewhere than on loopback.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._opener = build_opener(ProxyHandler({}))  # never by a proxy of the environment: it would see the token

    async def set_state(self, abonnement: str, action: str) -> None:
        """``action`` is start, stop, pause or resume; ``abonnement`` an id or a navn."""
        await self.call("POST", f"/abonnementer/{quote(abonnement, safe='')}/{action}")

    async def set_filter(self, abonnement: str, expression: str) -> None:
        await self.call("PUT", f"/abonnementer/{quote(abonnement, safe='')}/filter", {"filter": expression})

    async def spor(self, besked_id: str) -> list[dict[str, Any]]:
        """The trace of one message, oldest first."""
        records: list[dict[str, Any]] = await self.call("GET", "/spor?" + urlencode({"besked_id": besked_id}))
        return records

    async def explain(self, abonnement: str, xml: bytes) -> dict[str, Any]:
        """Whether the filter of an abonnement accepts a message: each term, with the value seen."""
        judgement: dict[str, Any] = await self.call("POST", f"/abonnementer/{quote(abonnement, safe='')}/explain", xml)
        return judgement

    async def depths(self) -> dict[str, dict[str, int]]:
        """What each dueslag holds, by its id."""
        answer = await self.call("GET", "/dueslag")
        return {dueslag["id"]: dueslag["depth"] for dueslag in answer["dueslag"]}

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """One request; the JSON of the answer.  Raises AdminError, OSError."""
        return await asyncio.to_thread(self.request, method, path, body)

    def request(self, method: str, path: str, body: object = None) -> Any:
        """`call` for programs without an event loop.  A body of bytes is sent as XML, any other as JSON."""
        data, content_type = None, "application/json"
        if isinstance(body, bytes):
            data, content_type = body, "application/xml"
        elif body is not None:
            data = json.dumps(body).encode()
        request = Request(  # noqa: S310 - the address is the emulator's own, as it printed it
            self._url + path, data, {"Content-Type": content_type}, method=method
        )
        if self._token is not None:  # unredirected: it goes to this address and to no other
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=10) as answer:
                content = answer.read()
        except HTTPError as error:
            with error:
                raise AdminError(error.code, error.read().decode(errors="replace")) from error
        except HTTPException as error:  # broken off in the middle of an answer
            raise ConnectionError(f"no whole answer: {error}") from error
        return json.loads(content) if content else None
