"""What RabbitMQ allows: channels on a connection, the size of a message, times that one comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from pamqp import commands

from benchmarks import rawclient
from broker.engine.rabbitmq.names import Kind, Names
from broker.errors import StoreError
from broker.ports import Depth, Outcome
from tests.conformance.engine.parts import Answers, D, E, Notebook, besked, send, take, to, until
from tests.support.rabbitmq import SharedNode
from tests.unit.engine.rabbitmq.conftest import NewFront

CHANNELS, SIZE = 8, 50_000
_SET = "application:set_env(rabbit, channel_max, {}), application:set_env(rabbit, max_message_size, {})."


@pytest.fixture(scope="module")
def narrow(rabbitmq_node: SharedNode) -> Iterator[None]:
    """The node allows little, as its configuration might say (channel_max, max_message_size)."""
    node = rabbitmq_node()
    node.ctl("eval", _SET.format(CHANNELS, SIZE))
    yield
    node.ctl("eval", _SET.format(2047, 134217728))


@pytest.mark.usefixtures("narrow")
async def test_more_dueslag_than_channels_on_a_connection(fronts: NewFront) -> None:
    """A front that has more dueslag in use than RabbitMQ allows channels makes further connections, and all of them
    are served; when the first connection goes, too."""
    one = await fronts()
    dueslag = [f"{number:08d}-aaaa-4bbb-8ccc-dddddddddddd" for number in range(4 * CHANNELS)]
    consumers = {each: Notebook() for each in dueslag}
    for each, consumer in consumers.items():
        one.attach(each, consumer)
    await send(one, ["a"], to(*dueslag))
    await until(lambda: all(consumer.names() == ["a"] for consumer in consumers.values()))
    assert len(one._taking) > 4
    assert all(len(line.link.channels) <= CHANNELS for line in one._taking._all if line.link)
    one.ack([each for consumer in consumers.values() for each in consumer.got])
    await one.flushed()
    first = one._taking.link
    assert first is not None
    first.abort("cut by the test")
    await send(one, ["b"], to(*dueslag))
    await until(lambda: all(consumer.names() == ["a", "b"] for consumer in consumers.values()))


@pytest.mark.usefixtures("narrow")
async def test_a_connection_whose_channels_are_all_in_use_says_so(fronts: NewFront) -> None:
    """With the number, and what it is called in RabbitMQ's configuration."""
    one = await fronts()
    link = one._taking.link
    assert link is not None
    while len(link.channels) < CHANNELS:
        await link.channel()
    with pytest.raises(StoreError, match=r"allows 8 channels on a connection \(its channel_max\), and all are in use"):
        await link.channel()


@pytest.mark.usefixtures("narrow")
async def test_a_message_that_rabbitmq_finds_too_large(fronts: NewFront) -> None:
    """Its sender is refused, and nobody else waits for it."""
    one = await fronts()
    large, others = Answers(), Answers()
    one.accept(besked("large", data=b"x" * (SIZE + 1)), to(D), large)
    for number in range(20):
        one.accept(besked(f"m{number}"), to(D), others)
    await until(lambda: bool(large.outcomes) and len(others.outcomes) == 20)
    assert large.outcomes == [Outcome.UNAVAILABLE]
    assert others.outcomes == [Outcome.ACCEPTED] * 20
    assert {each.besked.besked_id for each in await take(one, D, 20) if each.besked} == {f"m{n}" for n in range(20)}


def declare(url: str, queue: str, arguments: dict[str, Any]) -> None:
    """As an operator's tool would."""
    connection = rawclient.Connection(rawclient.Address(int(url.rpartition(":")[2].strip("/"))))
    method = commands.Queue.Declare(0, queue, False, True, False, False, False, arguments)
    connection.call(rawclient.CHANNEL, method, commands.Queue.DeclareOk)
    connection.socket.close()


async def test_what_rabbitmq_drops_for_coming_back_is_in_the_fejlkoe(
    fronts: NewFront, rabbitmq_node: SharedNode
) -> None:
    """A delivery limit that is not ours (RabbitMQ 4 has one of 20 where a queue says nothing): the message is not lost,
    and not called expired."""
    died: list[tuple[str, str]] = []
    one = await fronts(on_died=lambda what, _id, _dueslag, besked_id, _reason: died.append((what, besked_id)))
    queue = one._names.queue(Kind.MAIN, D)
    arguments = {**one._names.arguments(queue), "x-delivery-limit": 1}
    await asyncio.to_thread(declare, rabbitmq_node().url, queue, arguments)
    await send(one, ["a"], to(D))
    for _ in range(2):
        one.requeue(await take(one, D, 1), counted=False)
        one.attach(D, leaving := Notebook(room=0))
        one.detach(D, leaving)
    await until(lambda: bool(died))
    assert died == [("dead", "a")]
    await until(lambda: not one._publisher.pending())
    (dead,) = await one.peek(D, state="dead")
    assert dead.reason == "RabbitMQ has dropped it (delivery_limit)"
    assert dead.besked.data == b"<x/>"
    await until(lambda: one.depth(D) == Depth(dead=1))


def test_a_later_rabbitmq_is_told_to_drop_nothing() -> None:
    """From 4.0 on a queue is made with its default limit off; before, that would be an error."""
    names = Names()
    queue = names.queue(Kind.MAIN, D)
    assert names.arguments(queue, (4, 1, 0))["x-delivery-limit"] == -1
    assert "x-delivery-limit" not in names.arguments(queue, (3, 13, 7))


async def test_refused_for_now_is_published_again_on_another_channel(
    fronts: NewFront, rabbitmq_node: SharedNode
) -> None:
    """What RabbitMQ refuses is tried until it is taken, on a channel that nothing was refused on: one of 3.10 goes on
    refusing on the channel where it did once.  Others do not wait for it."""
    one = await fronts()
    queue = one._names.queue(Kind.MAIN, D)
    arguments = {**one._names.arguments(queue), "x-max-length": 1, "x-overflow": "reject-publish"}
    await asyncio.to_thread(declare, rabbitmq_node().url, queue, arguments)
    await send(one, ["first"], to(D))
    channel = one._publisher._channel
    answers, others = Answers(), Answers()
    sent: set[str] = set()
    while one._publisher._channel in (channel, None):  # RabbitMQ lets some more in before it refuses
        assert len(sent) < 5_000
        sent.add(name := f"m{len(sent)}")
        one.accept(besked(name), to(D), answers)
        await asyncio.sleep(0.002)
    one.accept(besked("other"), to(E), others)
    await until(lambda: others.outcomes == [Outcome.ACCEPTED])
    got: set[str] = set()
    while len(answers.outcomes) < len(sent) or len(got) <= len(sent):
        leverance = await one.get(D)
        if leverance is not None and leverance.besked is not None:
            got.add(leverance.besked.besked_id)
            one.ack([leverance])
        await asyncio.sleep(0.005)
    assert answers.outcomes == [Outcome.ACCEPTED] * len(sent)
    assert got == {"first", *sent}
