"""The way out: room, priority, turns, redelivery, within bounded memory."""

from __future__ import annotations

import asyncio

from broker.engine.dueslag import cost
from broker.ports import Depth, Leverance, Outcome
from tests.conformance.engine.conftest import Bench
from tests.conformance.engine.parts import (
    Answers,
    ConformingEngine,
    D,
    E,
    Notebook,
    besked,
    names,
    send,
    take,
    to,
    until,
)


async def test_new_messages_flow_to_a_consumer(engine: ConformingEngine) -> None:
    """A consumer gets what is accepted, in order, without asking."""
    consumer = Notebook()
    engine.attach(D, consumer)
    await send(engine, ["a", "b", "c"], to(D))
    await until(lambda: len(consumer.got) == 3)
    assert consumer.names() == ["a", "b", "c"]
    assert engine.depth(D) == Depth(out=3, consumers=1)
    engine.ack(consumer.got)
    assert engine.depth(D) == Depth(consumers=1)


async def test_backlog_flows_to_a_late_consumer(engine: ConformingEngine) -> None:
    """What lay waiting comes first, and new messages after it."""
    sent = [f"m{n}" for n in range(600)]
    await send(engine, sent, to(D))
    consumer = Notebook()
    engine.attach(D, consumer)
    await send(engine, ["new"], to(D))
    await until(lambda: len(consumer.got) == 601)
    assert consumer.names() == [*sent, "new"]


async def test_no_more_than_there_is_room_for(engine: ConformingEngine) -> None:
    """A consumer with prefetch 2 has two out; the third comes when there is room again."""
    consumer = Notebook(room=2)
    engine.attach(D, consumer)
    await send(engine, ["a", "b", "c"], to(D))
    await until(lambda: len(consumer.got) == 2)
    assert engine.depth(D) == Depth(ready=1, out=2, consumers=1)
    engine.ack(consumer.got[:1])
    consumer.room = 1
    engine.kick(D)
    await until(lambda: len(consumer.got) == 3)
    assert consumer.names() == ["a", "b", "c"]


async def test_higher_priority_first_and_turns_among_equals(engine: ConformingEngine) -> None:
    """Consumers of the highest priority take turns; the others get something when those are full."""
    low, first, second = Notebook(), Notebook(room=2, priority=5), Notebook(room=2, priority=5)
    for consumer in (low, first, second):
        engine.attach(D, consumer)
    await send(engine, ["a", "b", "c", "d", "e"], to(D))
    await until(lambda: len(low.got) == 1)
    assert sorted([first.names(), second.names()]) == [["a", "c"], ["b", "d"]]
    assert low.names() == ["e"]


async def test_detached_consumer_gets_nothing_more(engine: ConformingEngine) -> None:
    """After cancel nothing more comes, and what is out stays out until it is settled."""
    consumer = Notebook()
    engine.attach(D, consumer)
    await send(engine, ["a"], to(D))
    await until(lambda: len(consumer.got) == 1)
    engine.detach(D, consumer)
    await send(engine, ["b"], to(D))
    assert engine.depth(D) == Depth(ready=1, out=1)
    engine.ack(consumer.got)
    assert names(await take(engine, D, 1)) == ["b"]


async def test_requeued_comes_back_in_its_place_and_flagged(engine: ConformingEngine) -> None:
    """What is given back comes again before what was behind it, marked as redelivered, attempts counted."""
    await send(engine, ["a", "b", "c", "d"], to(D))
    taken = await take(engine, D, 3)
    engine.requeue([taken[2], taken[0]])
    again = await take(engine, D, 3)
    assert names(again) == ["a", "c", "d"]
    assert [(one.redelivered, one.attempts) for one in again] == [(True, 1), (True, 1), (False, 0)]
    engine.requeue(again[:1])
    assert (await take(engine, D, 1))[0].attempts == 2


async def test_requeued_without_its_body_is_read_again(engine: ConformingEngine) -> None:
    """A consumer may let go of the body while it is out; when it comes again the body is there."""
    consumer = Notebook()
    engine.attach(D, consumer)
    await send(engine, ["a", "b"], to(D), b"body")
    await until(lambda: len(consumer.got) == 2)
    taken, consumer.got = consumer.got, []
    for leverance in taken:
        leverance.besked = None
    engine.requeue(taken)
    await until(lambda: len(consumer.got) == 2)
    assert consumer.names() == ["a", "b"]
    assert all(one.besked is not None and one.besked.data == b"body" for one in consumer.got)


async def test_a_consumer_that_fails_is_told_of_and_others_go_on(engine: ConformingEngine) -> None:
    """A bug in one consumer is reported, and neither senders nor other dueslag notice."""
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))

    class Broken(Notebook):
        def deliver(self, leverance: Leverance) -> None:
            raise RuntimeError("broken")

    engine.attach(D, Broken())
    answers = Answers()
    engine.accept(besked("a"), to(D), answers)
    await until(lambda: bool(told))
    consumer = Notebook()
    engine.attach(E, consumer)
    await send(engine, ["b"], to(E))
    await until(lambda: len(consumer.got) == 1)
    assert answers.outcomes == [Outcome.ACCEPTED]


async def test_settling_twice_changes_nothing(engine: ConformingEngine) -> None:
    """Only the first ack, requeue or reject of a delivery counts."""
    await send(engine, ["a"], to(D))
    taken = await take(engine, D, 1)
    engine.ack(taken)
    engine.requeue(taken)
    engine.reject(taken, "no")
    await engine.flushed()
    assert engine.depth(D) == Depth()
    assert await engine.get(D) is None


async def test_memory_is_bounded_however_much_waits(bench: Bench) -> None:
    """Thousands of messages behind a slow consumer take no more memory than the limit, and all come in order."""
    limit = 100_000
    engine = await bench.open(memory_limit=limit)
    consumer = Notebook(room=10)
    engine.attach(D, consumer)
    body = b"x" * 1_000
    sent = [f"m{n}" for n in range(5_000)]
    for start in range(0, 5_000, 500):
        await send(engine, sent[start : start + 500], to(D, E), body)
        assert engine.bytes_in_memory() <= limit + 1_400
    assert engine.depth(D).ready == 4_990
    assert engine.depth(E).ready == 5_000
    seen: list[str] = []
    while len(seen) < 5_000:
        await until(lambda: bool(consumer.got))
        taken, consumer.got = consumer.got, []
        seen += [one.besked.besked_id for one in taken if one.besked is not None]
        consumer.room += len(taken)
        engine.ack(taken)
        assert engine.bytes_in_memory() <= limit + 1_400
        engine.kick(D)
    assert seen == sent
    assert engine.bytes_in_memory() == 0


async def test_dueslag_without_consumers_hold_nothing_in_memory(engine: ConformingEngine) -> None:
    """Messages that nobody takes are only counted."""
    await send(engine, [f"m{n}" for n in range(200)], to(D, E))
    assert engine.bytes_in_memory() == 0
    consumer = Notebook(room=1)
    engine.attach(D, consumer)
    await until(lambda: len(consumer.got) == 1)
    assert engine.bytes_in_memory() > 0
    engine.detach(D, consumer)
    assert engine.bytes_in_memory() == 0


async def test_a_stuck_consumer_does_not_starve_another_dueslag(bench: Bench) -> None:
    """When one slow reader has used up the memory, messages of other dueslag still flow."""
    engine = await bench.open(memory_limit=20_000)
    stuck = Notebook(room=1)
    engine.attach(D, stuck)
    await send(engine, [f"m{n}" for n in range(100)], to(D, E), b"x" * 1_000)
    quick = Notebook()
    engine.attach(E, quick)
    await until(lambda: len(quick.got) == 100)
    assert quick.names() == [f"m{n}" for n in range(100)]


def test_a_delivery_costs_its_body_and_something() -> None:
    """The memory limit counts the body and a fixed sum per delivery."""
    from broker.engine.store import Entry

    entry = Entry(1, D, "A", None, 0, False, 1)
    entry.size = 1_000
    assert cost(entry) == 1_400
