"""The ledger of a crash test, counted as Jepsen counts for queues."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Arrivals:
    """What came out of one dueslag."""

    first: dict[str, bool] = field(default_factory=dict)
    """BeskedId to the redelivered flag with which it came first."""
    recovered: int = 0
    """Came again, flagged redelivered: allowed."""
    duplicated_unflagged: Counter[str] = field(default_factory=Counter)
    """Came again as if new: never allowed."""

    def take(self, besked_id: str, redelivered: bool) -> None:
        if besked_id not in self.first:
            self.first[besked_id] = redelivered
        elif redelivered:
            self.recovered += 1
        else:
            self.duplicated_unflagged[besked_id] += 1


@dataclass(slots=True)
class Ledger:
    """What was sent, what was answered, and what came of it."""

    attempted: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    """Answered with StatusKode 20."""
    refused: dict[str, str] = field(default_factory=dict)
    kills: int = 0
    kills_in_start: int = 0
    resent: int = 0

    def lost(self, arrivals: Arrivals) -> set[str]:
        """Acknowledged, and never delivered."""
        return self.acknowledged - arrivals.first.keys()

    def unexpected(self, arrivals: Arrivals) -> set[str]:
        """Delivered, and never sent."""
        return arrivals.first.keys() - self.attempted

    def line(self, name: str, arrivals: Arrivals) -> str:
        """One dueslag in one line."""
        return (
            f"{name}: kills {self.kills} ({self.kills_in_start} of them in a start), attempted {len(self.attempted)}, "
            f"acknowledged {len(self.acknowledged)}, resent {self.resent}, delivered {len(arrivals.first)}, "
            f"lost {len(self.lost(arrivals))}, unexpected {len(self.unexpected(arrivals))}, "
            f"again and flagged {arrivals.recovered}, "
            f"again and unflagged {sum(arrivals.duplicated_unflagged.values())}"
        )
