"""Receivers that behave badly at random, counted in a ledger: all there, in order, once or flagged."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.unit.push.receiver import Receiver, Step, after, hang, http, kode, output, raw, reset
from tests.unit.push.world import attempts, besked_id, world

DUESLAG = 12
MESSAGES = 25
STEPS: tuple[Step, ...] = (
    hang,
    http(500),
    http(503),
    kode(40),
    kode(41),
    kode(53),
    reset(),
    reset(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<"),
    raw(b"", close=True),
    raw(b"nonsense\r\n\r\n", close=True),
    raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(output(20)) + output(20), close=True),
    http(200, b"<a/>"),
    after(0.02, kode(20)),
)


@pytest.mark.parametrize("seed", range(4))
async def test_nothing_is_lost_or_out_of_order_whatever_receivers_do(seed: int) -> None:
    """Per dueslag: every message, in order of sending; what came twice is counted; never two at a time.

    The receivers go away and come back, and callbacks are changed, while messages are under way.
    """
    random = Random(seed)

    async def whim(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await (random.choice(STEPS) if random.random() < 0.3 else kode(20))(reader, writer)

    receiver = Receiver(otherwise=whim)
    async with receiver:
        urls = [f"{receiver.url}/{number}" for number in range(DUESLAG)]
        async with world(urls, push_timeout=0.1, push_attempts=0) as here:
            sent = await here.send(MESSAGES)
            await asyncio.sleep(0.1)
            await receiver.stop()
            for number in random.sample(range(DUESLAG), 4):
                await here.callback(number + 1, f"{urls[number]}?igen")
            await asyncio.sleep(0.1)
            async with receiver:
                await asyncio.gather(*(here.drained(number + 1, 30) for number in range(DUESLAG)))
    for number in range(DUESLAG):
        paths = {f"/modtag/{number}", f"/modtag/{number}?igen"}
        mine = [(besked_id(one.body), attempts(one.body)) for one in receiver.seen if one.path in paths]
        assert list(dict.fromkeys(identifier for identifier, _ in mine)) == sent
        assert sorted(mine, key=lambda one: sent.index(one[0])) == mine
        assert len({*mine}) == len(mine), "the same attempt twice"
    assert receiver.crowded == set()
