"""That a message has left is on disk before the next is sent: a kill brings back one, not the last hundred."""

from __future__ import annotations

import asyncio

import pytest

from adapters.push import outlet
from broker.engine.embedded import EmbeddedEngine
from tests.unit.push.receiver import Receiver, Step, kode
from tests.unit.push.world import besked_id, world


@pytest.mark.parametrize("first", [[kode(20)], [kode(40)] * 3], ids=["taken", "given up"])
async def test_the_next_message_waits_for_the_disk(monkeypatch: pytest.MonkeyPatch, first: list[Step]) -> None:
    """While the disk is slow nothing more is sent; when it has noted the first, the rest follows."""
    disk = asyncio.Event()

    async def flushed(_: EmbeddedEngine) -> None:
        await disk.wait()

    monkeypatch.setattr(EmbeddedEngine, "flushed", flushed)
    monkeypatch.setattr(outlet, "NOTED", 3600.0)
    tries = len(first)
    async with Receiver(list(first)) as receiver, world([receiver.url]) as here:
        sent = await here.send(3)
        await receiver.got(tries)
        await asyncio.sleep(0.1)
        assert [besked_id(one.body) for one in receiver.seen] == sent[:1] * tries
        disk.set()
        await here.drained()
        assert list(dict.fromkeys(besked_id(one.body) for one in receiver.seen)) == sent


async def test_a_disk_that_does_not_come_back_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken makes room: where nothing can be written, pushing goes on."""

    async def never(_: EmbeddedEngine) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(EmbeddedEngine, "flushed", never)
    monkeypatch.setattr(outlet, "NOTED", 0.01)
    async with Receiver() as receiver, world([receiver.url]) as here:
        sent = await here.send(3)
        await here.drained()
        assert [besked_id(one.body) for one in receiver.seen] == sent


async def test_a_full_disk_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is known to be full: nobody asks it."""
    asked = 0

    async def never(_: EmbeddedEngine) -> None:
        nonlocal asked
        asked += 1
        await asyncio.Event().wait()

    monkeypatch.setattr(EmbeddedEngine, "flushed", never)
    monkeypatch.setattr(outlet, "NOTED", 3600.0)
    async with Receiver() as receiver, world([receiver.url], start=False) as here:
        sent = await here.send(2)
        monkeypatch.setattr(EmbeddedEngine, "blocked", property(lambda _: "the disk is full"))
        await here.push.start()
        await here.drained()
        assert [besked_id(one.body) for one in receiver.seen] == sent
    assert asked == 0
