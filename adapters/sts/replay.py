"""Requests seen before: the same signed request is answered once (ours)."""

from __future__ import annotations


class Replays:
    """Fingerprints of requests, each kept as long as the request could be sent again."""

    def __init__(self, most: int = 100_000) -> None:
        """``most``: beyond that the oldest are forgotten."""
        self._until: dict[bytes, float] = {}
        self._most = most

    def seen(self, fingerprint: bytes, until: float, now: float) -> bool:
        """Whether it was there already; from now on it is, until ``until`` (seconds since the epoch)."""
        if self._until.get(fingerprint, now) > now:
            return True
        if len(self._until) >= self._most:
            self._until = {known: end for known, end in self._until.items() if end > now}
        while len(self._until) >= self._most:
            del self._until[next(iter(self._until))]
        self._until[fingerprint] = until
        return False
