"""Everything that one command does: the targets in turn, round by round, and what came of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from consumers.load.environment import environment
from consumers.load.result import Result
from consumers.load.run import run
from consumers.load.snapshot import Look, Plan
from consumers.load.targets.target import Target
from consumers.load.thresholds import Threshold
from consumers.load.verdict import Verdict, judge
from consumers.load.workload import Workload


@dataclass(slots=True)
class Session:
    """What the reports are made of."""

    workload: Workload
    source: str
    """The text of the workload file."""
    settings: dict[str, Any]
    thresholds: tuple[Threshold, ...]
    surroundings: dict[str, str] = field(default_factory=environment)
    results: list[Result] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        return judge(self.results, self.thresholds)

    @property
    def targets(self) -> tuple[str, ...]:
        """In the order in which they were loaded."""
        return tuple(dict.fromkeys(result.target for result in self.results))

    def as_json(self) -> dict[str, Any]:
        return {
            "format": 1,
            **self.verdict.as_json(),
            "workload": self.workload.model_dump(mode="json", by_alias=True, exclude_none=True),
            "settings": self.settings,
            "environment": self.surroundings,
            "results": [result.as_json() for result in self.results],
        }


async def play(
    session: Session, targets: Sequence[Target], plan: Plan, rounds: int, look: Callable[[str, int], Look]
) -> None:
    """Each target once in each round: what a noisy machine does to one, it does to the others.

    An interrupted run is the last one.
    """
    for number in range(1, rounds + 1):
        order = targets if number % 2 else tuple(reversed(targets))
        for target in order:
            run_id = secrets.randbelow(0xFFFF) + 1
            result = await run(target, plan, number, run_id, look(target.name, number))
            session.results.append(result)
            if any("interrupted" in reason for reason in result.reasons):
                return
