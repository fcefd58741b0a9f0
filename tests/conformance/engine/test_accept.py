"""The way in: durable, once, and the same answer to a resend."""

from __future__ import annotations

import asyncio

from broker.ports import Depth, Outcome
from tests.conformance.engine.conftest import Bench
from tests.conformance.engine.parts import Answers, ConformingEngine, D, E, besked, names, send, take, to


async def test_message_waits_in_each_dueslag(engine: ConformingEngine) -> None:
    """A message that matches in two dueslag can be fetched from both, byte for byte as it was stored."""
    data = bytes(range(256)) * 20
    await send(engine, ["a"], to(D, keep=(0, 2)) + to(E), data)
    (first,), (second,) = await take(engine, D, 1), await take(engine, E, 1)
    assert first.besked is not None
    assert second.besked is not None
    assert first.besked.data == second.besked.data == data
    assert (first.keep, second.keep) == ((0, 2), None)
    assert (first.attempts, first.redelivered) == (0, False)
    assert first.besked.cuts == b"\x00\x01\xff"
    assert (first.besked.transaktions_id, first.besked.received) == ("t-a", 1_700_000_000.25)


async def test_twice_through_two_abonnementer(engine: ConformingEngine) -> None:
    """Two abonnementer of one dueslag that both match give two deliveries."""
    await send(engine, ["a"], to(D) + to(D, abonnement="other"))
    assert [one.abonnement for one in await take(engine, D, 2)] == [to(D)[0].abonnement, "other"]


async def test_no_abonnement_is_still_accepted_and_known(engine: ConformingEngine) -> None:
    """A message that nobody subscribes to is answered 20, and so is its resend."""
    await send(engine, ["a"], [])
    answers = Answers()
    engine.accept(besked("a", data=b"<x/>"), to(D), answers)
    await engine.flushed()
    assert answers.outcomes == [Outcome.KNOWN]
    assert engine.depth(D) == Depth()


async def test_resend_is_known_and_not_delivered_again(engine: ConformingEngine) -> None:
    """The same message again gets the same answer and no second delivery; another body under its BeskedId is
    refused; another sender's message with the same BeskedId is another message."""
    await send(engine, ["a"], to(D))
    answers = Answers()
    engine.accept(besked("a", data=b"<x/>"), to(D), answers)
    engine.accept(besked("a", data=b"<y/>", afsender="another"), to(E), answers)
    await engine.flushed()
    engine.accept(besked("a", data=b"<z/>"), to(D), answers)
    await engine.flushed()
    assert answers.outcomes == [Outcome.KNOWN, Outcome.ACCEPTED, Outcome.CONFLICT]
    assert (engine.depth(D).ready, engine.depth(E).ready) == (1, 1)


async def test_resend_while_the_first_is_being_stored(engine: ConformingEngine) -> None:
    """A resend that comes before the answer waits for the same storing, and hears that it is known."""
    first, resend, other = Answers(), Answers(), Answers()
    engine.accept(besked("a", data=b"<x/>"), to(D), first)
    engine.accept(besked("a", data=b"<x/>"), to(D), resend)
    engine.accept(besked("a", data=b"<y/>"), to(D), other)
    assert not first.outcomes
    assert not resend.outcomes
    await engine.flushed()
    assert (first.outcomes, resend.outcomes, other.outcomes) == (
        [Outcome.ACCEPTED],
        [Outcome.KNOWN],
        [Outcome.CONFLICT],
    )
    assert engine.depth(D).ready == 1


async def test_known_after_it_was_fetched(engine: ConformingEngine) -> None:
    """A message that was fetched and acked long ago is still known."""
    await send(engine, ["a"], to(D))
    engine.ack(await take(engine, D, 1))
    await engine.flushed()
    assert await engine.find("a") == []
    answers = Answers()
    engine.accept(besked("a", data=b"<x/>"), to(D), answers)
    await engine.flushed()
    assert answers.outcomes == [Outcome.KNOWN]


async def test_a_failing_callback_costs_no_other_its_answer(engine: ConformingEngine) -> None:
    """One sender whose answer cannot be given does not keep others from theirs."""
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))

    def fail(outcome: Outcome) -> None:
        raise RuntimeError("gone")

    answers = Answers()
    engine.accept(besked("a"), to(D), fail)
    engine.accept(besked("b"), to(D), answers)
    await engine.flushed()
    assert answers.outcomes == [Outcome.ACCEPTED]
    assert len(told) == 1


async def test_flushed_returns_under_steady_load(engine: ConformingEngine) -> None:
    """Waiting until all so far is durable ends, though more keeps coming in."""
    stop = asyncio.Event()
    answers = Answers()

    async def load() -> None:
        count = 0
        while not stop.is_set():
            engine.accept(besked(f"load{count}"), to(E), Answers())
            count += 1
            await asyncio.sleep(0)

    loading = asyncio.create_task(load())
    engine.accept(besked("a"), to(D), answers)
    engine.accept(besked("b"), to(D), answers)
    async with asyncio.timeout(10):
        await engine.flushed()
    assert answers.outcomes == [Outcome.ACCEPTED] * 2
    stop.set()
    await loading


async def test_find_by_besked_id(engine: ConformingEngine) -> None:
    """A stored message is found by its BeskedId, of every sender, as long as a dueslag holds it."""
    await send(engine, ["a", "b"], to(D))
    engine.accept(besked("a", afsender="another"), to(E), Answers())
    assert {one.afsender for one in await engine.find("a")} == {besked("a").afsender, "another"}
    assert await engine.find("nothing") == []


async def test_retention_keeps_settled_messages_findable(bench: Bench) -> None:
    """With retention a message can be found for so long after it was fetched, and no longer."""
    engine = await bench.open(retention=60.0)
    await send(engine, ["a"], to(D))
    await send(engine, ["b"], [])
    engine.ack(await take(engine, D, 1))
    await engine.flushed()
    assert len(await engine.find("a")) == 1
    assert len(await engine.find("b")) == 1
    bench.clock.advance(61)
    await engine.tidy()
    assert await engine.find("a") == await engine.find("b") == []


async def test_retention_is_bounded_by_number(bench: Bench) -> None:
    """However long the retention, only so many settled messages are kept: the newest."""
    engine = await bench.open(retention=1e6, retention_limit=3)
    await send(engine, [f"m{n}" for n in range(10)], to(D))
    engine.ack(await take(engine, D, 10))
    await engine.flushed()
    await engine.tidy()
    assert [n for n in range(10) if await engine.find(f"m{n}")] == [7, 8, 9]


async def test_order_is_that_of_acceptance(engine: ConformingEngine) -> None:
    """Messages of a dueslag come in the order in which they were accepted."""
    sent = [f"m{n}" for n in range(700)]
    await send(engine, sent, to(D))
    assert names(await take(engine, D, 700)) == sent
    assert await engine.get(D) is None
