"""Who takes part in one run: streams that send, destinations that receive, and the kinds of messages between them.

Made from a workload by a target (`consumers.load.targets`); all of it can be sent to another process.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from consumers.load.schedule import Profile, Schedule
from consumers.load.wire import Address
from consumers.load.workload import Receiver, Workload

DRAIN = 30.0
"""Seconds that what is under way may take at the end, where the workload does not say."""


@dataclass(frozen=True, slots=True)
class TokenLogin:
    """Where a system gets its tokens, and with which certificate."""

    host: str
    port: int
    ca: Path | None
    certificate: Path
    cvr: str


@dataclass(frozen=True, slots=True)
class Login:
    """How one system comes in."""

    address: Address
    tokens: TokenLogin | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A message type in one of its sizes."""

    type: str
    beskedtype: str
    size: int
    weight: float
    routing_key: str = ""
    tilladt_modtager: tuple[str, ...] = ()
    opgave_emne: str | None = None


@dataclass(frozen=True, slots=True)
class Stream:
    """One connection of one sender: its messages are numbered from 0 and keep their order."""

    index: int
    sender: str
    login: Login
    aktoer: str
    myndighed: str
    cycle: tuple[int, ...]
    """Which kind each message of a round has."""
    share: float
    offset: float
    poisson: int | None
    total: int

    def schedule(self, profile: Profile) -> Schedule:
        return Schedule(profile, self.share, self.offset, self.poisson)


@dataclass(frozen=True, slots=True)
class Destination:
    """One dueslag (or queue) and its consumer."""

    index: int
    navn: str
    receiver: Receiver
    queue: str
    login: Login
    kinds: frozenset[int]
    """What is meant for it while its abonnement runs unchanged."""
    abonnement: str = ""


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody.  ``answers`` = StandardRetur by direct reply-to, else publisher confirms."""

    run: int
    exchange: str
    answers: bool
    kinds: tuple[Kind, ...]
    streams: tuple[Stream, ...]
    destinations: tuple[Destination, ...]
    phases: tuple[tuple[float, float, float], ...]
    """Seconds, rate at the start and at the end of each phase but drain."""
    labels: tuple[str, ...] = ()
    warm: frozenset[int] = field(default_factory=frozenset)
    """Positions of the phases that are not measured."""
    drain: float = DRAIN

    @property
    def profile(self) -> Profile:
        return Profile(self.phases)

    @property
    def offsets(self) -> tuple[int, ...]:
        """Where each stream begins on the board, and at the end how long the board is."""
        sums = [0]
        for stream in self.streams:
            sums.append(sums[-1] + stream.total)
        return tuple(sums)


def pieces(workload: Workload) -> tuple[tuple[float, float, float], ...]:
    """The phases that send, as `Profile` takes them."""
    found = []
    for phase in workload.phases:
        if phase.phase != "drain":
            rate = phase.rate or 0.0
            found.append(
                (
                    phase.seconds,
                    rate if phase.start is None else phase.start,
                    rate if phase.end is None else phase.end,
                )
            )
    return tuple(found)


def drain_of(workload: Workload) -> float:
    """Seconds that may pass after the last phase that sends."""
    found = [phase.seconds for phase in workload.phases if phase.phase == "drain"]
    return found[0] if found else DRAIN
