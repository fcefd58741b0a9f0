"""The Security Token Service as a client calls it: REST over mutual TLS (SF1514), with the standard library.

sts = Sts("sts.example", 443, ca=Path("ca.pem"), certificate=Path("system.pem"))
assertion = await sts.token("11111111", AFSEND)
endpoint = Endpoint("bfo.example", 5671, "Nordby", tls=client_context(ca), tokens=sts.on_behalf_of("11111111"))
"""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consumers.errors import ClientError, NoToken, StsUnreachable
from consumers.tls import client_context, distrust
from consumers.token import Assertion, read_assertion

PATH = "/runtime/api/rest/wstrust/v1/issue"
EARLY = 300.0
"""Seconds before its end that a token is no longer given out; for one that lasts less than twice this, half of it."""

_TRUST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
_SAML_TOKEN = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0"  # noqa: S105 - a type's name
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_LARGEST = 1024 * 1024

_Key = tuple[str, str]


class Sts:
    """Gets tokens with the certificate of one anvendersystem, and keeps each until shortly before it ends.

    ``certificate`` is a PEM file with certificate and private key, ``ca`` the CAs to trust (None = the system's).
    ``timeout`` is in seconds.  Any number of callers may ask at once; one request per CVR and service is under way.
    Raises ClientError where a file cannot be used.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        ca: Path | None,
        certificate: Path,
        timeout: float = 10.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._host = host
        self._port = port
        self._certificate = certificate
        self._context = client_context(ca, certificate)
        self._use_key = _one_line(certificate)
        self._timeout = timeout
        self._now = now
        self._kept: dict[_Key, Assertion] = {}
        self._under_way: dict[_Key, asyncio.Task[Assertion]] = {}

    def __repr__(self) -> str:
        return f"Sts({self._host}:{self._port}, certificate={self._certificate}, kept={len(self._kept)})"

    def on_behalf_of(self, cvr: str) -> OnBehalfOf:
        """The `TokenSource` of a client that acts for one myndighed."""
        return OnBehalfOf(self, cvr)

    async def token(self, cvr: str, audience: str) -> Assertion:
        """A token for ``audience`` (an entity id) on behalf of ``cvr`` (eight digits).

        Raises NoToken where the STS refuses, StsUnreachable.
        """
        key = (cvr, audience)
        kept = self._kept.get(key)
        if kept is not None and self._now() < kept.expires - self._early(kept):
            return kept
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._fetch(key))
            task.add_done_callback(lambda done: self._arrived(key, done))
        return await asyncio.shield(task)  # who gives up waiting does not take the token from the others

    async def renew(self, cvr: str, audience: str, refused: bytes | None = None) -> Assertion:
        """A new token, where the kept one did not do.

        With ``refused`` (the token that did not do) it is asked for only where the kept one is that: of many who
        come at once, the first one asks.
        """
        key = (cvr, audience)
        kept = self._kept.get(key)
        if kept is not None and (refused is None or kept.xml == refused):
            del self._kept[key]
        return await self.token(cvr, audience)

    @staticmethod
    def _early(kept: Assertion) -> float:
        return EARLY if kept.lasts is None else min(EARLY, kept.lasts / 2)

    async def _fetch(self, key: _Key) -> Assertion:
        return await asyncio.to_thread(self._issue, *key)

    def _arrived(self, key: _Key, done: asyncio.Task[Assertion]) -> None:
        del self._under_way[key]
        if not done.cancelled() and done.exception() is None:
            self._kept[key] = done.result()

    def _issue(self, cvr: str, audience: str) -> Assertion:
        try:
            status, content = self._post(_request(cvr, audience, self._use_key))
        except ssl.SSLError as error:
            raise NoToken(f"{self._name}: {self._why_no_tls(error)}") from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise StsUnreachable(f"{self._name} cannot be reached: {reason.lower()}") from error
        if status >= 500:
            raise StsUnreachable(f"{self._name} answers HTTP {status}: {_message(content)}")
        if status >= 300:
            raise NoToken(f"{self._name} refuses: {_message(content)} (HTTP {status})")
        try:
            return read_assertion(_assertion_in(content))
        except ValueError as error:
            raise NoToken(f"{self._name}: no token in its answer: {error}") from error

    @property
    def _name(self) -> str:
        return f"the STS at {self._host}:{self._port}"

    def _why_no_tls(self, error: ssl.SSLError) -> str:
        why = distrust(error)
        if why is not None:
            return why
        reason = (error.reason or str(error)).lower().replace("_", " ")
        return f"no TLS connection with the certificate in {self._certificate} ({reason})"

    def _post(self, body: bytes) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout, context=self._context)
        try:
            connection.request("POST", PATH, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read(_LARGEST)
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class OnBehalfOf:
    """The tokens of one myndighed from an `Sts`: a `consumers.token.TokenSource`."""

    sts: Sts
    cvr: str

    async def token(self, audience: str) -> str:
        return (await self.sts.token(self.cvr, audience)).text

    async def renew(self, audience: str, refused: str) -> str:
        return (await self.sts.renew(self.cvr, audience, refused.encode())).text


def _one_line(certificate: Path) -> str:
    """The certificate of a PEM file as UseKey has it: its base64 without line breaks."""
    found = _CERTIFICATE.search(certificate.read_text(encoding="ascii", errors="replace"))
    if found is None:
        raise ClientError(f"{certificate}: no certificate (PEM) in it")
    return "".join(found[1].split())


def _request(cvr: str, audience: str, use_key: str) -> bytes:
    return json.dumps(
        {
            "TokenType": _SAML_TOKEN,
            "RequestType": f"{_TRUST}/Issue",
            "KeyType": f"{_TRUST}/PublicKey",
            "AnvenderKontekst": {"Cvr": cvr},
            "UseKey": use_key,
            "AppliesTo": {"EndpointReference": {"Address": audience}},
            "OnBehalfOf": None,
        }
    ).encode()


def _assertion_in(content: bytes) -> bytes:
    """Raises ValueError."""
    try:
        return base64.b64decode(json.loads(content)["RequestedSecurityToken"]["Assertion"])
    except (KeyError, TypeError):
        raise ValueError("expected JSON with RequestedSecurityToken.Assertion in base64") from None


def _message(content: bytes) -> str:
    """What the STS says of a refusal: the ``message`` of its JSON, else its text as far as it is short."""
    try:
        said: Any = json.loads(content)
    except ValueError:
        said = None
    message = said.get("message") if isinstance(said, dict) else None
    text = message if isinstance(message, str) else content.decode("utf-8", "replace")
    return " ".join(text.split())[:500] or "it does not say why"
