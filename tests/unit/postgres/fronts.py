"""Fronts for tests: each a Beskedfordeler with an engine of its own, all with one register in PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import pytest

from broker.clock import SystemClock
from broker.core.model import (
    Abonnement,
    Anvendersystem,
    Beskedtype,
    Dueslag,
    Myndighed,
    Service,
    Serviceaftale,
    Vaerdiliste,
)
from broker.engine import memory_engine
from broker.following import Following
from broker.kuvert import Limits
from broker.ports import Engine, RegisterContent
from broker.register import prepare
from broker.register.postgres import PostgresRegister
from broker.service import Beskedfordeler
from broker.trace import Trace

KOMMUNE = Myndighed("11111111", "Eksempelby Kommune")
AFSENDER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Afsender", KOMMUNE.cvr)
FAGSYSTEM = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000002", "Fagsystem", KOMMUNE.cvr)
TYPE = Beskedtype("7654895c-a3f3-4c77-8afd-4c77330f963c", "Testbesked")
AFTALER = (
    Serviceaftale("bbbbbbbb-0000-4000-8000-000000000001", AFSENDER.id, Service.AFSEND),
    Serviceaftale("bbbbbbbb-0000-4000-8000-000000000002", FAGSYSTEM.id, Service.MODTAG),
)
DUESLAG = Dueslag("dddddddd-0000-4000-8000-000000000001", "Indbakke", FAGSYSTEM.id)
ABONNEMENT = Abonnement("ffffffff-0000-4000-8000-000000000001", "Alt", DUESLAG.id)
LISTE = Vaerdiliste("eeeeeeee-0000-4000-8000-000000000001", "Borgere", FAGSYSTEM.id)
ITEMS = (KOMMUNE, AFSENDER, FAGSYSTEM, TYPE, *AFTALER, DUESLAG, LISTE, ABONNEMENT)
DEADLINE = 60.0
"""Seconds that anything may take on a machine that is busy with other things."""


def content() -> RegisterContent:
    """A small register, consistent."""
    return RegisterContent(
        {KOMMUNE.cvr: KOMMUNE},
        {one.id: one for one in (AFSENDER, FAGSYSTEM)},
        {TYPE.id: TYPE},
        {one.id: one for one in AFTALER},
        {DUESLAG.id: DUESLAG},
        {ABONNEMENT.id: ABONNEMENT},
        {LISTE.id: LISTE},
        {LISTE.id: set()},
    )


@dataclass(frozen=True, slots=True)
class Front:
    """One front, as the tests see it."""

    service: Beskedfordeler
    register: PostgresRegister
    engine: Engine
    following: Following

    @property
    def content(self) -> RegisterContent:
        return self.service.content

    @property
    def abonnement(self) -> Abonnement:
        """What this front goes by."""
        return self.content.abonnementer[ABONNEMENT.id]


@asynccontextmanager
async def front(url: str, engine: Engine | None = None) -> AsyncIterator[Front]:
    """Start a front on a database, and stop it; as `broker.app` does it."""
    async with AsyncExitStack() as stack:
        if engine is None:
            engine = memory_engine(SystemClock())
            await engine.open()
            stack.push_async_callback(engine.close)
        register = PostgresRegister(url)
        await register.open()
        stack.push_async_callback(register.close)
        prepared = await prepare(register, content())
        service = Beskedfordeler(register, prepared.content, engine, Trace(None), SystemClock(), Limits(1_000_000))
        following = Following(register, service.registrar)
        following.start()
        stack.push_async_callback(following.close)
        yield Front(service, register, engine, following)


Fronts = Callable[[int], Awaitable[list[Front]]]


@pytest.fixture
async def fronts(postgres_url: str) -> AsyncIterator[Fronts]:
    """Any number of fronts that share a register."""
    async with AsyncExitStack() as stack:

        async def started(count: int) -> list[Front]:
            return [await stack.enter_async_context(front(postgres_url)) for _ in range(count)]

        yield started


async def until(condition: Callable[[], bool], what: str = "") -> float:
    """Waits until something holds; how many seconds that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < DEADLINE, f"waited {DEADLINE} s in vain: {what}"
        await asyncio.sleep(0.001)
    return time.monotonic() - began
