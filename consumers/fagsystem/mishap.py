"""What goes wrong at a flaky party, and how often: drawn from its seed, at most twice for one letter."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from random import Random

MOST = 2
"""Mishaps with one letter; the next time it is handled as it should be, so that a run ends."""


class Mishap(StrEnum):
    REQUEUED = "put back unread"
    FAILED = "failed in the middle of its handling"
    CUT = "the connection was cut before it was handled"
    UNACKED = "the connection was cut after it was handled, before it was acked"


class HandlingFailed(Exception):
    """The party's own failure, made on purpose: its transaction is rolled back."""


class Mishaps:
    """``flaky`` is the chance for each letter that comes."""

    def __init__(self, flaky: float, chance: Callable[[], Random]) -> None:
        self._flaky = flaky
        self._chance = chance
        self._random: Random | None = None
        self._had: dict[str, int] = {}

    def of(self, besked_id: str) -> Mishap | None:
        """What goes wrong with this delivery; mostly None."""
        if not self._flaky:
            return None
        if self._random is None:
            self._random = self._chance()
        had = self._had.get(besked_id, 0)
        happens, which = self._random.random() < self._flaky, self._random.random()
        if not happens or had >= MOST:
            self._had.pop(besked_id, None)
            return None
        self._had[besked_id] = had + 1
        return tuple(Mishap)[int(which * len(Mishap))]
