"""A receiver that has a message moved to the fejlkø, wherever it is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from broker.core.stored import StoredBesked
from broker.errors import NotFound, StoreError
from broker.ports import Condemned, Depth, Outcome
from tests.conformance.engine.conftest import Bench
from tests.conformance.engine.parts import (
    AFSENDER,
    A,
    Answers,
    B,
    ConformingEngine,
    D,
    E,
    Notebook,
    besked,
    names,
    send,
    settle,
    take,
    to,
    until,
)

OTHER = "6e2b9a44-0c3e-4f83-9f6b-1f6b2f0c9d22"
WHY = "cannot be read by us"


async def condemn(
    engine: ConformingEngine, name: str, *, dueslag: str = D, abonnement: str = A, afsender: str = AFSENDER
) -> Condemned:
    """As the SOAP operation does it: with its own bytes and its own digest of the message."""
    given = besked(name, data=b"<as received/>", digest=b"another", afsender=afsender)
    return await engine.condemn(dueslag, abonnement, given, WHY)


async def dead(engine: ConformingEngine, dueslag: str = D) -> list[tuple[str, str | None]]:
    return [(one.besked.besked_id, one.reason) for one in await engine.peek(dueslag, state="dead")]


async def test_ready_message_is_moved_and_the_others_stay(bench: Bench, engine: ConformingEngine) -> None:
    """A message that waits goes to the fejlkø with the reason; those around it and other dueslag do not notice."""
    await send(engine, ["a", "b", "c"], to(D, E))
    assert await condemn(engine, "b") is Condemned.MOVED
    assert engine.depth(D) == Depth(ready=2, dead=1)
    assert engine.depth(E) == Depth(ready=3)
    assert await dead(engine) == [("b", WHY)]
    assert [(what, dueslag, name, reason) for what, _, dueslag, name, reason in bench.died] == [("dead", D, "b", WHY)]
    assert names(await take(engine, D, 2)) == ["a", "c"]
    assert await engine.get(D) is None


async def test_ready_message_in_memory_of_a_busy_consumer(engine: ConformingEngine) -> None:
    """Also what was read ahead for a consumer is not handed out any more."""
    consumer = Notebook(room=1)
    engine.attach(D, consumer)
    await send(engine, ["a", "b", "c"], to(D))
    await until(lambda: len(consumer.got) == 1)
    assert await condemn(engine, "b") is Condemned.MOVED
    consumer.room = 5
    engine.kick(D)
    await until(lambda: len(consumer.got) == 2)
    assert consumer.names() == ["a", "c"]
    assert engine.depth(D) == Depth(out=2, dead=1, consumers=1)
    engine.ack(consumer.got)
    assert engine.bytes_in_memory() == 0


async def test_held_message_is_moved(engine: ConformingEngine) -> None:
    """What an abonnement on pause keeps back is moved too, and not released later."""
    await send(engine, ["a", "b"], to(D, held=True))
    assert await condemn(engine, "a") is Condemned.MOVED
    assert engine.depth(D) == Depth(held=1, dead=1)
    assert await engine.release(D, A) == 1
    assert names(await take(engine, D, 1)) == ["b"]


@pytest.mark.parametrize("how", ["ack", "requeue", "reject"])
async def test_message_that_is_out_is_taken_from_its_consumer(engine: ConformingEngine, how: str) -> None:
    """What a consumer has out is moved, its attempt counted; whatever the consumer says of it later is ignored."""
    await send(engine, ["a", "b"], to(D))
    taken = await take(engine, D, 2)
    assert await condemn(engine, "a") is Condemned.MOVED
    assert engine.depth(D) == Depth(out=1, dead=1)
    settle(engine, how, taken[:1])
    await engine.flushed()
    assert await dead(engine) == [("a", WHY)]
    assert (await engine.peek(D, state="dead"))[0].attempts == 1
    assert engine.depth(D) == Depth(out=1, dead=1)


@pytest.mark.parametrize("how", ["ack", "requeue", "reject"])
async def test_a_late_word_is_not_taken_for_the_next_delivery(engine: ConformingEngine, how: str) -> None:
    """Condemned, moved back and out again: what the first receiver still says of its delivery is not about this one."""
    await send(engine, ["a"], to(D))
    late = await take(engine, D, 1)
    await condemn(engine, "a")
    assert await engine.revive(D) == 1
    again = await take(engine, D, 1)
    settle(engine, how, late)
    assert engine.depth(D) == Depth(out=1)
    engine.ack(again)
    assert engine.depth(D) == Depth()


async def test_message_that_came_back_keeps_its_attempts(engine: ConformingEngine) -> None:
    """Given back twice, then condemned at once: the fejlkø shows two attempts."""
    await send(engine, ["a"], to(D))
    for _ in range(2):
        engine.requeue(await take(engine, D, 1))
    assert await condemn(engine, "a") is Condemned.MOVED
    (glimpse,) = await engine.peek(D, state="dead")
    assert (glimpse.attempts, glimpse.redelivered) == (2, True)


async def test_in_the_fejlkoe_already(engine: ConformingEngine) -> None:
    """Condemned twice, or rejected before: it is there once, with the first reason."""
    await send(engine, ["a", "b"], to(D))
    engine.reject((await take(engine, D, 1)), "rejected")
    assert await condemn(engine, "a") is Condemned.KNOWN
    assert await condemn(engine, "b") is Condemned.MOVED
    assert await condemn(engine, "b") is Condemned.KNOWN
    assert await dead(engine) == [("a", "rejected"), ("b", WHY)]


async def test_message_that_was_acked_is_put_there_anew(bench: Bench, engine: ConformingEngine) -> None:
    """What the receiver acked and then cannot use: stored again from what it sent, in the fejlkø, not handed out; a
    resend by the original sender is the known one, and other dueslag are as before."""
    consumer = Notebook()
    await send(engine, ["a"], to(D), b"<original/>")
    engine.ack(await take(engine, D, 1))
    await engine.flushed()
    engine.attach(D, consumer)
    assert await condemn(engine, "a") is Condemned.ADDED
    assert bench.died[-1][2:] == (D, "a", WHY)
    assert engine.depth(D) == Depth(dead=1, consumers=1)
    assert engine.depth(E) == Depth()
    (glimpse,) = await engine.peek(D, state="dead")
    assert (glimpse.besked.data, glimpse.attempts, glimpse.abonnement) == (b"<as received/>", 0, A)
    assert [one.data for one in await engine.find("a")] == [b"<as received/>"]
    answers = Answers()
    engine.accept(besked("a", data=b"<original/>"), to(D, E), answers)
    engine.accept(besked("a", data=b"<changed/>"), to(D, E), answers)
    await engine.flushed()
    assert answers.outcomes == [Outcome.KNOWN, Outcome.CONFLICT]
    assert not consumer.got
    assert await engine.revive(D) == 1
    await until(lambda: len(consumer.got) == 1)
    assert consumer.got[0].redelivered
    engine.ack(consumer.got)
    await engine.flushed()
    assert await engine.find("a") == []


async def test_message_that_nobody_ever_sent(engine: ConformingEngine) -> None:
    """A message that is not known is put into the fejlkø; whoever sends it afterwards sends it for the first time."""
    assert await condemn(engine, "new") is Condemned.ADDED
    assert await condemn(engine, "new") is Condemned.KNOWN
    await send(engine, ["new"], to(D), b"<other/>")
    assert engine.depth(D) == Depth(ready=1, dead=1)
    assert await condemn(engine, "new") is Condemned.MOVED
    assert await dead(engine) == [("new", WHY), ("new", WHY)]
    assert await engine.bury(D) == 2
    assert await engine.find("new") == []


async def test_kept_bytes_are_used(bench: Bench) -> None:
    """Where the message is still kept, for another dueslag or by retention, it is that one that comes back."""
    engine = await bench.open(retention=3_600.0)
    await send(engine, ["a", "b"], to(D, E), b"<original/>")
    engine.ack(await take(engine, D, 2))
    engine.ack((await take(engine, E, 2))[:1])
    for name in ("a", "b"):
        assert await condemn(engine, name) is Condemned.ADDED
    assert [one.besked.data for one in await engine.peek(D, state="dead")] == [b"<original/>"] * 2
    assert [len(await engine.find(name)) for name in ("a", "b")] == [1, 1]
    bench.clock.advance(4_000)
    await engine.tidy()
    assert [one.besked.data for one in await engine.peek(D, state="dead")] == [b"<original/>"] * 2, "retention is over"
    assert [len(await engine.find(name)) for name in ("a", "b")] == [1, 1]
    assert engine.depth(E) == Depth(out=1)
    assert await engine.bury(D) == 2


async def test_several_deliveries_of_one_message(engine: ConformingEngine) -> None:
    """By several abonnementer into one dueslag: the one by the abonnement that is named, or all where none is by it."""
    twice = to(D) + to(D, abonnement=B)
    await send(engine, ["a", "b"], twice)
    assert await condemn(engine, "a", abonnement=B) is Condemned.MOVED
    assert [one.abonnement for one in await engine.peek(D, state="dead")] == [B]
    assert await condemn(engine, "a", abonnement=B) is Condemned.KNOWN
    assert engine.depth(D) == Depth(ready=3, dead=1)
    assert await condemn(engine, "b", abonnement="") is Condemned.MOVED
    assert engine.depth(D) == Depth(ready=1, dead=3)
    assert await condemn(engine, "a", abonnement=A) is Condemned.MOVED


async def test_senders_are_told_apart(engine: ConformingEngine) -> None:
    """The same BeskedId by two senders: only the sender's that is named; by any where none is."""
    answers = Answers()
    for sender in (AFSENDER, OTHER):
        engine.accept(besked("a", afsender=sender), to(D), answers)
    await engine.flushed()
    assert await condemn(engine, "a", afsender=OTHER) is Condemned.MOVED
    assert [one.besked.afsender for one in await engine.peek(D, state="dead")] == [OTHER]
    assert await condemn(engine, "a", afsender="") is Condemned.MOVED
    assert engine.depth(D) == Depth(dead=2)
    assert await condemn(engine, "b", afsender="") is Condemned.ADDED
    assert await condemn(engine, "b", afsender=OTHER) is Condemned.ADDED


async def test_acked_while_it_is_being_condemned(engine: ConformingEngine) -> None:
    """An ack that comes while the engine looks wins: the message has left, so it is put there anew; once in all."""
    await send(engine, ["a"], to(D))
    taken = await take(engine, D, 1)
    asked = asyncio.create_task(condemn(engine, "a"))
    await asyncio.sleep(0)
    engine.ack(taken)
    assert await asked in (Condemned.ADDED, Condemned.MOVED)
    await engine.flushed()
    assert engine.depth(D) == Depth(dead=1)
    assert await dead(engine) == [("a", WHY)]


@pytest.mark.parametrize("how", ["ack", "requeue", "reject"])
async def test_settled_between_look_and_move(
    engine: ConformingEngine, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """What a client says in the very moment of the look counts, and the message is in the fejlkø once all the same."""
    await send(engine, ["a"], to(D))
    taken = await take(engine, D, 1)
    store: Any = engine._store  # type: ignore[attr-defined]  # the embedded engine's
    locate = store.locate

    async def slow(*asked: str) -> object:
        found = await locate(*asked)
        settle(engine, how, taken)
        return found

    monkeypatch.setattr(store, "locate", slow)
    expected = {"ack": Condemned.ADDED, "requeue": Condemned.MOVED, "reject": Condemned.KNOWN}
    assert await condemn(engine, "a") is expected[how]
    await engine.flushed()
    assert await dead(engine) == [("a", "no" if how == "reject" else WHY)]
    assert engine.depth(D) == Depth(dead=1)
    attempts = {"ack": 0, "requeue": 1, "reject": 1}
    assert (await engine.peek(D, state="dead"))[0].attempts == attempts[how]
    assert await engine.get(D) is None


async def test_expired_message_is_put_there_anew(bench: Bench) -> None:
    """A message whose GyldighedTil passed before has left the dueslag; moved back it is dropped as any expired one."""
    engine = await bench.open()
    answers = Answers()
    expires = bench.clock.now() + 60
    engine.accept(besked("a", expires=expires), to(D), answers)
    await engine.flushed()
    bench.clock.advance(61)
    assert await engine.expire() == 1
    assert await engine.condemn(D, A, besked("a", expires=expires), WHY) is Condemned.ADDED
    assert await engine.expire() == 0, "the fejlkø does not expire"
    assert engine.depth(D) == Depth(dead=1)
    await engine.revive(D)
    assert await engine.get(D) is None
    assert engine.depth(D) == Depth()


async def test_what_was_added_and_moved_back_expires_by_itself(bench: Bench) -> None:
    """Put there anew and moved back before its GyldighedTil: when that passes it is dropped, as any message."""
    engine = await bench.open()
    given = besked("a", expires=bench.clock.now() + 1)
    assert await engine.condemn(D, A, given, WHY) is Condemned.ADDED
    assert await engine.revive(D) == 1
    assert engine.depth(D) == Depth(ready=1)
    bench.clock.advance(2)
    await until(lambda: engine.depth(D) == Depth())
    assert bench.died[-1][0] == "expired"


async def test_dueslag_that_is_removed_meanwhile(engine: ConformingEngine) -> None:
    """Removed before it was done: not found, and nothing is left of it."""
    await send(engine, ["a"], to(D))
    for name in ("a", "never sent"):
        asked = asyncio.create_task(condemn(engine, name))
        await asyncio.sleep(0)
        gone = asyncio.create_task(engine.drop(D))
        with pytest.raises(NotFound, match="was removed meanwhile"):
            await asked
        await gone
        assert engine.depth(D) == Depth()
        assert await engine.peek(D, state="dead") == []
    assert await condemn(engine, "later") is Condemned.ADDED


async def test_many_at_once(engine: ConformingEngine) -> None:
    """Fifty calls at once, two for each message, while a consumer takes and acks: each message ends in one place."""
    sent = [f"m{n}" for n in range(25)]
    await send(engine, sent, to(D))
    consumer = Notebook(room=5)
    engine.attach(D, consumer)
    calls = [asyncio.create_task(condemn(engine, name)) for name in sent for _ in range(2)]
    while not all(call.done() for call in calls):
        engine.ack(consumer.got)
        consumer.room += len(consumer.got)
        consumer.got = []
        engine.kick(D)
        await asyncio.sleep(0)
    outcomes = [call.result() for call in calls]
    assert outcomes.count(Condemned.KNOWN) == 25
    await engine.flushed()
    assert engine.depth(D) == Depth(dead=25, consumers=1)
    assert sorted(await dead(engine)) == sorted((name, WHY) for name in sent)


async def test_full_store_takes_a_move_but_nothing_new(bench: Bench) -> None:
    """When nothing more can be stored: what is in the dueslag can be condemned, what would have to be stored cannot,
    and says so at once."""
    engine = await bench.open(max_bytes=600_000)
    answers = Answers()
    await send(engine, ["a"], to(D), b"x" * 1_000)
    engine.accept(besked("big", data=b"x" * 5_000_000), to(D), answers)
    await until(lambda: engine.blocked is not None)
    assert await condemn(engine, "a") is Condemned.MOVED
    huge = StoredBesked(AFSENDER, "huge", "t", "type", b"d", b"x" * 5_000_000, b"", 1.0)
    with pytest.raises(StoreError):
        await engine.condemn(D, A, huge, WHY)
    assert engine.depth(D) == Depth(dead=1)
    assert await dead(engine) == [("a", WHY)]


async def test_looking_without_bodies(engine: ConformingEngine) -> None:
    """The fejlkø can be looked through without reading the messages: who, when, how large."""
    await send(engine, ["a", "b"], to(D), b"x" * 1_000)
    engine.reject(await take(engine, D, 1), "no")
    await condemn(engine, "b")
    seen = await engine.peek(D, state="dead", body=False)
    assert [(one.besked.besked_id, one.besked.data, one.size, one.reason) for one in seen] == [
        ("a", b"", 1_000, "no"),
        ("b", b"", 1_000, WHY),
    ]
    whole = await engine.peek(D, state="dead")
    assert [(len(one.besked.data), one.size) for one in whole] == [(1_000, 1_000)] * 2
    assert [one.besked.received for one in whole] == [one.besked.received for one in seen]


async def test_chosen_by_id_from_a_large_fejlkoe(engine: ConformingEngine) -> None:
    """A few of thousands: those and no others, wherever they lie."""
    sent = [f"m{n}" for n in range(5_000)]
    for start in range(0, 5_000, 1_000):
        await send(engine, sent[start : start + 1_000], to(D))
    taken = await take(engine, D, 5_000)
    engine.reject(taken, "no")
    chosen = [taken[position].id for position in (0, 2_500, 4_999)]
    assert await engine.revive(D, [chosen[1], 10**30, -(10**30)]) == 1
    assert await engine.bury(D, [chosen[0], chosen[2]]) == 2
    assert await engine.revive(D, []) == 0
    assert engine.depth(D) == Depth(ready=1, dead=4_997)
    assert names(await take(engine, D, 1)) == ["m2500"]
