"""How long to wait before a lost connection is tried again.  Apart from `consumers.endpoint`, which brings aio-pika: a
process of the generator starts in half the time without it."""

from __future__ import annotations

from collections.abc import Iterator

_FIRST, _LONGEST = 0.05, 1.0


def pauses() -> Iterator[float]:
    """Seconds: doubled each time, up to one."""
    pause = _FIRST
    while True:
        yield pause
        pause = min(pause * 2, _LONGEST)
