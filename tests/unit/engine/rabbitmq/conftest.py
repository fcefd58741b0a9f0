"""Fixtures: a RabbitMQ node, a PostgreSQL, and fronts that share queues."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from broker.clock import FakeClock
from broker.engine.rabbitmq import MemoryKnown, RabbitmqEngine, open_rabbitmq_engine
from tests.support.postgres import postgres_cluster, postgres_url
from tests.support.rabbitmq import SharedNode, delete_queues, new_prefix, rabbitmq_node

__all__ = ["NewFront", "fronts", "postgres_cluster", "postgres_url", "rabbitmq_node"]

NewFront = Callable[..., Awaitable[RabbitmqEngine]]


@pytest.fixture
async def fronts(rabbitmq_node: SharedNode) -> AsyncIterator[NewFront]:
    """Opens fronts on the same queues, which know the same messages."""
    url, prefix, known = rabbitmq_node().url, new_prefix(), MemoryKnown()
    opened: list[RabbitmqEngine] = []

    async def front(**settings: Any) -> RabbitmqEngine:
        engine = open_rabbitmq_engine(url, FakeClock(), prefix=prefix, **{"known": known, **settings})
        await engine.open()
        opened.append(engine)
        return engine

    yield front
    for engine in opened:
        for part in engine._turns.parts.values():
            await engine._turns._queues.delete(part.queue)
        await engine.close()
    await asyncio.to_thread(delete_queues, url, prefix, opened)
