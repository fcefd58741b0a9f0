"""How the attempts at one receiver have gone, and what follows from the next one.  No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from adapters.push.verdict import Result, Verdict


class Step(Enum):
    """What is done after an attempt."""

    NEXT = "next"
    """The message was taken."""
    AT_ONCE = "at once"
    """The same message again, without delay."""
    LATER = "later"
    """The same message again, after a delay."""
    GIVE_UP = "give up"
    """To the fejlkø."""


@dataclass(slots=True)
class Course:
    """Counts of one outlet.

    ``limit``: refusals after which a message is given up, 0 = none.  ``patience``: seconds from its first failed
    attempt after which it is given up whatever failed, 0 = never.  ``failures``: failed attempts since the last
    message that was taken or given up.  ``refusals``: how many of the message ``head`` (`Leverance.id`) count.
    """

    limit: int
    patience: float = 0.0
    failures: int = 0
    refusals: int = 0
    head: int = 0
    dropped: bool = False
    """The one new attempt without delay has been made."""
    since: float = 0.0
    """When the first attempt at the message failed."""

    def follow(self, verdict: Verdict, head: int, attempts: int, now: float = 0.0) -> Step:
        """Count an attempt made at ``now`` (any clock); ``attempts`` is how many the engine knows of before it.

        Those made before this process started are in the engine's number only, which does not tell refusals from
        a receiver that was away.  They count as refusals up to half of the limit: a message that is refused does not
        start anew with each restart, and one that waited out an outage has half of its attempts left.
        """
        if head != self.head:
            self.head, self.refusals, self.since = head, min(attempts, self.limit // 2), now
        if verdict.result is Result.TAKEN:
            self._settled()
            return Step.NEXT
        if verdict.result is Result.DROPPED and not self.failures and not self.dropped:
            self.dropped = True  # most likely a kept connection that the receiver closed just now
            return Step.AT_ONCE
        self.failures += 1
        if verdict.result is Result.REFUSED:
            self.refusals += 1
            if self.limit and self.refusals >= self.limit:
                self._settled()
                return Step.GIVE_UP
        if self.patience and now - self.since >= self.patience:
            self._settled()
            return Step.GIVE_UP
        return Step.LATER

    def anew(self) -> None:
        """Another receiver."""
        self._settled()
        self.head = 0

    def _settled(self) -> None:
        self.failures = self.refusals = 0
        self.dropped = False
