"""What a receiver does with a message: answer as it should, or as it is told.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TAKEN = 20
"""StatusKode: the message is the receiver's now."""


class How(StrEnum):
    """What becomes of a request."""

    ANSWERS = "answers"
    HANGS = "hangs"
    """Never answers; the connection stays open until the other end closes it."""
    RESETS = "resets"
    """Cuts the connection in the middle of its answer."""
    GARBAGE = "garbage"
    """HTTP 200 with something that is no ModtagBeskedOutput."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """One way to treat a message; the default is a good receiver's.  ``delay`` in seconds."""

    kode: int = TAKEN
    tekst: str = ""
    delay: float = 0.0
    how: How = How.ANSWERS
    http_status: int = 200

    @property
    def status_kode(self) -> int | None:
        """What the body says; None = it says nothing."""
        return self.kode if self.how is How.ANSWERS and self.http_status == 200 else None

    @property
    def takes(self) -> bool:
        """Whether the sender learns that the message was taken."""
        return self.status_kode == TAKEN

    def __str__(self) -> str:
        later = f" after {self.delay:g} s" if self.delay else ""
        if self.how is not How.ANSWERS:
            return _SAID[self.how] + later
        if self.http_status != 200:
            return f"HTTP {self.http_status}{later}"
        return f"{self.kode} {self.tekst}".rstrip() + later


_SAID = {
    How.HANGS: "no answer",
    How.RESETS: "the connection cut within the answer",
    How.GARBAGE: "HTTP 200 with garbage",
}

GOOD = Conduct()


@dataclass(frozen=True, slots=True)
class Plan:
    """When to do what: ``conduct`` always, on every Nth message, or on the first N; all else is taken."""

    conduct: Conduct = GOOD
    every: int | None = None
    first: int | None = None

    def of(self, number: int) -> Conduct:
        """For the message that came as this number, from 1."""
        if self.every is not None and number % self.every:
            return GOOD
        if self.first is not None and number > self.first:
            return GOOD
        return self.conduct
