"""Several fronts, one RabbitMQ: a dueslag is pushed by one of them at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from structlog.testing import capture_logs

from broker.engine.rabbitmq import RabbitmqEngine, open_rabbitmq_engine
from tests.support.rabbitmq import SharedNode, delete_queues, new_prefix, rabbitmq_node
from tests.unit.push.receiver import Receiver, hang, kode
from tests.unit.push.world import MakeEngine, World, attempts, besked_id, dueslag, world

__all__ = ["rabbitmq_node"]

OURS = dueslag(1, None).id
PATIENCE = 60.0


@pytest.fixture
async def make_engine(rabbitmq_node: SharedNode) -> AsyncIterator[MakeEngine]:
    """Engines on the same queues."""
    url, prefix = rabbitmq_node().url, new_prefix()
    made: list[RabbitmqEngine] = []

    def make(*given: object, **more: object) -> RabbitmqEngine:
        made.append(partial(open_rabbitmq_engine, url, prefix=prefix)(*given, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    await asyncio.to_thread(delete_queues, url, prefix, made)


def state(front: World) -> str:
    standing = front.push.standing(OURS)
    assert standing is not None
    return standing.state


async def in_order(one: World, two: World) -> tuple[World, World]:
    """The front that pushes, and the one that stands by."""
    await one.until(lambda: sorted(state(front) == "standby" for front in (one, two)) == [False, True], PATIENCE)
    return (two, one) if state(one) == "standby" else (one, two)


async def test_each_message_is_pushed_once_and_in_order_whichever_front_took_it(make_engine: MakeEngine) -> None:
    """Sent to two fronts in turn, a dueslag's messages come to its receiver one by one, each once and as a first
    attempt; only one that RabbitMQ refused at first, and that was published again, says that it may have come."""
    with capture_logs() as logs:
        async with (
            Receiver() as receiver,
            world([receiver.url], make_engine=make_engine) as one,
            world([receiver.url], make_engine=make_engine) as two,
        ):
            await in_order(one, two)
            sent = [besked for number in range(20) for besked in await (one, two)[number % 2].send()]
            seen = await receiver.got(20, PATIENCE)
    refused = any("refused a message" in line["event"] for line in logs)
    assert [besked_id(each.body) for each in seen] == sent
    assert {attempts(each.body) for each in seen} <= {1, 1 + refused}
    assert receiver.most == 1


async def test_a_front_that_stops_hands_over_in_order(make_engine: MakeEngine) -> None:
    """What it had under way comes from the other front, before what is behind it, counted as another attempt."""
    async with (
        Receiver([kode(20), hang]) as receiver,
        world([receiver.url], make_engine=make_engine, push_timeout=0.5) as one,
        world([receiver.url], make_engine=make_engine, push_timeout=0.5) as two,
    ):
        pushes, waits = await in_order(one, two)
        sent = await waits.send(4)
        await receiver.got(2, PATIENCE)
        await pushes.push.close()
        seen = await receiver.got(5, PATIENCE)
        assert [besked_id(each.body) for each in seen] == [sent[0], sent[1], *sent[1:]]
        assert attempts(seen[2].body) == 2
        assert state(waits) != "standby"


async def test_a_front_that_is_cut_off_stops_at_once_and_another_goes_on(make_engine: MakeEngine) -> None:
    """Its connection to RabbitMQ is gone: it breaks off what is under way, and the turn goes on to whoever is there."""
    async with (
        Receiver([hang]) as receiver,
        world([receiver.url], make_engine=make_engine, push_timeout=600) as one,
        world([receiver.url], make_engine=make_engine, push_timeout=600) as two,
    ):
        pushes, waits = await in_order(one, two)
        sent = await waits.send(3)
        await receiver.got(1, PATIENCE)
        engine = pushes.service.engine
        assert isinstance(engine, RabbitmqEngine)
        link = engine._taking.link
        assert link is not None
        link.abort("cut off by the test")
        seen = await receiver.got(4, PATIENCE)
        assert [besked_id(each.body) for each in seen] == [sent[0], *sent]
        assert attempts(seen[1].body) == 2
        assert receiver.now <= 1
