"""What the processes of a run tell each other: values, sent as they are."""

from __future__ import annotations

from dataclasses import dataclass, field

from consumers.load.cast import Cast
from consumers.load.seen import Seen
from consumers.load.tally import Interval


@dataclass(frozen=True, slots=True)
class Task:
    """For one process: the streams it sends, or the destinations it receives for."""

    cast: Cast
    board: str
    streams: tuple[int, ...] = ()
    destinations: tuple[int, ...] = ()
    patience: float = 10.0
    """Seconds that a connection which went may take to come back."""
    max_unanswered: int = 20_000


@dataclass(frozen=True, slots=True)
class Go:
    """Begin; ``origin`` is 0 of the schedule, ns of CLOCK_MONOTONIC, ``wall`` the same moment by the clock (s)."""

    origin: int
    wall: float


@dataclass(frozen=True, slots=True)
class Stop:
    """End, and tell what there is."""


@dataclass(frozen=True, slots=True)
class Ready:
    """Connected; waiting for `Go`."""

    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SendCounts:
    """Since the start."""

    due: int = 0
    sent: int = 0
    accepted: int = 0
    refused: int = 0
    unanswered: int = 0
    resent: int = 0
    reconnects: int = 0


@dataclass(frozen=True, slots=True)
class Tick:
    """Once in a while from each process; counts since the start, latencies since the last tick."""

    at: float
    cpu: float
    """Seconds of CPU time since `Go`."""
    latencies: Interval
    send: SendCounts | None = None
    arrived: int = 0
    taken: dict[int, int] = field(default_factory=dict)
    """Distinct messages taken, by destination."""
    waiting: int = 0
    """Messages that arrived and are not settled yet."""
    reconnects: int = 0
    stood: float = 0.0
    """Seconds for which the process itself did not get on, since the last tick."""
    stood_most: float = 0.0
    """The longest of them."""
    done: bool = False
    """A sender: everything is sent and answered."""


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """What one stream did."""

    sent: int
    resent: int
    refusals: dict[str, int]
    """How many by StatusKode and text; at most a hundred different ones are kept apart."""
    strays: int = 0
    """Answers to what was answered before, to nothing, or to another's message."""


@dataclass(frozen=True, slots=True)
class Done:
    """The last word of a process."""

    streams: dict[int, StreamEnd] = field(default_factory=dict)
    seen: dict[tuple[int, int], Seen] = field(default_factory=dict)
    """By destination and stream."""
    foreign: int = 0
    """Messages in the dueslag that are not of this run."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It cannot go on; `Done` follows."""

    reason: str
