"""Whose turn it is to push: one front at a time, handed on when it leaves, dies or loses RabbitMQ; nobody asks."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from broker.engine.rabbitmq import RabbitmqEngine
from broker.engine.rabbitmq.turns import PARTS, Part
from tests.conformance.engine.parts import D, E, until
from tests.support.rabbitmq import SharedNode
from tests.unit.engine.rabbitmq.conftest import NewFront

LONG = os.environ.get("BESKEDFORDELER_LONG") == "1"


class Pusher:
    """Works a dueslag alone whenever it is its turn."""

    def __init__(self, engine: RabbitmqEngine, dueslag: str = D) -> None:
        self.at_work = False
        self._engine, self._dueslag = engine, dueslag
        self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while True:
            async with self._engine.sole(self._dueslag) as lease:
                self.at_work = True
                try:
                    await lease.lost.wait()
                finally:
                    self.at_work = False

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def in_line(engine: RabbitmqEngine) -> bool:
    """Whether RabbitMQ knows of all turns that it waits for."""
    parts = engine._turns.parts.values()
    return bool(parts) and all(part.in_line for part in parts)


@asynccontextmanager
async def process(url: str, prefix: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A front in a process of its own, which has its turn."""
    front = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.engine.rabbitmq.front", url, prefix, D,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert front.stdin is not None
    assert front.stdout is not None
    try:
        front.stdin.write(b"turn\n")
        async with asyncio.timeout(60):
            assert await front.stdout.readline() == b"ready\n"
            assert await front.stdout.readline() == b"turn 1\n"
        yield front
    finally:
        if front.returncode is None:
            front.kill()
        await front.wait()


async def test_handed_on_when_the_front_leaves(fronts: NewFront) -> None:
    """Given up in order it is another's at once; the dueslag of one front do not wait for each other."""
    one, other = await fronts(), await fronts()
    first, second = Pusher(one), Pusher(one, E)
    await until(lambda: first.at_work and second.at_work)
    waiting = Pusher(other)
    await until(lambda: bool(other._turns.parts))
    assert not waiting.at_work
    await first.stop()
    await until(lambda: waiting.at_work)
    assert second.at_work
    await second.stop()
    await waiting.stop()


async def test_dueslag_of_one_part(fronts: NewFront) -> None:
    """Dueslag that share a part are worked by the same front, each by one at a time, until the last is given up."""
    one, other = await fronts(), await fronts()
    same = [f"d{number}" for number in range(4 * PARTS) if one._turns.number(f"d{number}") == one._turns.number("d0")]
    assert len(same) > 1
    mine = [Pusher(one, each) for each in same]
    await until(lambda: all(each.at_work for each in mine))
    theirs = Pusher(other, same[1])
    for each in mine[1:]:
        await each.stop()
    again = Pusher(one, same[1])
    await until(lambda: again.at_work)
    assert not theirs.at_work
    await again.stop()
    await mine[0].stop()
    await until(lambda: theirs.at_work)
    await theirs.stop()


async def test_a_front_that_waits_asks_nothing(fronts: NewFront, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many dueslag: nothing goes to RabbitMQ from a front that waits for its turns."""
    one, other = await fronts(), await fronts()
    dueslag = [f"d{number}" for number in range(200)]
    mine = [Pusher(one, each) for each in dueslag]
    await until(lambda: all(each.at_work for each in mine))
    theirs = [Pusher(other, each) for each in dueslag]
    await until(lambda: len(other._turns.parts) == len(one._turns.parts) <= PARTS)
    await until(lambda: in_line(other))
    asked: list[Part] = []
    stand = Part._stand_in_line

    async def noted(self: Part) -> None:
        asked.append(self)
        await stand(self)

    monkeypatch.setattr(Part, "_stand_in_line", noted)
    await asyncio.sleep(1.0)
    assert not asked
    assert not any(each.at_work for each in theirs)
    await asyncio.gather(*[each.stop() for each in mine])
    await until(lambda: all(each.at_work for each in theirs))
    await asyncio.gather(*[each.stop() for each in theirs])


async def test_a_queue_that_somebody_deletes(fronts: NewFront) -> None:
    """The turn is over, and had again by one front."""
    one, other = await fronts(), await fronts()
    first = Pusher(one)
    await until(lambda: first.at_work)
    second = Pusher(other)
    (part,) = one._turns.parts.values()
    await until(lambda: in_line(other))
    lease = part._lease
    assert lease is not None
    await other._turns._queues.delete(part.queue)
    await until(lease.lost.is_set)
    await until(lambda: first.at_work != second.at_work)
    await first.stop()
    await second.stop()


async def test_taken_over_from_a_front_that_is_killed(fronts: NewFront, rabbitmq_node: SharedNode) -> None:
    """Kill -9 of the front whose turn it is: another has it as soon as RabbitMQ sees the connection go."""
    one = await fronts()
    async with process(rabbitmq_node().url, one._names.prefix) as front:
        waiting = Pusher(one)
        await until(lambda: in_line(one))
        assert not waiting.at_work
        began = time.monotonic()
        front.kill()
        await until(lambda: waiting.at_work)
        print(f"taken over {1000 * (time.monotonic() - began):.1f} ms after kill -9")
        await waiting.stop()


@pytest.mark.skipif(not LONG, reason="half a minute of waiting for heartbeats: runs with BESKEDFORDELER_LONG=1")
async def test_taken_over_from_a_front_that_says_nothing(fronts: NewFront, rabbitmq_node: SharedNode) -> None:
    """A front that is stopped, as one whose machine is gone: RabbitMQ misses its heartbeats, and another has its turn;
    when it wakes up, it hears that it has lost its own."""
    one = await fronts()
    async with process(rabbitmq_node().url, one._names.prefix) as front:
        waiting = Pusher(one)
        await until(lambda: in_line(one))
        began = time.monotonic()
        os.kill(front.pid, signal.SIGSTOP)
        await until(lambda: waiting.at_work)
        print(f"taken over {time.monotonic() - began:.1f} s after SIGSTOP")
        os.kill(front.pid, signal.SIGCONT)
        assert front.stdout is not None
        async with asyncio.timeout(60):
            assert await front.stdout.readline() == b"turn 0\n"
        await waiting.stop()
