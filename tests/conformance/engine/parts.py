"""What the engine's tests are made of: messages, a consumer that notes, an answer book."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from broker.core.stored import StoredBesked
from broker.ports import Engine, Leverance, Outcome, Routing

AFSENDER = "5d2b9a44-0c3e-4f83-9f6b-1f6b2f0c9d11"
D = "11111111-aaaa-4bbb-8ccc-dddddddddddd"
E = "22222222-aaaa-4bbb-8ccc-dddddddddddd"
A = "33333333-aaaa-4bbb-8ccc-dddddddddddd"
B = "44444444-aaaa-4bbb-8ccc-dddddddddddd"


class ConformingEngine(Engine, Protocol):
    """What the tests ask of an engine beside the port: to do now what it does by and by."""

    async def expire(self) -> int: ...
    async def tidy(self) -> None: ...
    def bytes_in_memory(self) -> int: ...


def besked(
    name: str, *, data: bytes = b"<Haendelsesbesked/>", digest: bytes | None = None, afsender: str = AFSENDER,
    expires: float | None = None,
) -> StoredBesked:  # fmt: skip
    """A message; where no digest is given, it is to be taken from the data."""
    return StoredBesked(
        afsender=afsender,
        besked_id=name,
        transaktions_id="t-" + name,
        beskedtype="type",
        sent=digest if digest is not None else ((0, 1, data[:1]),),
        data=data,
        cuts=b"\x00\x01\xff",
        received=1_700_000_000.25,
        expires=expires,
    )


class Answers:
    """Notes the outcomes in the order they come."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def __call__(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


def to(*dueslag: str, abonnement: str = A, held: bool = False, keep: tuple[int, ...] | None = None) -> list[Routing]:
    return [Routing(one, abonnement, keep, held) for one in dueslag]


class Notebook:
    """A consumer that keeps what it gets, as long as it has room."""

    def __init__(self, room: int = 1_000_000, priority: int = 0) -> None:
        self.priority = priority
        self.room = room
        self.got: list[Leverance] = []
        self.gone = False

    def has_room(self) -> bool:
        return self.room > 0

    def deliver(self, leverance: Leverance) -> None:
        assert self.room > 0
        assert leverance.besked is not None
        self.room -= 1
        self.got.append(leverance)

    def dueslag_gone(self) -> None:
        self.gone = True

    def names(self) -> list[str]:
        return [leverance.besked.besked_id for leverance in self.got if leverance.besked is not None]


async def send(engine: ConformingEngine, names: list[str], routing: list[Routing], data: bytes = b"<x/>") -> None:
    """Accept them and wait until they are durable."""
    answers = Answers()
    for name in names:
        engine.accept(besked(name, data=data), routing, answers)
    await engine.flushed()
    assert answers.outcomes == [Outcome.ACCEPTED] * len(names)


async def until(condition: Callable[[], bool]) -> None:
    """Let the loop run until it holds; gives up after 60 s."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - any condition, not one of ours to signal
            await asyncio.sleep(0.001)


async def take(engine: ConformingEngine, dueslag: str, count: int) -> list[Leverance]:
    """So many by get; all must be there."""
    taken = []
    for _ in range(count):
        leverance = await engine.get(dueslag)
        assert leverance is not None
        taken.append(leverance)
    return taken


def settle(engine: ConformingEngine, how: str, leverancer: list[Leverance]) -> None:
    """``how``: "ack", "requeue", or "reject" (with the reason "no")."""
    if how == "ack":
        engine.ack(leverancer)
    elif how == "requeue":
        engine.requeue(leverancer)
    else:
        engine.reject(leverancer, "no")


def names(leverancer: list[Leverance]) -> list[str]:
    return [leverance.besked.besked_id for leverance in leverancer if leverance.besked is not None]
