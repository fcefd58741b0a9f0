"""The caretaker's side: look, purge, drop, pause, fejlkø, expiry, reset."""

from __future__ import annotations

from broker.ports import Depth
from tests.conformance.engine.conftest import Bench
from tests.conformance.engine.parts import (
    Answers,
    B,
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


async def test_peek_changes_nothing(engine: ConformingEngine) -> None:
    """Looking into a dueslag shows what is ready and what is out, page by page, and consumes nothing."""
    await send(engine, ["a", "b", "c", "d"], to(D))
    (out,) = await take(engine, D, 1)
    seen = await engine.peek(D)
    assert [(one.besked.besked_id, one.state) for one in seen] == [
        ("a", "out"),
        ("b", "ready"),
        ("c", "ready"),
        ("d", "ready"),
    ]
    assert [one.besked.besked_id for one in await engine.peek(D, after=seen[1].id, limit=1)] == ["c"]
    assert [one.id for one in await engine.peek(D, state="out")] == [out.id]
    assert [one.besked.besked_id for one in await engine.peek(D, state="ready", limit=2)] == ["b", "c"]
    assert engine.depth(D) == Depth(ready=3, out=1)
    assert await engine.peek("unknown") == []


async def test_purge_takes_what_waits_and_leaves_what_is_out(engine: ConformingEngine) -> None:
    """Purge drops ready and held deliveries; what a consumer has out, and the fejlkø, stay."""
    await send(engine, ["a", "b", "c"], to(D))
    await send(engine, ["h"], to(D, held=True))
    dead, out = await take(engine, D, 2)
    engine.reject([dead], "broken")
    assert await engine.purge(D) == 2
    assert engine.depth(D) == Depth(out=1, dead=1)
    engine.requeue([out])
    assert names(await take(engine, D, 1)) == ["b"]
    assert await engine.get(D) is None


async def test_messages_after_a_purge_flow(engine: ConformingEngine) -> None:
    """A purge under a consumer's feet leaves the dueslag working."""
    consumer = Notebook(room=1)
    engine.attach(D, consumer)
    await send(engine, ["a", "b", "c"], to(D))
    await until(lambda: len(consumer.got) == 1)
    assert await engine.purge(D) == 2
    await send(engine, ["d"], to(D))
    engine.ack(consumer.got)
    consumer.room = 5
    engine.kick(D)
    await until(lambda: len(consumer.got) == 2)
    assert consumer.names() == ["a", "d"]


async def test_drop_tells_the_consumers(engine: ConformingEngine) -> None:
    """A removed dueslag takes everything with it; its consumers are told, and their late acks do no harm."""
    consumer = Notebook(room=1)
    engine.attach(D, consumer)
    await send(engine, ["a", "b"], to(D, E))
    await until(lambda: len(consumer.got) == 1)
    await engine.drop(D)
    assert consumer.gone
    engine.ack(consumer.got)
    assert engine.depth(D) == Depth()
    assert await engine.get(D) is None
    assert names(await take(engine, E, 2)) == ["a", "b"]


async def test_held_messages_wait_for_release(engine: ConformingEngine) -> None:
    """Messages of an abonnement on pause are kept back, and flow in order of acceptance when it is resumed."""
    await send(engine, ["a"], to(D, held=True))
    await send(engine, ["b"], to(D))
    await send(engine, ["c"], to(D, held=True))
    await send(engine, ["other"], to(D, abonnement=B, held=True))
    assert engine.depth(D) == Depth(ready=1, held=3)
    assert [one.state for one in await engine.peek(D)] == ["held", "ready", "held", "held"]
    assert await engine.release(D, to(D)[0].abonnement) == 2
    assert engine.depth(D) == Depth(ready=3, held=1)
    assert names(await take(engine, D, 3)) == ["a", "b", "c"]
    assert await engine.get(D) is None


async def test_release_flows_to_a_waiting_consumer(engine: ConformingEngine) -> None:
    """A consumer that waits gets what was kept back as soon as it is released."""
    consumer = Notebook()
    engine.attach(D, consumer)
    await send(engine, ["a", "b"], to(D, held=True))
    assert consumer.got == []
    await engine.release(D, to(D)[0].abonnement)
    await until(lambda: len(consumer.got) == 2)
    assert consumer.names() == ["a", "b"]


async def test_rejected_lies_in_the_fejlkoe_with_its_reason(bench: Bench, engine: ConformingEngine) -> None:
    """A rejected delivery is not delivered again; the fejlkø says why and since when."""
    await send(engine, ["a", "b"], to(D))
    taken = await take(engine, D, 1)
    taken[0].besked = None
    engine.reject(taken, "receiver answered 40")
    assert engine.depth(D) == Depth(ready=1, dead=1)
    assert bench.died == [("dead", taken[0].id, D, "a", "receiver answered 40")]
    (dead,) = await engine.peek(D, state="dead")
    assert (dead.besked.besked_id, dead.reason, dead.died, dead.attempts) == (
        "a",
        "receiver answered 40",
        bench.clock.now(),
        1,
    )
    assert [one.besked.besked_id for one in await engine.peek(D)] == ["b"]


async def test_revive_and_bury(engine: ConformingEngine) -> None:
    """Deliveries of the fejlkø can be sent again, marked as redelivered, or deleted for good; all or some."""
    await send(engine, ["a", "b", "c", "d"], to(D))
    taken = await take(engine, D, 3)
    engine.reject(taken, "no")
    assert await engine.revive(D, [taken[1].id, 999_999]) == 1
    (again,) = await take(engine, D, 1)
    assert (names([again]), again.redelivered, again.attempts) == (["b"], True, 1)
    assert await engine.bury(D, [taken[0].id]) == 1
    assert await engine.revive(D) == 1
    assert engine.depth(D) == Depth(ready=2, out=1)
    assert names(await take(engine, D, 2)) == ["c", "d"]
    assert await engine.bury(D) == 0
    assert await engine.find("a") == []


async def test_expired_is_not_delivered(bench: Bench, engine: ConformingEngine) -> None:
    """A message whose GyldighedTil has passed is not handed out; it is reported as expired."""
    soon = bench.clock.now() + 10
    engine.accept(besked("a", expires=soon), to(D), Answers())
    engine.accept(besked("b"), to(D), Answers())
    await engine.flushed()
    bench.clock.advance(11)
    assert names(await take(engine, D, 1)) == ["b"]
    assert [(what, name) for what, _, _, name, _ in bench.died] == [("expired", "a")]
    assert engine.depth(D) == Depth(out=1)


async def test_expired_is_dropped_where_nobody_fetches(bench: Bench, engine: ConformingEngine) -> None:
    """Ready and held deliveries disappear when their time is over, in memory or not; what is out stays."""
    soon = bench.clock.now() + 10
    consumer = Notebook(room=1)
    engine.attach(D, consumer)
    for name in ("a", "b", "c"):
        engine.accept(besked(name, expires=soon), to(D, E) + to("F", held=True), Answers())
    engine.accept(besked("later", expires=soon + 100), to(D, E), Answers())
    await engine.flushed()
    await until(lambda: len(consumer.got) == 1)
    assert await engine.expire() == 0
    bench.clock.advance(11)
    assert await engine.expire() == 8
    assert engine.depth(D) == Depth(ready=1, out=1, consumers=1)
    assert engine.depth(E) == Depth(ready=1)
    assert engine.depth("F") == Depth()
    assert await engine.expire() == 0
    await engine.flushed()
    assert names(await take(engine, E, 1)) == ["later"]
    assert len(bench.died) == 8


async def test_expiry_has_a_timer_of_its_own(bench: Bench, engine: ConformingEngine) -> None:
    """Nobody need fetch for an expired message to go."""
    engine.accept(besked("a", expires=bench.clock.now() + 0.05), to(D), Answers())
    await engine.flushed()
    bench.clock.advance(1)
    await until(lambda: engine.depth(D) == Depth())
    assert [what for what, *_ in bench.died] == ["expired"]


async def test_reset_forgets_every_message(engine: ConformingEngine) -> None:
    """After a reset all dueslag are empty, nothing is known, and attached consumers get what comes next."""
    consumer = Notebook(room=1)
    engine.attach(D, consumer)
    await send(engine, ["a", "b"], to(D, E))
    await until(lambda: len(consumer.got) == 1)
    await engine.reset()
    assert engine.depth(D) == Depth(consumers=1)
    assert engine.depth(E) == Depth()
    engine.ack(consumer.got)
    consumer.room = 5
    await send(engine, ["a"], to(D))
    await until(lambda: len(consumer.got) == 2)
    assert consumer.names() == ["a", "a"]
