"""The redelivery limit and condemn as an AMQP client meets them: a real server, aio-pika as it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue

from broker.amqp.server import AmqpServer
from broker.amqp.settings import AmqpSettings
from broker.clock import FakeClock
from broker.core.stored import StoredBesked
from broker.kuvert import Limits
from broker.kuvert.build import haendelsesbesked
from broker.ports import Condemned, Depth, Outcome, Peer, Publication, Verdict
from broker.register import MemoryRegister, prepare
from broker.service import Beskedfordeler
from broker.trace import Trace
from consumers.client import Endpoint
from tests.conformance.engine.conftest import Bench
from tests.conformance.engine.parts import ConformingEngine, until
from tests.support.proxy import Proxy, proxied

RECEIVER, DUESLAG = "Testkommune Fagsystem", "99999999-9999-9999-9999-999999999999"
TESTTYPE = "7654895c-a3f3-4c77-8afd-4c77330f963c"
LIMIT = 1


@dataclass
class Desk:
    """An emulator whose engine one can ask, and a client's way to it."""

    engine: ConformingEngine
    service: Beskedfordeler
    proxy: Proxy
    endpoint: Endpoint

    async def send(self, count: int = 1) -> list[str]:
        """BeskedIds of so many messages that were accepted for the dueslag."""
        login = self.service.login("PLAIN", "Afsendersystem", b"", Peer("127.0.0.1", 1))
        verdicts: list[Verdict] = []
        for _ in range(count):
            xml = haendelsesbesked(beskedtype=TESTTYPE)
            assert self.service.submit(login, Publication(xml, None, None), verdicts.append)
        await self.engine.flushed()
        assert [one.status_kode for one in verdicts] == [20] * count
        return [one.besked.besked_id for one in (await self.engine.peek(DUESLAG))[-count:]]

    @asynccontextmanager
    async def client(self, prefetch: int = 1) -> AsyncIterator[tuple[AbstractChannel, AbstractQueue]]:
        connection = await self.endpoint.connect()
        try:
            channel = await connection.channel()
            await channel.set_qos(prefetch)
            yield channel, await channel.get_queue(DUESLAG, ensure=False)
        finally:
            await connection.close()


@pytest.fixture
async def desk(bench: Bench) -> AsyncIterator[Desk]:
    engine = await bench.open(redelivery_limit=LIMIT)
    register = MemoryRegister()
    content = (await prepare(register, None)).content
    service = Beskedfordeler(register, content, engine, Trace(None), FakeClock(), Limits())
    server = AmqpServer(service, AmqpSettings())
    ((host, port),) = await server.start(port=0)
    try:
        async with proxied(host, port) as proxy:
            yield Desk(engine, service, proxy, Endpoint(host, proxy.port, RECEIVER))
    finally:
        await server.close()
        await service.distributor.close()


Way = Callable[[Desk, AbstractChannel, AbstractIncomingMessage], Awaitable[object]]
WAYS: dict[str, Way] = {
    "nack": lambda _desk, _channel, message: message.nack(requeue=True),
    "reject": lambda _desk, _channel, message: message.reject(requeue=True),
    "recover": lambda _desk, channel, _message: _recover(channel),
    "channel closed": lambda _desk, channel, _message: channel.close(),
    "connection lost": lambda desk, _channel, _message: _cut(desk),
    "left out": lambda _desk, _channel, _message: asyncio.sleep(0),  # and the connection is closed, at the end
}


async def _cut(desk: Desk) -> None:
    desk.proxy.cut()


async def _recover(channel: AbstractChannel) -> None:
    await (await channel.get_underlay_channel()).basic_recover(requeue=True)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fetch", ["get", "consume"])
async def test_every_way_back_counts(desk: Desk, way: str, fetch: str) -> None:
    """Given back once it comes again, flagged; given back twice it is in the fejlkø: however it was got and given."""
    (besked_id,) = await desk.send()
    for redelivered in (False, True):
        async with desk.client() as (channel, queue):
            if fetch == "get":
                message = await queue.get(no_ack=False)
                assert message is not None
            else:
                got: list[AbstractIncomingMessage] = []

                async def note(one: AbstractIncomingMessage, got: list[AbstractIncomingMessage] = got) -> None:
                    got.append(one)

                tag = await queue.consume(note)
                await until(lambda got=got: bool(got))  # type: ignore[misc]
                await queue.cancel(tag)
                (message,) = got
            assert message.redelivered is redelivered
            await WAYS[way](desk, channel, message)
        await until(lambda: desk.engine.depth(DUESLAG).out == 0)
    assert desk.engine.depth(DUESLAG) == Depth(dead=1)
    (dead,) = await desk.engine.peek(DUESLAG, state="dead")
    assert (dead.besked.besked_id, dead.attempts) == (besked_id, LIMIT + 1)
    assert dead.reason == f"redelivery limit of {LIMIT} reached"


@pytest.mark.parametrize("word", ["ack", "nack", "reject"])
async def test_word_about_a_condemned_delivery_is_no_error(desk: Desk, word: str) -> None:
    """What a consumer says of a delivery that was condemned under its hands is taken without a murmur, and the next
    message comes on the same channel."""
    first, second = await desk.send(2)
    async with desk.client() as (channel, queue):
        got: list[AbstractIncomingMessage] = []

        async def note(message: AbstractIncomingMessage) -> None:
            got.append(message)

        await queue.consume(note)
        await until(lambda: len(got) == 1)
        stored = (await desk.engine.find(first))[0]
        given = StoredBesked("", first, "", stored.beskedtype, b"", b"<as received/>", b"", 1.0)
        assert await desk.engine.condemn(DUESLAG, "", given, "unreadable") is Condemned.MOVED
        say = {"ack": got[0].ack, "nack": got[0].nack, "reject": got[0].reject}
        await say[word]()
        await until(lambda: len(got) == 2)
        assert not channel.is_closed
        await got[1].ack()
        await until(lambda: desk.engine.depth(DUESLAG).out == 0)
        assert desk.engine.depth(DUESLAG) == Depth(dead=1, consumers=1)
    dead = await desk.engine.peek(DUESLAG, state="dead")
    assert [(one.besked.besked_id, one.reason) for one in dead] == [(first, "unreadable")]
    assert await desk.engine.find(second) == []


async def test_message_condemned_in_several_places_is_known_by_its_sender(desk: Desk) -> None:
    """Condemned after it was acked: the sender's resend is answered as the one before, and brings nothing."""
    (besked_id,) = await desk.send()
    (stored,) = await desk.engine.find(besked_id)
    async with desk.client() as (_, queue):
        message = await queue.get(no_ack=True)
        assert message is not None
    await until(lambda: desk.engine.depth(DUESLAG) == Depth())
    given = StoredBesked(stored.afsender, besked_id, "", stored.beskedtype, b"", message.body, b"", 1.0)
    assert await desk.engine.condemn(DUESLAG, "", given, "unreadable") is Condemned.ADDED
    outcomes: list[Outcome] = []
    desk.engine.accept(stored, [], outcomes.append)
    await desk.engine.flushed()
    assert outcomes == [Outcome.KNOWN]
    assert desk.engine.depth(DUESLAG) == Depth(dead=1)
