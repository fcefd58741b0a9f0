"""Why nothing can be stored now: several reasons, one answer."""

from __future__ import annotations

from collections.abc import Callable


class Trouble:
    """The reasons by who gives them; ``told`` hears of every change of the first of them."""

    def __init__(self, told: Callable[[str | None], None] | None) -> None:
        self._told = told
        self._reasons: dict[str, str] = {}
        self.reason: str | None = None

    def set(self, who: str, reason: str | None) -> None:
        """None = that is over."""
        if reason is None:
            self._reasons.pop(who, None)
        else:
            self._reasons[who] = reason
        first = next(iter(self._reasons.values()), None)
        if first != self.reason:
            self.reason = first
            if self._told is not None:
                self._told(first)
