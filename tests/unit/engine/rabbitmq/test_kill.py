"""RabbitMQ and fronts killed in the middle: what was accepted is delivered, and what comes twice says so."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from broker.clock import SystemClock
from broker.engine.rabbitmq import RabbitmqEngine, open_rabbitmq_engine
from broker.ports import Leverance, Outcome
from tests.conformance.engine.parts import Answers, D, Notebook, besked, names, take, to
from tests.crash.ledger import Arrivals, Ledger
from tests.support.rabbitmq import Alone, needed, new_prefix

pytestmark = pytest.mark.skipif(
    os.environ.get("BESKEDFORDELER_LONG") != "1", reason="half a minute of kills: runs with BESKEDFORDELER_LONG=1"
)

ROUNDS = int(os.environ.get("RABBITMQ_KILLS", "1"))
"""Kills of the node; each costs what RabbitMQ takes to start."""
PATIENCE = 180.0


@pytest.fixture(scope="module")
def alone() -> Iterator[Alone]:
    """A node of this module's own."""
    needed()
    made = Alone().start()
    yield made
    made.close()


@dataclass
class Load:
    """Sends as fast as it is answered, takes as it comes, and keeps the ledger."""

    engine: RabbitmqEngine
    ledger: Ledger = field(default_factory=Ledger)
    arrivals: Arrivals = field(default_factory=Arrivals)
    under_way: int = 0
    stop: bool = False

    async def send(self) -> None:
        count = 0
        while not self.stop:
            if self.under_way < 50:
                count += 1
                self._accept(f"m{count}")
            await asyncio.sleep(0.0005)

    def _accept(self, name: str) -> None:
        def done(outcome: Outcome) -> None:
            assert outcome is Outcome.ACCEPTED
            self.under_way -= 1
            self.ledger.acknowledged.add(name)

        self.under_way += 1
        self.ledger.attempted.add(name)
        self.engine.accept(besked(name, data=b"x" * 2_000), to(D), done)

    def all_there(self) -> bool:
        return not self.under_way and not self.ledger.lost(self.arrivals)

    def check(self) -> None:
        print(self.ledger.line(D, self.arrivals))
        assert self.ledger.lost(self.arrivals) == set()
        assert self.ledger.unexpected(self.arrivals) == set()
        assert not self.arrivals.duplicated_unflagged


class Taker(Notebook):
    """Acks what it has had for a moment."""

    def __init__(self, load: Load) -> None:
        super().__init__(room=30)
        self._load = load

    def deliver(self, leverance: Leverance) -> None:
        super().deliver(leverance)
        assert leverance.besked is not None
        self._load.arrivals.take(leverance.besked.besked_id, leverance.redelivered)

    async def ack(self) -> None:
        while True:
            await asyncio.sleep(0.002)
            taken, self.got = self.got[:20], self.got[20:]
            self._load.engine.ack(taken)
            self.room += len(taken)
            self._load.engine.kick(D)


async def condition(holds: object) -> None:
    """Wait for it, long."""
    assert callable(holds)
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.01)


@asynccontextmanager
async def loaded(engine: RabbitmqEngine) -> AsyncIterator[Load]:
    load = Load(engine)
    taker = Taker(load)
    engine.attach(D, taker)
    tasks = [asyncio.create_task(load.send()), asyncio.create_task(taker.ack())]
    try:
        yield load
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_rabbitmq_killed_under_load(alone: Alone) -> None:
    """Kill -9 of RabbitMQ while messages come and go: senders are held until it is back, every message that was
    answered is delivered, and what is delivered twice is flagged."""
    blocked: list[str | None] = []
    engine = open_rabbitmq_engine(alone.node.url, SystemClock(), prefix=new_prefix(), on_blocked=blocked.append)
    await engine.open()
    try:
        async with loaded(engine) as load:
            for _ in range(ROUNDS):
                before = len(load.arrivals.first)
                await condition(lambda before=before: len(load.arrivals.first) > before + 300)
                await asyncio.to_thread(alone.kill)
                await condition(lambda: engine.blocked is not None)
                answered = len(load.ledger.acknowledged)
                await asyncio.to_thread(alone.restart)
                load.ledger.kills += 1
                await condition(lambda answered=answered: len(load.ledger.acknowledged) > answered + 300)
            load.stop = True
            await condition(load.all_there)
        load.check()
        assert blocked[0] is not None
        assert "RabbitMQ" in blocked[0]
        await condition(lambda: engine.blocked is None)
    finally:
        await engine.close()


async def test_rabbitmq_short_of_memory_holds_senders(alone: Alone) -> None:
    """RabbitMQ's memory alarm: senders wait and are told why, what is there can be fetched, and when the alarm is over
    what waited is accepted."""
    blocked: list[str | None] = []
    engine = open_rabbitmq_engine(alone.node.url, SystemClock(), prefix=new_prefix(), on_blocked=blocked.append)
    await engine.open()
    try:
        answers = Answers()
        engine.accept(besked("before"), to(D), answers)
        await engine.flushed()
        await asyncio.to_thread(alone.node.ctl, "set_vm_memory_high_watermark", "0.000001")
        engine.accept(besked("during"), to(D), answers)
        await condition(lambda: engine.blocked is not None)
        assert names(await take(engine, D, 1)) == ["before"]
        assert answers.outcomes == [Outcome.ACCEPTED]
        await asyncio.to_thread(alone.node.ctl, "set_vm_memory_high_watermark", "0.4")
        await condition(lambda: len(answers.outcomes) == 2)
        await condition(lambda: engine.blocked is None)
        assert blocked[0] is not None
        assert "memory" in blocked[0]
    finally:
        await engine.close()


class Front:
    """`tests.unit.engine.rabbitmq.front` as a process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.accepted: set[str] = set()
        self.got: list[tuple[str, bool]] = []
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, *arguments: str) -> Front:
        module = "tests.unit.engine.rabbitmq.front"
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        return cls(process)

    def say(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())

    async def kill(self) -> None:
        """Kill -9; returns when all it said was read."""
        self.process.kill()
        await self.process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while line := await self.process.stdout.readline():
            word, name, *rest = line.decode().split()
            if word == "accepted":
                self.accepted.add(name)
            else:
                self.got.append((name, rest == ["1"]))


async def test_front_killed_with_messages_in_its_hands(alone: Alone) -> None:
    """Kill -9 of a front that accepts and delivers: what it had answered is all there for another front, what it had
    in its hands is flagged there, and nothing comes twice unflagged."""
    prefix = new_prefix()
    front = await Front.start(alone.node.url, prefix, D)
    engine = open_rabbitmq_engine(alone.node.url, SystemClock(), prefix=prefix)
    await engine.open()
    try:
        front.say("take", *[f"send m{number}" for number in range(400)])
        await condition(lambda: len(front.got) >= 20 and len(front.accepted) > 100)
        await front.kill()
        ledger = Ledger({f"m{number}" for number in range(400)}, front.accepted, kills=1)
        arrivals = Arrivals()
        for name, redelivered in front.got:
            arrivals.take(name, redelivered)
        load = Load(engine, ledger, arrivals)
        engine.attach(D, taker := Taker(load))
        acking = asyncio.create_task(taker.ack())
        await condition(load.all_there)
        await condition(lambda: arrivals.recovered >= len(front.got))
        acking.cancel()
        load.check()
    finally:
        await engine.close()
