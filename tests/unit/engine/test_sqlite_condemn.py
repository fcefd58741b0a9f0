"""What was condemned, and how often something came back, on disk."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from broker.clock import FakeClock
from broker.engine import EmbeddedEngine, sqlite_engine
from broker.engine.sqlite_schema import GENERATION
from broker.errors import StoreError
from broker.ports import Condemned, Depth, Outcome
from tests.conformance.engine.parts import AFSENDER, A, Answers, D, E, besked, send, take, to, until


@asynccontextmanager
async def opened(path: Path, **settings: int) -> AsyncIterator[EmbeddedEngine]:
    engine = sqlite_engine(path / "dueslag.sqlite", FakeClock(), **settings)  # type: ignore[arg-type]
    await engine.open()
    try:
        yield engine
    finally:
        await engine.close()


def killed(path: Path, to: Path) -> None:
    """What a kill in this moment leaves: the files as they are."""
    to.mkdir()
    for file in path.glob("dueslag.*"):
        shutil.copyfile(file, to / file.name)


async def condemn(engine: EmbeddedEngine, name: str, dueslag: str = D) -> Condemned:
    return await engine.condemn(dueslag, A, besked(name, data=b"<as received/>", digest=b"another"), "why")


async def test_durable_when_it_returns(tmp_path: Path) -> None:
    """Killed right after the answer: moved or added, it is in the fejlkø, once, and the message can be found."""
    async with opened(tmp_path) as engine:
        await send(engine, ["ready", "out", "acked"], to(D))
        (first,) = await take(engine, D, 1)
        engine.requeue([first])
        taken = await take(engine, D, 3)
        engine.ack(taken[2:])
        assert [await condemn(engine, name) for name in ("ready", "out", "acked", "never")] == [
            Condemned.MOVED, Condemned.MOVED, Condemned.ADDED, Condemned.ADDED,
        ]  # fmt: skip
        killed(tmp_path, tmp_path / "killed")
    async with opened(tmp_path / "killed") as engine:
        assert engine.depth(D) == Depth(dead=4)
        dead = await engine.peek(D, state="dead")
        assert [(one.besked.besked_id, one.reason, one.attempts) for one in dead] == [
            ("ready", "why", 2), ("out", "why", 1), ("acked", "why", 0), ("never", "why", 0),
        ]  # fmt: skip
        assert [await condemn(engine, name) for name in ("ready", "never")] == [Condemned.KNOWN, Condemned.KNOWN]
        answers = Answers()
        engine.accept(besked("acked", data=b"<x/>"), to(E), answers)
        engine.accept(besked("never", data=b"<x/>"), to(E), answers)
        await engine.flushed()
        assert answers.outcomes == [Outcome.KNOWN, Outcome.ACCEPTED]
        new = await take(engine, E, 1)
        assert new[0].id > max(one.id for one in dead)


async def test_acked_in_the_moment_of_the_look_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ack that came while the engine looked, and a kill right after the answer: the message is in the fejlkø, and
    not in the dueslag beside it."""
    async with opened(tmp_path) as engine:
        await send(engine, ["a"], to(D))
        taken = await take(engine, D, 1)
        locate = engine._store.locate

        async def slow(*asked: str) -> object:
            found = await locate(*asked)
            engine.ack(taken)
            return found

        monkeypatch.setattr(engine._store, "locate", slow)
        assert await condemn(engine, "a") is Condemned.ADDED
        killed(tmp_path, tmp_path / "killed")
    async with opened(tmp_path / "killed") as engine:
        assert engine.depth(D) == Depth(dead=1)


async def test_attempts_are_counted_over_restarts(tmp_path: Path) -> None:
    """A receiver that fails on one message, and an emulator that is restarted each time: the limit is reached."""
    for _ in range(2):
        async with opened(tmp_path, redelivery_limit=2) as engine:
            if engine.depth(D) == Depth():
                await send(engine, ["a"], to(D))
            engine.requeue(await take(engine, D, 1))
            assert engine.depth(D) == Depth(ready=1)
    async with opened(tmp_path, redelivery_limit=2) as engine:
        engine.requeue(await take(engine, D, 1))
        assert engine.depth(D) == Depth(dead=1)
    async with opened(tmp_path, redelivery_limit=2) as engine:
        assert [one.attempts for one in await engine.peek(D, state="dead")] == [3]


async def test_out_when_the_emulator_stops_counts(tmp_path: Path) -> None:
    """What is out at a stop counts as an attempt and stays; the next return of it is judged by that."""
    async with opened(tmp_path, redelivery_limit=1) as engine:
        await send(engine, ["a"], to(D))
        await take(engine, D, 1)
    async with opened(tmp_path, redelivery_limit=1) as engine:
        assert engine.depth(D) == Depth(ready=1)
        engine.requeue(await take(engine, D, 1))
        assert engine.depth(D) == Depth(dead=1)


async def test_records_of_what_was_condemned_go_with_it(tmp_path: Path) -> None:
    """Added, then deleted for good: after the next start no trace of it is left in the file, and what is still in
    the fejlkø can still be found."""
    async with opened(tmp_path) as engine:
        await send(engine, ["known"], [])
        for name in ("kept", "buried"):
            assert await condemn(engine, name) is Condemned.ADDED
        (_, second) = await engine.peek(D, state="dead")
        assert await engine.bury(D, [second.id]) == 1
    async with opened(tmp_path) as engine:
        await engine.tidy()
        assert [len(await engine.find(name)) for name in ("kept", "buried")] == [1, 0]
        assert await condemn(engine, "buried") is Condemned.ADDED
        assert await engine.bury(D) == 2
    async with opened(tmp_path) as engine:
        await engine.tidy()
    with sqlite3.connect(tmp_path / "dueslag.sqlite") as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("besked", "leverance")]
        generations = [gen for (gen,) in connection.execute("SELECT gen FROM kendt")]
    connection.close()
    assert counts == [0, 0]
    assert generations == [0]


async def test_condemned_again_after_it_was_deleted_finds_the_new_one(tmp_path: Path) -> None:
    """Added, deleted, added again within one run, and over a generation: found once each time."""
    async with opened(tmp_path) as engine:
        for _ in range(3):
            assert await condemn(engine, "a") is Condemned.ADDED
            assert await condemn(engine, "a") is Condemned.KNOWN
            assert len(await engine.find("a")) == 1
            assert await engine.bury(D) == 1
        await send(engine, [f"m{n}" for n in range(GENERATION)], [])
        assert await condemn(engine, "a") is Condemned.ADDED
        assert await condemn(engine, "a") is Condemned.KNOWN
        assert len(await engine.find("a")) == 1


async def test_a_name_of_an_add_that_failed_is_written_with_the_next(tmp_path: Path) -> None:
    """No room for the message: nothing of it is left, and the dueslag's name is not lost for the next."""
    async with opened(tmp_path, max_bytes=600_000) as engine:
        huge = besked("huge", data=b"x" * 5_000_000)
        with pytest.raises(StoreError, match="cannot grow"):
            await engine.condemn("new", "by-none", huge, "why")
        assert engine.depth("new") == Depth()
        assert await condemn(engine, "small", "new") is Condemned.ADDED
    async with opened(tmp_path) as engine:
        assert engine.depth("new") == Depth(dead=1)
        assert await engine.find("huge") == []
        assert (await engine.find("small"))[0].afsender == AFSENDER


async def test_disk_that_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A move that cannot be made durable is not answered as if it were; it is made when the disk is back."""
    async with opened(tmp_path) as engine:
        await send(engine, ["a"], to(D))
        store = engine._store
        commit = store.commit

        async def broken(_: object) -> dict[int, bytes]:
            raise StoreError("the disk is on fire")

        monkeypatch.setattr(store, "commit", broken)
        with pytest.raises(StoreError, match="not on disk yet: the disk is on fire"):
            await condemn(engine, "a")
        monkeypatch.setattr(store, "commit", commit)
        await until(lambda: engine.blocked is None)
        killed(tmp_path, tmp_path / "killed")
        assert await condemn(engine, "a") is Condemned.KNOWN
    async with opened(tmp_path / "killed") as engine:
        assert engine.depth(D) == Depth(dead=1)


async def test_condemned_while_senders_keep_on(tmp_path: Path) -> None:
    """Under load of accepts each call is answered, and all that was accepted is there."""
    async with opened(tmp_path) as engine:
        answers = Answers()
        calls = []
        for n in range(200):
            engine.accept(besked(f"m{n}"), to(D), answers)
            if n % 10 == 9:
                calls.append(asyncio.create_task(condemn(engine, f"m{n - 5}")))
                await asyncio.sleep(0.001)
        assert [await call for call in calls] == [Condemned.MOVED] * 20
        await engine.flushed()
        assert answers.outcomes == [Outcome.ACCEPTED] * 200
        assert engine.depth(D) == Depth(ready=180, dead=20)
