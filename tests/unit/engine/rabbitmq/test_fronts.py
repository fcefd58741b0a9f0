"""Several fronts on one RabbitMQ."""

from __future__ import annotations

import asyncio

import pytest

from broker.engine.rabbitmq import counts
from broker.ports import Condemned, Depth, Outcome
from tests.conformance.engine.parts import A, Answers, D, E, Notebook, besked, names, send, take, to, until
from tests.unit.engine.rabbitmq.conftest import NewFront


async def test_sent_to_one_fetched_from_the_other(fronts: NewFront) -> None:
    """A dueslag is the same on every front, and its order is that of acceptance."""
    one, other = await fronts(), await fronts()
    await send(one, ["a", "b", "c"], to(D, keep=(1,)))
    assert names(await take(other, D, 2)) == ["a", "b"]
    (last,) = await take(one, D, 1)
    assert last.besked is not None
    assert (last.besked.besked_id, last.keep, last.besked.cuts) == ("c", (1,), b"\x00\x01\xff")


async def test_resend_to_another_front_is_known(fronts: NewFront) -> None:
    """A sender that lost its front and sends again elsewhere hears that the message is known."""
    one, other = await fronts(), await fronts()
    await send(one, ["a"], to(D))
    answers = Answers()
    other.accept(besked("a", data=b"<x/>"), to(D), answers)
    other.accept(besked("a", data=b"<y/>", afsender="another"), to(D), answers)
    await other.flushed()
    other.accept(besked("a", data=b"<changed/>"), to(D), answers)
    await other.flushed()
    assert answers.outcomes == [Outcome.KNOWN, Outcome.ACCEPTED, Outcome.CONFLICT]
    assert names(await take(other, D, 2)) == ["a", "a"]
    assert await other.get(D) is None


async def test_attempts_are_counted_across_fronts(fronts: NewFront) -> None:
    """Given back at one front and handed on: the next front knows that it was tried, and the limit holds there."""
    one, other = await fronts(), await fronts(redelivery_limit=1)
    await send(one, ["a"], to(D))
    one.requeue(await take(one, D, 1))
    one.attach(D, leaving := Notebook(room=0))
    one.detach(D, leaving)
    other.attach(D, consumer := Notebook(room=1))
    await until(lambda: len(consumer.got) == 1)
    assert (consumer.got[0].attempts, consumer.got[0].redelivered) == (1, True)
    other.requeue(consumer.got)
    await other.flushed()
    assert [one.reason for one in await one.peek(D, state="dead")] == ["redelivery limit of 1 reached"]


async def test_what_nobody_takes_is_not_kept(fronts: NewFront) -> None:
    """A front whose consumer has no room gives what it read ahead to the others."""
    one, other = await fronts(prefetch=50), await fronts()
    one.attach(D, stuck := Notebook(room=1))
    await send(one, ["a", "b", "c"], to(D))
    await until(lambda: len(stuck.got) == 1)
    other.attach(D, quick := Notebook())
    await until(lambda: len(quick.got) == 2)
    assert quick.names() == ["b", "c"]


async def test_both_share_the_work(fronts: NewFront) -> None:
    """Consumers on two fronts get every message once between them."""
    one, other = await fronts(prefetch=10), await fronts(prefetch=10)
    first, second = Notebook(), Notebook()
    one.attach(D, first)
    other.attach(D, second)
    sent = [f"m{number}" for number in range(200)]
    await send(one, sent, to(D))
    await until(lambda: len(first.got) + len(second.got) == 200)
    assert sorted(first.names() + second.names()) == sorted(sent)
    assert not any(leverance.redelivered for leverance in first.got + second.got)


async def test_removed_at_one_front_gone_at_the_other(fronts: NewFront) -> None:
    """A removed dueslag: consumers on every front are told."""
    one, other = await fronts(), await fronts()
    other.attach(D, consumer := Notebook())
    await send(one, ["a"], to(D))
    await until(lambda: len(consumer.got) == 1)
    await one.drop(D)
    await until(lambda: consumer.gone)
    assert other.depth(D) == Depth()
    other.ack(consumer.got)
    await send(other, ["b"], to(D))
    assert names(await take(one, D, 1)) == ["b"]


async def test_depth_of_another_fronts_doing(fronts: NewFront) -> None:
    """Asked for, a front finds out what others put there."""
    one, other = await fronts(), await fronts()
    await send(one, ["a", "b"], to(D))
    await send(one, ["h"], to(D, held=True))
    one.reject(await take(one, D, 1), "no")
    await one.flushed()
    assert one.depth(D) == Depth(ready=1, held=1, dead=1)
    await until(lambda: other.depth(D) == Depth(ready=1, held=1, dead=1))


async def test_depth_is_told_by_a_front_that_only_looks(fronts: NewFront, monkeypatch: pytest.MonkeyPatch) -> None:
    """A front that nobody fetches from has the right depth at its first telling, and follows what others do from then
    on, also into queues that were not there when it looked."""
    monkeypatch.setattr(counts, "FRESH", 0.1)
    monkeypatch.setattr(counts, "ROUND", 0.1)
    one, other = await fronts(), await fronts()
    await send(one, ["a", "b"], to(D))
    await other.counted([D, E])
    assert other.depth(D) == Depth(ready=2)
    assert other.depth(E) == Depth()
    one.reject(await take(one, D, 1), "no")
    await send(one, ["h"], to(E, held=True))
    await one.flushed()
    await until(lambda: other.depth(D) == Depth(ready=1, dead=1) and other.depth(E) == Depth(held=1))
    one.ack(await take(one, D, 1))
    await one.flushed()
    await until(lambda: other.depth(D) == Depth(dead=1))
    await one.drop(D)
    await until(lambda: other.depth(D) == Depth())


async def test_depth_of_many_dueslag(fronts: NewFront, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that are asked for are counted, not only the first of them, and RabbitMQ is asked once for each queue that is
    not there."""
    monkeypatch.setattr(counts, "FRESH", 0.1)
    one, other = await fronts(), await fronts()
    many = [f"{number:08d}-aaaa-4bbb-8ccc-dddddddddddd" for number in range(150)]
    await send(one, ["a"], to(*many[::2]))
    await other.counted(many, 30.0)
    assert [other.depth(each).ready for each in many] == [1, 0] * 75
    known = other._counts._known
    looked = {each: dict(known[each].missing) for each in many}
    assert all(len(missing) == 3 - (position % 2 == 0) for position, missing in enumerate(looked.values()))
    before = min(known[each].counted or 0.0 for each in many)
    await until(lambda: min(known[each].counted or 0.0 for each in many) > before)
    assert {each: dict(known[each].missing) for each in many} == looked


async def test_caretakers_of_two_fronts_wait_for_each_other(fronts: NewFront) -> None:
    """What is moved at the same time on two fronts is moved once."""
    one, other = await fronts(), await fronts()
    sent = [f"m{number}" for number in range(60)]
    await send(one, sent, to(D, held=True))
    assert sum(await asyncio.gather(one.release(D, A), other.release(D, A))) == 60
    assert names(await take(one, D, 60)) == sent
    assert await one.get(D) is None
    given = besked("m1", digest=b"another")
    outcomes = await asyncio.gather(one.condemn(D, A, given, "x"), other.condemn(D, A, given, "x"))
    assert Condemned.MOVED in outcomes


async def test_one_front_at_a_time(fronts: NewFront) -> None:
    """A dueslag that is pushed is worked by one front; when that leaves, or loses RabbitMQ, the next takes over."""
    one, other = await fronts(), await fronts()
    at_work: list[str] = []

    async def work(name: str) -> None:
        engine = one if name == "one" else other
        async with engine.sole(D) as lease:
            at_work.append(name)
            await lease.lost.wait()
            at_work.append(f"{name} lost it")

    first = asyncio.create_task(work("one"))
    await until(lambda: at_work == ["one"])
    second = asyncio.create_task(work("other"))
    await asyncio.sleep(0.05)
    assert at_work == ["one"]
    link = one._taking.link
    assert link is not None
    link.abort("cut by the test")
    await until(lambda: at_work == ["one", "one lost it", "other"])
    await first
    async with asyncio.timeout(10):
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        async with one.sole(D):
            assert one.blocked is None


async def test_connection_lost_with_messages_out(fronts: NewFront) -> None:
    """RabbitMQ cuts the connection: what a client had and acks afterwards does not come again, what it gives back
    does, flagged, and what it still works on is not handed to another here."""
    one = await fronts()
    await send(one, ["a", "b", "c", "d"], to(D))
    acked, given, kept = await take(one, D, 3)
    link = one._taking.link
    assert link is not None
    link.abort("cut by the test")
    one.ack([acked])
    one.requeue([given])
    one.attach(D, consumer := Notebook())
    await until(lambda: len(consumer.got) == 2)
    assert [(each.besked.besked_id, each.redelivered) for each in consumer.got if each.besked] == [
        ("b", True),
        ("d", False),
    ]
    assert consumer.got[0].attempts == 1
    one.ack([kept, *consumer.got])
    await one.flushed()
    one.detach(D, consumer)
    assert await one.get(D) is None


async def test_senders_wait_while_the_connection_is_away(fronts: NewFront) -> None:
    """Accepted by nobody while RabbitMQ is away, accepted when it is back; the engine says why meanwhile."""
    told: list[str | None] = []
    one = await fronts(on_blocked=told.append)
    await send(one, ["a"], to(D))
    link = one._sending.link
    assert link is not None
    link.abort("cut by the test")
    answers = Answers()
    one.accept(besked("b"), to(D), answers)
    assert one.blocked == "cut by the test"
    assert not answers.outcomes
    await one.flushed()
    assert answers.outcomes == [Outcome.ACCEPTED]
    assert told == ["cut by the test", None]
    assert names(await take(one, D, 2)) == ["a", "b"]
