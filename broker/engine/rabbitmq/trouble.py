"""Why nothing can be stored now: several reasons, one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Trouble:
    """The reasons by who gives them; ``told`` hears of every change of the first of them, for as long as senders are
    to wait: None = they are not, since all is well again or since it has lasted too long (`stop_waiting`)."""

    def __init__(self, told: Callable[[str | None], None] | None) -> None:
        self._told = told
        self._reasons: dict[str, str] = {}
        self._since = 0.0
        self.reason: str | None = None
        self.refusing = False
        """Senders do not wait any more: they are told to send again."""

    def set(self, who: str, reason: str | None) -> None:
        """None = that is over."""
        if reason is None:
            self._reasons.pop(who, None)
        else:
            self._reasons[who] = reason
        first = next(iter(self._reasons.values()), None)
        if first == self.reason:
            return
        if self.reason is None:
            self._since = asyncio.get_running_loop().time()
        self.reason = first
        if not self.refusing:
            self._tell(first)
        elif first is None:
            self.refusing = False

    def lasts(self) -> float:
        """Seconds that nothing could be stored for."""
        return 0.0 if self.reason is None else asyncio.get_running_loop().time() - self._since

    def stop_waiting(self) -> None:
        """It lasts too long: until it is over, senders are refused."""
        if self.reason is not None and not self.refusing:
            self.refusing = True
            self._tell(None)

    def _tell(self, reason: str | None) -> None:
        if self._told is not None:
            self._told(reason)
