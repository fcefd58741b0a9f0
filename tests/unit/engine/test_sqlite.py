"""What is on disk: restarts, kills, versions, locks, housekeeping."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections import namedtuple
from pathlib import Path

import pytest

from broker.clock import FakeClock
from broker.engine import EmbeddedEngine, open_engine, sqlite_engine
from broker.engine.limits import Limits
from broker.engine.sqlite_schema import GENERATION, VERSION
from broker.errors import StoreError
from broker.ports import Depth, Outcome
from tests.conformance.engine.parts import Answers, D, E, Notebook, besked, names, send, take, to, until


async def opened(path: Path, clock: FakeClock | None = None, **settings: int) -> EmbeddedEngine:
    engine = sqlite_engine(path / "dueslag.sqlite", clock or FakeClock(), **settings)  # type: ignore[arg-type]
    await engine.open()
    return engine


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    """Ready, held and dead deliveries, their attempts, order, and what is known survive a clean stop."""
    engine = await opened(tmp_path)
    await send(engine, ["a", "b", "c"], to(D, keep=(1,)) + to(E, held=True), bytes(range(256)))
    first, second, third = await take(engine, D, 3)
    engine.reject([first], "no")
    engine.requeue([second])
    await engine.close()
    engine = await opened(tmp_path)
    assert engine.depth(D) == Depth(ready=2, dead=1)
    assert engine.depth(E) == Depth(held=3)
    again = await take(engine, D, 2)
    assert [(one.id, one.redelivered, one.attempts, one.keep) for one in again] == [
        (second.id, True, 1, (1,)),
        (third.id, True, 1, (1,)),
    ]
    assert again[0].besked is not None
    assert again[0].besked.data == bytes(range(256))
    answers = Answers()
    engine.accept(besked("a", data=bytes(range(256))), to(D), answers)
    await engine.flushed()
    assert answers.outcomes == [Outcome.KNOWN]
    await send(engine, ["d"], to(D))
    (new,) = await take(engine, D, 1)
    assert new.id > third.id
    await engine.close()


def keep_files(path: Path, copy: Path) -> None:
    """What a kill in this moment leaves: the files as they are."""
    copy.mkdir()
    for file in path.glob("dueslag.*"):
        shutil.copyfile(file, copy / file.name)


async def test_after_a_kill_only_dueslag_that_handed_out_are_flagged(tmp_path: Path) -> None:
    """When the process was killed, everything that waited in a dueslag that had handed something out comes marked as
    redelivered; other dueslag, and what is accepted later, do not."""
    engine = await opened(tmp_path)
    await send(engine, ["a", "b"], to(D, E))
    await take(engine, D, 1)
    copy = tmp_path / "copy"
    await asyncio.to_thread(keep_files, tmp_path, copy)
    await engine.close()
    engine = await opened(copy)
    await send(engine, ["c"], to(D))
    assert [one.redelivered for one in await take(engine, D, 3)] == [True, True, False]
    assert [one.redelivered for one in await take(engine, E, 2)] == [False, False]
    await engine.close()


async def test_bodies_go_with_their_last_delivery(tmp_path: Path) -> None:
    """A body is stored once for all its dueslag, and deleted when the last of them is settled."""
    engine = await opened(tmp_path)
    await send(engine, ["a", "b"], to(D, E))
    engine.ack(await take(engine, D, 2))
    await engine.flushed()
    assert len(await engine.find("a")) == 1
    await engine.purge(E)
    await engine.close()
    with sqlite3.connect(tmp_path / "dueslag.sqlite") as connection:
        counts = [connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("besked", "leverance")]
    connection.close()
    assert counts == [0, 0]


async def test_another_emulator_has_it(tmp_path: Path) -> None:
    """A second emulator on the same data directory does not start, and says why."""
    engine = await opened(tmp_path)
    with pytest.raises(StoreError, match=r"dueslag\.sqlite is in use by another emulator"):
        await opened(tmp_path)
    await engine.close()


async def test_newer_version_is_refused(tmp_path: Path) -> None:
    """A database of a newer version is left alone, with one clear line."""
    await (await opened(tmp_path)).close()
    connection = sqlite3.connect(tmp_path / "dueslag.sqlite")
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(StoreError, match=rf"newer version \(schema {VERSION + 1}, this one knows {VERSION}\)"):
        await opened(tmp_path)


async def test_not_a_database(tmp_path: Path) -> None:
    """A file that is no database is left alone, with one clear line."""
    (tmp_path / "dueslag.sqlite").write_bytes(b"no database at all" * 1_000)
    with pytest.raises(StoreError, match="is not a database of this emulator"):
        await opened(tmp_path)
    assert (tmp_path / "dueslag.sqlite").read_bytes().startswith(b"no database")


async def test_directory_that_cannot_be_made(tmp_path: Path) -> None:
    """A data directory that cannot be made or written is named."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"file/dueslag\.sqlite cannot be written"):
        await opened(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_directory_that_may_not_be_written(tmp_path: Path) -> None:
    """A read-only data directory is named."""
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(StoreError, match="cannot be written"):
        await opened(tmp_path / "locked")


async def test_nearly_full_disk_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below the least free disk nothing is accepted, fetching goes on, and all is well when there is room again."""
    usage = namedtuple("usage", "total used free")
    free = 1_000_000
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(0, 0, free))
    engine = await opened(tmp_path, min_free_disk=0)
    await send(engine, ["a"], to(D))
    await engine.close()
    engine = await opened(tmp_path, min_free_disk=2_000_000)
    answers = Answers()
    engine.accept(besked("b"), to(D), answers)
    await until(lambda: engine.blocked is not None)
    assert "is nearly full: " in str(engine.blocked)
    assert "2000000 needed" in str(engine.blocked)
    engine.ack(await take(engine, D, 1))
    free = 3_000_000
    await until(lambda: bool(answers.outcomes))
    assert engine.blocked is None
    assert names(await take(engine, D, 1)) == ["b"]
    await engine.close()


async def test_old_besked_ids_are_forgotten_by_number(tmp_path: Path) -> None:
    """Only the newest BeskedIds are known for ever; older ones go generation by generation, but a message that
    still waits can be found."""
    engine = await opened(tmp_path, idempotency_limit=GENERATION)
    await send(engine, ["waits"], to(D), b"w")
    for start in range(0, 3 * GENERATION, 1_000):
        await send(engine, [f"m{n}" for n in range(start, start + 1_000)], [], b"x")
    await engine.tidy()
    answers = Answers()
    engine.accept(besked("m0", data=b"x"), [], answers)
    engine.accept(besked(f"m{3 * GENERATION - 1}", data=b"x"), [], answers)
    await engine.flushed()
    assert answers.outcomes == [Outcome.ACCEPTED, Outcome.KNOWN]
    assert len(await engine.find("waits")) == 1
    await engine.close()


async def test_old_besked_ids_are_forgotten_by_age(tmp_path: Path) -> None:
    """A BeskedId older than the window may be used again."""
    clock = FakeClock()
    engine = await opened(tmp_path, clock, idempotency_window=3_600)
    await send(engine, [f"old{n}" for n in range(GENERATION)], [])
    clock.advance(1_800)
    await send(engine, [f"mid{n}" for n in range(GENERATION)], [])
    clock.advance(1_799)
    await engine.tidy()
    answers = Answers()
    engine.accept(besked("old5", data=b"<x/>"), [], answers)
    await engine.flushed()
    assert answers.outcomes == [Outcome.KNOWN]
    clock.advance(1)
    await send(engine, ["new"], [])
    await engine.tidy()
    engine.accept(besked("old5", data=b"<x/>"), [], answers)
    engine.accept(besked("new", data=b"<x/>"), [], answers)
    await engine.flushed()
    assert answers.outcomes[1:] == [Outcome.ACCEPTED, Outcome.KNOWN]
    await engine.close()


async def test_resend_right_after_a_restart_is_known(tmp_path: Path) -> None:
    """While the records of before are still being read in, a resend is known all the same."""
    engine = await opened(tmp_path)
    await send(engine, [f"m{n}" for n in range(2 * GENERATION)], [])
    await engine.close()
    engine = await opened(tmp_path)
    answers = Answers()
    for n in (0, 2 * GENERATION - 1, 77_777_777):
        engine.accept(besked(f"m{n}", data=b"<x/>"), [], answers)
    await engine.flushed()
    assert answers.outcomes == [Outcome.KNOWN, Outcome.KNOWN, Outcome.ACCEPTED]
    await engine.close()


async def test_ten_thousand_dueslag_are_counted_at_opening(tmp_path: Path) -> None:
    """Many dueslag come back with their counts, and each can be taken from."""
    engine = await opened(tmp_path)
    many = [f"dueslag-{n}" for n in range(2_000)]
    for start in range(0, 2_000, 100):
        await send(engine, [f"m{start}"], to(*many[start : start + 100]))
    await engine.close()
    engine = await opened(tmp_path)
    assert sum(engine.depth(one).ready for one in many) == 2_000
    consumer = Notebook()
    engine.attach(many[1_999], consumer)
    await until(lambda: len(consumer.got) == 1)
    assert consumer.names() == ["m1900"]
    await engine.close()


async def test_message_larger_than_memory_flows(tmp_path: Path) -> None:
    """One message larger than the memory limit is delivered like any other."""
    engine = await opened(tmp_path, memory_limit=100_000)
    await send(engine, ["big", "small"], to(D), b"x" * 3_000_000)
    taken = await take(engine, D, 2)
    assert names(taken) == ["big", "small"]
    assert taken[0].besked is not None
    assert len(taken[0].besked.data) == 3_000_000
    await engine.close()


async def test_relaxed_and_memory_by_name(tmp_path: Path) -> None:
    """`--durability` chooses: relaxed keeps its file, memory makes none."""
    for durability, there in (("relaxed", True), ("memory", False)):
        directory = tmp_path / durability
        engine = open_engine(directory, FakeClock(), durability, limits=Limits())  # type: ignore[arg-type]
        await engine.open()
        await send(engine, ["a"], to(D))
        await engine.close()
        assert (directory / "dueslag.sqlite").exists() is there


async def test_a_database_page_holds_names_once(tmp_path: Path) -> None:
    """A name that was given a number in a batch that failed is written with the next."""
    engine = await opened(tmp_path, max_bytes=600_000)
    answers = Answers()
    engine.accept(besked("big", data=b"x" * 5_000_000), to("never-seen-before"), answers)
    await until(lambda: engine.blocked is not None)
    await engine.close()
    engine = await opened(tmp_path)
    await send(engine, ["small"], to("never-seen-before"))
    await engine.close()
    engine = await opened(tmp_path)
    assert engine.depth("never-seen-before").ready == 1
    await engine.close()
