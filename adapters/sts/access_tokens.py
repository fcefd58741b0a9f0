"""Access tokens: short names for tokens, for HTTPS calls by the holder of the key; kept in memory only."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import NamedTuple

from broker.clock import iso
from broker.errors import TokenExpired, TokenRefused
from broker.tokens import Token

SCHEME = "Holder-of-key"
LIFETIME = 3600
"""Seconds, or until the token itself ends."""
_BEARER = "the access token is not known here; get one at /service/AccessTokenService_1/token"
_CERTIFICATE = "the access token belongs to the holder of another key: call with the client certificate it was got with"


class _Held(NamedTuple):
    token: Token
    certificate: bytes
    """sha256 of the DER."""
    end: float


class AccessTokens:
    """All that are valid.  They are looked up by hash, so that no time tells how much of one was right."""

    def __init__(self, most: int = 10_000) -> None:
        """``most``: beyond that the oldest are forgotten."""
        self._held: dict[bytes, _Held] = {}
        self._most = most

    def issue(self, token: Token, certificate: bytes, now: float) -> str:
        """A new one for ``token``, to be used with the client certificate ``certificate`` (DER) only.

        Raises TokenExpired.
        """
        if self.lifetime(token, now) <= 0:
            raise TokenExpired(f"the token was valid until {iso(token.not_on_or_after)}: get a new one")
        self._tidy(now)
        value = secrets.token_urlsafe(32)
        end = min(now + LIFETIME, token.not_on_or_after)
        self._held[_hash(value.encode())] = _Held(token, _hash(certificate), end)
        return value

    def lifetime(self, token: Token, now: float) -> int:
        """Whole seconds that an access token for ``token`` is valid."""
        return int(min(LIFETIME, token.not_on_or_after - now))

    def holder(self, authorization: str | None, certificate: bytes | None, now: float) -> Token:
        """The token behind ``Authorization: Holder-of-key <access token>``.

        Raises TokenRefused, TokenExpired.
        """
        if authorization is None:
            raise TokenRefused(f"the header Authorization is missing; expected '{SCHEME} <access token>'")
        scheme, _, value = authorization.strip().partition(" ")
        if scheme.lower() != SCHEME.lower() or not value.strip():
            raise TokenRefused(f"the header Authorization is not of the form '{SCHEME} <access token>'")
        key = _hash(value.strip().encode("utf-8", "replace"))
        held = self._held.get(key)
        if held is None:
            raise TokenRefused(_BEARER, "unknown access token")
        if certificate is None or not hmac.compare_digest(held.certificate, _hash(certificate)):
            shown = "no certificate" if certificate is None else "another certificate"
            raise TokenRefused(_CERTIFICATE, f"access token of {held.token.holder.serienummer} used with {shown}")
        if now >= held.end:
            del self._held[key]
            raise TokenExpired(f"the access token was valid until {iso(held.end)}: get a new one")
        return held.token

    def _tidy(self, now: float) -> None:
        if len(self._held) < self._most:
            return
        self._held = {key: held for key, held in self._held.items() if held.end > now}
        while len(self._held) >= self._most:
            del self._held[next(iter(self._held))]


def _hash(value: bytes) -> bytes:
    return sha256(value).digest()
