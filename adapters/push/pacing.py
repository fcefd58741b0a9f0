"""When an attempt is made again.  Pure."""

from __future__ import annotations

from dataclasses import dataclass

_MOST_DOUBLINGS = 60


@dataclass(frozen=True, slots=True)
class Pacing:
    """Seconds: the delay after the first failure, doubled with each further one, and what it may grow to."""

    first: float
    longest: float

    def delay(self, failures: int, draw: float, wait: float = 0.0) -> float:
        """Seconds until the next attempt after so many failures in a row (1 or more).

        ``draw``: a random number in [0, 1), which takes up to a quarter off, so that many who failed together do not
        come back together.  ``wait``: seconds that the receiver asked for (Retry-After), kept up to ``longest``.
        """
        doubled = self.first * 2.0 ** min(failures - 1, _MOST_DOUBLINGS)
        return max(min(self.longest, doubled) * (1 - draw / 4), min(wait, self.longest))
