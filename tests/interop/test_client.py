"""The client of `consumers` when the network misbehaves: it sends again, takes up again, and gives up in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from consumers.client import Afhent, Afsend, ConnectionLost, Endpoint, NoAnswer
from tests.interop import samples
from tests.support.emulator import Emulator
from tests.support.proxy import Proxy, proxied


@pytest.fixture
async def proxy(shared_emulator: Emulator) -> AsyncIterator[Proxy]:
    async with proxied(shared_emulator.host, shared_emulator.port) as opened:
        yield opened


async def fetch_all(emulator: Emulator) -> list[str]:
    """Everything that is in the test dueslag, acked."""
    came: list[str] = []
    async with Afhent(emulator.endpoint(samples.TEST_RECEIVER), samples.TEST_DUESLAG) as afhent:
        while (modtaget := await afhent.get()) is not None:
            came.append(modtaget.kuvert.besked_id)
            await modtaget.ack()
    return came


async def test_unanswered_message_is_sent_again_and_delivered_once(shared_emulator: Emulator, proxy: Proxy) -> None:
    """The answer is swallowed: after the timeout the client reconnects and resends; the message comes once."""
    sent = samples.extern_test_besked()
    async with Afsend(Endpoint("127.0.0.1", proxy.port, samples.SENDER), timeout=0.5) as afsend:
        proxy.mute = True
        sending = asyncio.create_task(afsend.send(sent.xml))
        await asyncio.sleep(0.2)
        proxy.mute = False  # the answer is gone; the next connection works
        retur = await sending
        assert retur.ok
        assert afsend.resent >= 1
    assert await fetch_all(shared_emulator) == [sent.besked_id]


async def test_all_under_way_are_sent_again_when_the_connection_is_cut(shared_emulator: Emulator, proxy: Proxy) -> None:
    """Cut in the middle of 100 sends: each is answered in the end, and each message is delivered once."""
    batch = [samples.extern_test_besked() for _ in range(100)]
    async with Afsend(Endpoint("127.0.0.1", proxy.port, samples.SENDER)) as afsend:

        async def cut_twice() -> None:
            for _ in range(2):
                await asyncio.sleep(0.02)
                proxy.cut()

        returns, _ = await asyncio.gather(asyncio.gather(*(afsend.send(sent.xml) for sent in batch)), cut_twice())
    assert all(retur.ok for retur in returns)
    assert sorted(await fetch_all(shared_emulator)) == sorted(sent.besked_id for sent in batch)


async def test_receiver_takes_up_again_after_a_cut(shared_emulator: Emulator, proxy: Proxy) -> None:
    """Cut while 20 are in hand: what was not acked comes again flagged, and nothing is missed."""
    batch = [samples.extern_test_besked() for _ in range(20)]
    async with Afsend(shared_emulator.endpoint(samples.SENDER)) as afsend:
        for sent in batch:
            assert (await afsend.send(sent.xml)).ok
    acked: set[str] = set()
    flags: list[bool] = []
    endpoint = Endpoint("127.0.0.1", proxy.port, samples.TEST_RECEIVER)
    async with Afhent(endpoint, samples.TEST_DUESLAG) as afhent:
        async for modtaget in afhent:
            if not flags:
                proxy.cut()
                await asyncio.sleep(0.05)
                assert not await modtaget.ack(), "an ack on a cut connection is not said"
                flags.append(modtaget.redelivered)
                continue
            flags.append(modtaget.redelivered)
            acked.add(modtaget.kuvert.besked_id)
            await modtaget.ack()
            if len(acked) == len(batch):
                afhent.stop()
    assert acked == {sent.besked_id for sent in batch}
    assert flags == [False] + [True] * 20
    assert await fetch_all(shared_emulator) == []


async def test_client_gives_up_where_nobody_listens(shared_emulator: Emulator) -> None:
    """No listener: the sender and the receiver each say that the connection could not be made."""
    nobody = Endpoint("127.0.0.1", 1, samples.SENDER)
    with pytest.raises(ConnectionLost):
        async with Afsend(nobody):
            pass
    with pytest.raises(ConnectionLost):
        async with Afhent(nobody, samples.TEST_DUESLAG, attempts=2):
            pass


async def test_sender_gives_up_after_its_attempts(shared_emulator: Emulator, proxy: Proxy) -> None:
    """Never an answer: NoAnswer after the attempts, saying how many; the message may still have been taken."""
    sent = samples.extern_test_besked()
    async with Afsend(Endpoint("127.0.0.1", proxy.port, samples.SENDER), timeout=0.3, attempts=1) as afsend:
        proxy.mute = True
        with pytest.raises(NoAnswer, match="after 1 attempts"):
            await afsend.send(sent.xml)
    assert await fetch_all(shared_emulator) == [sent.besked_id]
