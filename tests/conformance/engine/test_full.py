"""No room: senders wait, fetching goes on, nothing accepted is lost."""

from __future__ import annotations

from broker.ports import Outcome
from tests.conformance.engine.conftest import Bench
from tests.conformance.engine.parts import Answers, ConformingEngine, D, Notebook, besked, names, take, to, until

MB = 1024 * 1024


async def fill(engine: ConformingEngine, bench: Bench, answers: Answers) -> int:
    """Accept until the engine is blocked; how many were asked for."""
    for count in range(1_000):
        engine.accept(besked(f"m{count}", data=b"x" * 50_000, digest=b"d"), to(D), answers)
        await until(lambda count=count: len(answers.outcomes) > count or engine.blocked is not None)  # type: ignore[misc]
        if engine.blocked is not None:
            return count + 1
    raise AssertionError("never full")


async def test_full_store_blocks_and_goes_on_when_there_is_room(bench: Bench) -> None:
    """When the store may grow no more, accepts wait unanswered; what is stored can be fetched and acked, and that
    makes room: the waiting ones are then stored and answered, in order."""
    engine = await bench.open(max_bytes=2 * MB)
    answers = Answers()
    asked = await fill(engine, bench, answers)
    engine.accept(besked("last", digest=b"d"), to(D), answers)
    assert len(answers.outcomes) == asked - 1
    assert bench.blocked == [engine.blocked]
    taken = await take(engine, D, asked - 1)
    assert names(taken) == [f"m{n}" for n in range(asked - 1)]
    assert [one.state for one in await engine.peek(D, limit=1)] == ["out"]
    engine.ack(taken)
    await until(lambda: len(answers.outcomes) == asked + 1)
    assert answers.outcomes == [Outcome.ACCEPTED] * (asked + 1)
    assert engine.blocked is None
    assert bench.blocked[1:] == [None]
    assert names(await take(engine, D, 2)) == [f"m{asked - 1}", "last"]


async def test_a_new_consumer_is_served_while_senders_are_blocked(bench: Bench) -> None:
    """A consumer that comes when the store is full gets what waits for it."""
    engine = await bench.open(max_bytes=2 * MB)
    answers = Answers()
    asked = await fill(engine, bench, answers)
    consumer = Notebook(room=3)
    engine.attach(D, consumer)
    await until(lambda: len(consumer.got) == 3)
    assert consumer.names() == ["m0", "m1", "m2"]
    assert len(answers.outcomes) == asked - 1


async def test_closing_while_blocked_answers_nothing(bench: Bench) -> None:
    """An emulator stopped while its store is full has not confirmed what it could not store."""
    engine = await bench.open(max_bytes=2 * MB)
    answers = Answers()
    asked = await fill(engine, bench, answers)
    await engine.close()
    assert answers.outcomes == [Outcome.ACCEPTED] * (asked - 1)
