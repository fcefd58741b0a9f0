"""Who looks on while a scenario runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from consumers.fagsystem.events import Event
from consumers.scenario.cast import Cast
from consumers.scenario.verdict import Finding, Verdict


class Watch(Protocol):
    """Called in the event loop; must not raise and not wait."""

    def begins(self, cast: Cast, courses: Mapping[str, list[str]]) -> None:
        """All parties are about to run.  ``courses``: forløb by citizen, as they are begun."""

    def step(self, number: int, text: str) -> None:
        """A step begins; ``number`` from 0."""

    def event(self, event: Event) -> None:
        """Something happened at a party."""

    def finding(self, finding: Finding) -> None:
        """A step is done, or an expectation judged."""

    def ends(self, verdict: Verdict) -> None: ...


class Unwatched:
    """Nobody."""

    def begins(self, cast: Cast, courses: Mapping[str, list[str]]) -> None: ...
    def step(self, number: int, text: str) -> None: ...
    def event(self, event: Event) -> None: ...
    def finding(self, finding: Finding) -> None: ...
    def ends(self, verdict: Verdict) -> None: ...
