"""What a run is asked for, and how it stands while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from consumers.load.news import SendCounts
from consumers.load.workload import Workload


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, and how patiently."""

    workload: Workload
    patience: float = 10.0
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How it stands, for whoever looks on."""

    at: float
    seconds: float
    phase: str
    send: SendCounts
    taken: int
    e2e_p99: float
    depth: int | None
    text: str = ""


Look = Callable[[Snapshot], None]
