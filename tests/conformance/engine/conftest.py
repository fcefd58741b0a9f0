"""Every test here runs against each engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from broker.clock import FakeClock
from broker.engine import memory_engine, sqlite_engine
from broker.engine.rabbitmq import open_rabbitmq_engine
from broker.engine.rabbitmq.deviations import DEVIATIONS
from tests.conformance.engine.deviating import DEVIATING, NOT_RUN, Deviating
from tests.conformance.engine.parts import ConformingEngine
from tests.support.rabbitmq import SharedNode, delete_queues, new_prefix, rabbitmq_node

__all__ = ["Bench", "bench", "engine", "rabbitmq_node"]


@dataclass
class Bench:
    """Makes engines of one kind, and keeps what they tell."""

    kind: str
    directory: Path
    url: str = ""
    prefix: str = ""
    clock: FakeClock = field(default_factory=FakeClock)
    died: list[tuple[str, int, str, str, str]] = field(default_factory=list)
    blocked: list[str | None] = field(default_factory=list)
    opened: list[ConformingEngine] = field(default_factory=list)

    def _died(self, what: str, leverance_id: int, dueslag: str, besked_id: str, reason: str) -> None:
        self.died.append((what, leverance_id, dueslag, besked_id, reason))

    async def open(self, **settings: Any) -> ConformingEngine:
        """An engine on the same directory, or the same queues, each time."""
        tell: dict[str, Any] = {"on_died": self._died, "on_blocked": self.blocked.append}
        engine: ConformingEngine
        if self.kind == "memory":
            engine = memory_engine(self.clock, **tell, **settings)
        elif self.kind == "sqlite":
            engine = sqlite_engine(self.directory / "dueslag.sqlite", self.clock, **tell, **settings)
        else:
            engine = open_rabbitmq_engine(self.url, self.clock, prefix=self.prefix, **tell, **settings)
        await engine.open()
        self.opened.append(engine)
        return engine


@pytest.fixture(params=["memory", "sqlite", "rabbitmq"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path, rabbitmq_node: SharedNode) -> AsyncIterator[Bench]:
    made = Bench(request.param, tmp_path)
    if made.kind == "rabbitmq":
        made.url, made.prefix = rabbitmq_node().url, new_prefix()
    yield made
    for engine in made.opened:
        await engine.close()
    if made.kind == "rabbitmq":
        await asyncio.to_thread(delete_queues, made.url, made.prefix, made.opened)


@pytest.fixture
async def engine(bench: Bench) -> ConformingEngine:
    return await bench.open()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What RabbitMQ cannot do is expected to fail there, with the reason from the one table of deviations."""
    reasons = {one.id: one.why for one in DEVIATIONS}
    for item in items:
        if isinstance(item, pytest.Function) and Path(__file__).parent in item.path.parents:
            kind = item.callspec.params.get("bench") if hasattr(item, "callspec") else None
            deviating = DEVIATING.get(item.originalname) if kind == "rabbitmq" else None
            if deviating is not None:
                item.add_marker(_mark(deviating, reasons))


def _mark(deviating: Deviating, reasons: dict[str, str]) -> pytest.MarkDecorator:
    why = reasons.get(deviating.deviation, NOT_RUN)
    return pytest.mark.xfail(run=deviating.run, strict=deviating.run, reason=f"{deviating.deviation}: {why}")
