"""How much a store keeps, and how much room it needs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a store keeps."""

    retention: float = 0.0
    """Seconds that a message is kept after its last delivery was settled."""
    retention_limit: int = 100_000
    """Messages kept so at most."""
    idempotency_window: float = 7 * 86_400.0
    """Seconds that an accepted BeskedId is known."""
    idempotency_limit: int = 1_000_000
    """BeskedIds known at most (the newest)."""
    min_free_disk: int = 50 * 1024 * 1024
    """Bytes of free disk below which nothing is accepted."""
    max_bytes: int | None = None
    """Bytes that the store may grow to."""
