"""A Beskedfordeler with the memory engine, dueslag that are pushed, and a sender."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from adapters.push import PushOutlets
from broker.clock import SystemClock
from broker.core.model import Abonnement, Anvendersystem, Beskedtype, Dueslag, Myndighed, Service, Serviceaftale
from broker.engine import memory_engine
from broker.kuvert import Limits, haendelsesbesked, parse
from broker.ports import Engine, Login, Peer, Publication, RegisterContent, Verdict
from broker.register import MemoryRegister
from broker.service import Beskedfordeler
from broker.settings import Settings
from broker.trace import Query, Record, Trace

TYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"
SENDER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000001", "Afsender", "11111111")
RECEIVER = Anvendersystem("aaaaaaaa-0000-4000-8000-000000000002", "Modtager", "22222222")
LOGIN = Login(SENDER, Peer("127.0.0.1", 50000), "PLAIN")


MakeEngine = Callable[..., Engine]
"""As `broker.engine.memory_engine`."""


def dueslag(number: int, callback: str | None) -> Dueslag:
    """A dueslag of RECEIVER."""
    return Dueslag(f"dddddddd-0000-4000-8000-{number:012d}", f"Post {number}", RECEIVER.id, callback)


def abonnement(dueslag: Dueslag) -> Abonnement:
    """To everything."""
    return Abonnement(f"bbbbbbbb{dueslag.id[8:]}", f"Alt til {dueslag.navn}", dueslag.id)


def settings(**changes: Any) -> Settings:
    """Small delays, so that tests need not wait."""
    usual: dict[str, Any] = {
        "push_timeout": 10,
        "push_attempts": 3,
        "push_first_delay": 0.01,
        "push_longest_delay": 0.04,
    }
    return Settings(**(usual | changes))


def no_tls() -> ssl.SSLContext:
    """What a plain test must not ask for."""
    raise AssertionError("no https callback here")


class World:
    """What a test needs at hand."""

    def __init__(self, service: Beskedfordeler, push: PushOutlets) -> None:
        self.service = service
        self.push = push

    async def callback(self, number: int, url: str | None) -> Dueslag:
        """Give a dueslag (with its abonnement) this callback; it is made where it is missing."""
        one = dueslag(number, url)
        new = one.id not in self.service.content.dueslag
        await self.service.put([one, abonnement(one)] if new else [one])
        return one

    async def send(self, count: int = 1, **changes: object) -> list[str]:
        """Send messages one after the other; their BeskedId."""
        return [await self.submit(haendelsesbesked(**({"beskedtype": TYPE} | changes))) for _ in range(count)]  # type: ignore[arg-type]

    async def submit(self, body: bytes) -> str:
        """Send a message; its BeskedId."""
        answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self.service.submit(LOGIN, Publication(body, None, None), answer.set_result)
        assert (await asyncio.wait_for(answer, 5)).status_kode == 20
        return parse(body).besked.besked_id

    async def until(self, holds: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait for something to become true."""
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - a test, which polls what it looks at
                await asyncio.sleep(0.005)

    async def drained(self, number: int = 1, seconds: float = 5.0) -> None:
        """Wait until a dueslag holds nothing ready or out."""
        one = dueslag(number, None).id
        await self.until(lambda: self.depth(one) == (0, 0), seconds)

    def depth(self, dueslag: str) -> tuple[int, int]:
        depth = self.service.engine.depth(dueslag)
        return depth.ready, depth.out

    async def dead(self, number: int = 1) -> list[tuple[str, str | None]]:
        """BeskedId and reason of what lies in the fejlkø."""
        seen = await self.service.engine.peek(dueslag(number, None).id, state="dead")
        return [(one.besked.besked_id, one.reason) for one in seen]

    async def trace(self, what: str) -> list[Record]:
        return await self.service.trace.find(Query(what=what))


@asynccontextmanager
async def world(
    callbacks: Iterable[str] = (),
    tls: Callable[[], ssl.SSLContext] = no_tls,
    start: bool = True,
    redelivery_limit: int = 0,
    make_engine: MakeEngine = memory_engine,
    **changes: Any,
) -> AsyncIterator[World]:
    """Dueslag 1, 2 … with these callbacks."""
    clock = SystemClock()
    register = MemoryRegister()
    holder: list[Beskedfordeler] = []
    engine = make_engine(clock, on_died=lambda *what: holder[0].died(*what), redelivery_limit=redelivery_limit)
    await register.open()
    await engine.open()
    service = Beskedfordeler(register, RegisterContent(), engine, Trace(None), clock, Limits(20_000_000))
    holder.append(service)
    ours = [dueslag(number, url) for number, url in enumerate(callbacks, 1)]
    await service.put(
        [
            Myndighed("11111111", "En kommune (syntetisk)"),
            Myndighed("22222222", "En anden kommune (syntetisk)"),
            SENDER,
            RECEIVER,
            Beskedtype(TYPE, "Test"),
            Serviceaftale("ffffffff-0000-4000-8000-000000000001", SENDER.id, Service.AFSEND),
            Serviceaftale("ffffffff-0000-4000-8000-000000000002", RECEIVER.id, Service.MODTAG),
            *ours,
            *map(abonnement, ours),
        ]
    )
    push = PushOutlets(service, settings(**changes), tls, seed=1)
    try:
        if start:
            await push.start()
        yield World(service, push)
    finally:
        await push.close()
        await service.distributor.close()
        await engine.close()


def besked_id(document: bytes) -> str:
    """BeskedId of the message in a ModtagBeskedInput."""
    return document.split(b"BeskedId>")[1].split(b"UUIDIdentifikator")[1].split(b">")[1].split(b"<")[0].decode()


def attempts(document: bytes) -> int:
    """AntalLeveranceforsoeg in a ModtagBeskedInput."""
    return int(document.split(b"AntalLeveranceforsoeg>")[1].split(b"<")[0])


def renamed(one: Dueslag, navn: str) -> Dueslag:
    """The same under another name."""
    return replace(one, navn=navn)
