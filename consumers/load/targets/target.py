"""What a run needs of whatever it loads: a handful of methods, and the cast that it makes of a workload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from consumers.load.cast import Cast
from consumers.load.workload import Churn, Workload


class TargetError(Exception):
    """The target cannot be used: it refuses, is not there, or the workload lacks what it needs."""


class Target(Protocol):
    """Opened by `prepare`, closed by `close`; both once for each run.  All raise TargetError."""

    @property
    def name(self) -> str:
        """As the report calls it."""
        ...

    async def prepare(self, workload: Workload, run: int) -> Cast:
        """Make what the run needs: dueslag and abonnementer, or queues."""
        ...

    async def churn(self, cast: Cast, churn: Churn) -> Mapping[int, frozenset[int]]:
        """Carry out one change; what is meant for each destination from then on."""
        ...

    async def depths(self) -> Mapping[str, int] | None:
        """What lies in each dueslag or queue, by its id, out or not; None where that cannot be told."""
        ...

    def pid(self) -> int | None:
        """Its process, where that is on this machine."""
        ...

    async def about(self) -> Mapping[str, str]:
        """Version and settings, for the report."""
        ...

    def gone(self) -> str:
        """Why it is known to be gone, or nothing."""
        ...

    async def close(self, *, keep: bool) -> None:
        """Remove what `prepare` made, unless it is to be kept."""
        ...
