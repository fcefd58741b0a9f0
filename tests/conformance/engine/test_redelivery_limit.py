"""A message that comes back again and again goes to the fejlkø."""

from __future__ import annotations

import pytest

from broker.ports import Depth, Leverance
from tests.conformance.engine.conftest import Bench
from tests.conformance.engine.parts import ConformingEngine, D, Notebook, send, take, to, until


async def back_and_forth(engine: ConformingEngine, times: int, **how: bool) -> None:
    for _ in range(times):
        engine.requeue(await take(engine, D, 1), **how)


@pytest.mark.parametrize("limit", [1, 2, 5])
async def test_one_return_too_many(bench: Bench, limit: int) -> None:
    """With a limit of N a message may come back N times; when the next receiver gives it back it is in the fejlkø."""
    engine = await bench.open(redelivery_limit=limit)
    await send(engine, ["a", "b"], to(D))
    await back_and_forth(engine, limit)
    assert engine.depth(D) == Depth(ready=2)
    last = await take(engine, D, 1)
    assert (last[0].attempts, last[0].redelivered) == (limit, True)
    engine.requeue(last)
    assert engine.depth(D) == Depth(ready=1, dead=1)
    (glimpse,) = await engine.peek(D, state="dead")
    reason = f"redelivery limit of {limit} reached"
    assert (glimpse.besked.besked_id, glimpse.attempts, glimpse.reason) == ("a", limit + 1, reason)
    assert [(one[0], one[3], one[4]) for one in bench.died] == [("dead", "a", reason)]


async def test_without_a_limit_it_comes_back_for_ever(engine: ConformingEngine) -> None:
    """Off unless asked for."""
    await send(engine, ["a"], to(D))
    await back_and_forth(engine, 50)
    assert engine.depth(D) == Depth(ready=1)


async def test_what_a_push_gives_back_is_not_limited(bench: Bench) -> None:
    """The push outlet has its own limit: what it gives back has its attempts counted and stays."""
    engine = await bench.open(redelivery_limit=2)
    await send(engine, ["a"], to(D))
    await back_and_forth(engine, 10, counted=False)
    assert engine.depth(D) == Depth(ready=1)
    assert (await take(engine, D, 1))[0].attempts == 10


async def test_those_behind_move_up(bench: Bench) -> None:
    """A consumer that gives back everything it gets gets each message as often as allowed, in order, then the next."""
    engine = await bench.open(redelivery_limit=1)
    await send(engine, ["a", "b", "c"], to(D))
    seen: list[str] = []

    class Refuses(Notebook):
        def deliver(self, leverance: Leverance) -> None:
            super().deliver(leverance)
            assert leverance.besked is not None
            seen.append(leverance.besked.besked_id)

    consumer = Refuses(room=1)
    engine.attach(D, consumer)
    while engine.depth(D).dead < 3:
        await until(lambda: bool(consumer.got))
        back, consumer.got = consumer.got, []
        consumer.room = 1
        engine.requeue(back)
        engine.kick(D)
    assert seen == ["a", "a", "b", "b", "c", "c"]
    assert engine.depth(D) == Depth(dead=3, consumers=1)


async def test_moved_back_it_has_one_more_chance(bench: Bench) -> None:
    """From the fejlkø back into the dueslag: attempts are kept, so the next return ends there again."""
    engine = await bench.open(redelivery_limit=1)
    await send(engine, ["a"], to(D))
    await back_and_forth(engine, 2)
    assert await engine.revive(D) == 1
    (again,) = await take(engine, D, 1)
    assert again.attempts == 2
    engine.requeue([again])
    assert engine.depth(D) == Depth(dead=1)
    assert (await engine.peek(D, state="dead"))[0].attempts == 3


async def test_a_full_hand_is_judged_one_by_one(bench: Bench) -> None:
    """A connection is lost with many out: those at the limit go to the fejlkø, the others come again in order."""
    engine = await bench.open(redelivery_limit=1)
    await send(engine, ["a", "b", "c", "d"], to(D))
    first = await take(engine, D, 2)
    engine.requeue(first)
    engine.requeue(await take(engine, D, 4))
    assert engine.depth(D) == Depth(ready=2, dead=2)
    left = await take(engine, D, 2)
    assert [one.besked.besked_id for one in left if one.besked] == ["c", "d"]
    assert [one.besked.besked_id for one in await engine.peek(D, state="dead")] == ["a", "b"]
