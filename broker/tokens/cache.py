"""Tokens that are known to hold: found again by their octets, without a parse, a hash or a signature."""

from __future__ import annotations

from typing import NamedTuple

from broker.tokens.token import Token

_KEY = 512
"""The ID of an assertion stands in its first octets, so they tell tokens apart; all octets are compared after."""

_SWEEP = 60.0
"""Seconds between two looks for what has expired; it is not handed out meanwhile."""


class Known(NamedTuple):
    """A token that held, the octets it came in, and from when until when (seconds since the epoch) it may be used."""

    raw: bytes
    token: Token
    begins: float
    ends: float


class Cache:
    """Verified tokens, at most ``count`` and ``octets`` bytes of them: the oldest goes, and what has expired."""

    def __init__(self, count: int, octets: int = 64 * 1024 * 1024) -> None:
        self._count = count
        self._octets = octets
        self._held = 0
        self._known: dict[bytes, Known] = {}
        self._sweep_at = 0.0

    def __len__(self) -> int:
        return len(self._known)

    def find(self, raw: bytes) -> Known | None:
        """What is known of these very octets."""
        known = self._known.get(raw[:_KEY])
        return known if known is not None and known.raw == raw else None

    def keep(self, known: Known, now: float) -> None:
        """Remember it, if there is room at all."""
        self._sweep(now)
        self._remove(known.raw[:_KEY])
        if self._count < 1 or len(known.raw) > self._octets:
            return
        while len(self._known) >= self._count or self._held + len(known.raw) > self._octets:
            self._remove(next(iter(self._known)))
        self._known[known.raw[:_KEY]] = known
        self._held += len(known.raw)

    def _sweep(self, now: float) -> None:
        if self._sweep_at - _SWEEP <= now < self._sweep_at:
            return
        self._sweep_at = now + _SWEEP
        for key in [key for key, known in self._known.items() if known.ends <= now]:
            self._remove(key)

    def _remove(self, key: bytes) -> None:
        known = self._known.pop(key, None)
        if known is not None:
            self._held -= len(known.raw)
