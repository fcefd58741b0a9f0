"""PostgreSQL is killed (SIGKILL) while two fronts change the register: what was answered holds, the rest whole or not.

Each change puts an abonnement, and changes a værdiliste by three values: a ledger knows which were answered.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
import structlog

from broker.core.model import Abonnement, Tilstand
from broker.errors import NotAvailable
from broker.ports import RegisterContent
from tests.support.postgres import Cluster, require_postgres
from tests.unit.postgres.fronts import DUESLAG, LISTE, Front, front, until
from tests.unit.postgres.test_effects import send

KILLS = 3
LONGEST_REFUSAL = 30.0
"""Seconds within which a change is refused while PostgreSQL is away; it is milliseconds."""


@dataclass
class Ledger:
    """What was asked for, and what was answered; numbers of changes."""

    asked: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    refused: int = 0

    def check(self, content: RegisterContent) -> None:
        there = {int(key[-12:]) for key in content.abonnementer if key.startswith("ffffffff-0000-4000-9000")}
        assert self.answered <= there <= self.asked
        values = content.vaerdier[LISTE.id]
        in_list = {int(value.partition("-")[0]) for value in values}
        assert self.answered <= in_list <= self.asked
        assert values == {f"{number}-{part}" for number in in_list for part in range(3)}


def key(number: int) -> str:
    return f"ffffffff-0000-4000-9000-{number:012}"


async def churn(front: Front, ledger: Ledger, numbers: Iterator[int], stop: asyncio.Event) -> None:
    while not stop.is_set():
        number = next(numbers)
        ledger.asked.add(number)
        try:
            await front.service.put([Abonnement(key(number), f"nr {number}", DUESLAG.id, tilstand=Tilstand.STOPPET)])
            await front.service.add_values("Borgere", [f"{number}-{part}" for part in range(3)])
        except NotAvailable:
            ledger.refused += 1
            await asyncio.sleep(0.005)
        else:
            ledger.answered.add(number)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server of its own, with fsync."""
    require_postgres()
    cluster = Cluster()
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.remove()


async def test_what_was_answered_survives_a_kill_of_postgresql(cluster: Cluster) -> None:
    """No answered change is lost and none is half there; fronts route on meanwhile, and agree when it is back."""
    url, dice, ledger, stop = cluster.new_database(), random.Random(7), Ledger(), asyncio.Event()
    async with AsyncExitStack() as stack:
        fronts = [await stack.enter_async_context(front(url)) for _ in range(2)]
        with structlog.testing.capture_logs() as logs:
            tasks = [
                asyncio.create_task(churn(each, ledger, itertools.count(number * 10**6), stop))
                for number, each in enumerate(fronts)
            ]
            for kill in range(KILLS):
                before = len(ledger.answered)
                await until(lambda: len(ledger.answered) > before + 20)  # noqa: B023 - awaited at once
                await asyncio.sleep(dice.random() * 0.2)
                await asyncio.to_thread(cluster.kill)
                for each in fronts:
                    assert (await send(each)).status_kode == 20
                await refused(fronts[0])
                await until(lambda: all(each.register.lost for each in fronts))
                await asyncio.to_thread(cluster.start)
                await until(lambda: said(logs, "register found again") == 2 * (kill + 1))  # noqa: B023
            before = len(ledger.answered)
            await until(lambda: len(ledger.answered) > before + 20)
            stop.set()
            await asyncio.gather(*tasks)
            stands = await patient_load(fronts[0])
            await until(lambda: all(each.content.revision == stands.revision for each in fronts))
        ledger.check(stands)
        assert [each.register.lost for each in fronts] == [None, None]
        assert fronts[0].content == fronts[1].content == stands
        assert all(each.engine.depth(DUESLAG.id).ready == KILLS for each in fronts)
    assert ledger.refused > 0
    assert said(logs, "register lost: going on with what is known") == 2 * KILLS  # for each front, not each attempt


def said(logs: Sequence[Mapping[str, object]], event: str) -> int:
    return sum(line["event"] == event for line in logs)


async def refused(front: Front) -> None:
    """A change is refused at once, in a sentence that says why; others of the same front fail no slower."""
    began = time.monotonic()
    with pytest.raises(NotAvailable, match=r"PostgreSQL at 127\.0\.0\.1:\d+/\w+ cannot do it now"):
        await front.service.set_tilstand("Alt", Tilstand.AKTIV)
    assert time.monotonic() - began < LONGEST_REFUSAL


async def patient_load(front: Front) -> RegisterContent:
    while True:
        try:
            return await front.register.load()
        except NotAvailable:
            await asyncio.sleep(0.05)
