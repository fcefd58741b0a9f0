"""Every test here runs against each engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from broker.clock import FakeClock
from broker.engine import EmbeddedEngine, memory_engine, sqlite_engine


@dataclass
class Bench:
    """Makes engines of one kind, and keeps what they tell."""

    kind: str
    directory: Path
    clock: FakeClock = field(default_factory=FakeClock)
    died: list[tuple[str, int, str, str, str]] = field(default_factory=list)
    blocked: list[str | None] = field(default_factory=list)
    opened: list[EmbeddedEngine] = field(default_factory=list)

    def _died(self, what: str, leverance_id: int, dueslag: str, besked_id: str, reason: str) -> None:
        self.died.append((what, leverance_id, dueslag, besked_id, reason))

    async def open(self, **settings: Any) -> EmbeddedEngine:
        """An engine on the same directory each time."""
        tell: dict[str, Any] = {"on_died": self._died, "on_blocked": self.blocked.append}
        if self.kind == "memory":
            engine = memory_engine(self.clock, **tell, **settings)
        else:
            engine = sqlite_engine(self.directory / "dueslag.sqlite", self.clock, **tell, **settings)
        await engine.open()
        self.opened.append(engine)
        return engine


@pytest.fixture(params=["memory", "sqlite"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(request.param, tmp_path)
    yield made
    for engine in made.opened:
        await engine.close()


@pytest.fixture
async def engine(bench: Bench) -> EmbeddedEngine:
    return await bench.open()
