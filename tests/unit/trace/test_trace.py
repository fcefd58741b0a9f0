"""The trace: every question of `spor`, over memory, disk and PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from broker.errors import StoreError
from broker.trace import Query, Record, Trace
from broker.trace.archive_postgres import PostgresArchive

Make = Callable[[int], Trace]
"""A trace of so many records; each time another on the same archive."""


@pytest.fixture(params=["disk", "postgres"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "disk":
        return lambda bound: Trace(tmp_path / "spor.sqlite", bound)
    url: str = request.getfixturevalue("postgres_url")
    return lambda bound: Trace(None, bound, archive=PostgresArchive(url, bound))


@pytest.fixture(params=["memory", "disk", "postgres"])
def trace_there(request: pytest.FixtureRequest, tmp_path: Path) -> Trace:
    if request.param == "postgres":
        return Trace(None, archive=PostgresArchive(request.getfixturevalue("postgres_url"), 1_000_000))
    return Trace(tmp_path / "spor.sqlite" if request.param == "disk" else None)


@pytest.fixture
async def trace(trace_there: Trace) -> AsyncIterator[Trace]:
    await trace_there.open()
    yield trace_there
    await trace_there.close()


def story(trace: Trace, seq: int, besked: str, dueslag: str = "d1") -> None:
    trace.add(
        Record(seq, "accepted", (seq,), besked, f"t-{besked}", "s1", None, None, {"til": [[dueslag, "a1", "klar"]]})
    )
    trace.add(Record(seq + 0.1, "delivered", (seq,), besked, f"t-{besked}", "s2", dueslag, "a1", 1))
    trace.add(Record(seq + 0.2, "ack", (seq, seq + 1000), None, None, "s2", dueslag))


async def test_a_beskedid_gives_the_whole_life_of_the_message(trace: Trace) -> None:
    """Asked for one BeskedId: accepted, delivered and acked, although the ack was noted for a whole batch."""
    story(trace, 1, "b1")
    story(trace, 2, "b2")
    found = await trace.find(Query(besked_id="b1"))
    assert [record.what for record in found] == ["accepted", "delivered", "ack"]
    assert [record.what for record in await trace.find(Query(transaktions_id="t-b2"))] == [
        "accepted", "delivered", "ack",
    ]  # fmt: skip


async def test_questions_combine(trace: Trace) -> None:
    """Dueslag, system, kind and time narrow the answer together; the accepted record counts for its dueslag."""
    story(trace, 1, "b1", "d1")
    story(trace, 2, "b2", "d2")
    assert {record.what for record in await trace.find(Query(dueslag="d2"))} == {"accepted", "delivered", "ack"}
    assert len(await trace.find(Query(system="s1"))) == 2
    assert [record.besked_id for record in await trace.find(Query(what="delivered", since=2))] == ["b2"]
    assert await trace.find(Query(until=1)) == []
    assert [record.what for record in await trace.find(Query(besked_id="b1", what="ack"))] == ["ack"]


async def test_the_newest_are_given_when_there_are_too_many(trace: Trace) -> None:
    """A limit keeps the newest, in the order they happened."""
    for seq in range(1, 50):
        story(trace, seq, f"b{seq}")
    found = await trace.find(Query(what="accepted", limit=3))
    assert [record.besked_id for record in found] == ["b47", "b48", "b49"]


async def test_forget_leaves_nothing(trace: Trace) -> None:
    """A reset empties the trace."""
    story(trace, 1, "b1")
    assert await trace.find(Query())
    await trace.forget()
    assert await trace.find(Query()) == []


async def test_the_trace_survives_a_restart_and_stays_bounded(make: Make) -> None:
    """After a restart the newest records are there, and no more than the bound (to the chunk)."""
    for run in range(3):
        trace = make(2000)
        await trace.open()
        for seq in range(1, 1001):
            story(trace, run * 1000 + seq, f"b{run}-{seq}")
        await trace.close()
    trace = make(2000)
    await trace.open()
    found = await trace.find(Query(limit=100_000))
    assert 1000 <= len(found) <= 2000
    assert found[-2].besked_id == "b2-1000"
    await trace.close()


async def test_a_file_from_a_newer_version_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """The emulator does not guess at a format it does not know."""
    path = tmp_path / "spor.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(StoreError, match="newer version"):
        await Trace(path).open()


async def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    """A damaged trace says which file to remove."""
    path = tmp_path / "spor.sqlite"
    path.write_bytes(b"not a database, but long enough to look like one" * 100)
    with pytest.raises(StoreError, match="remove it to start anew"):
        await Trace(path).open()


async def test_a_trace_of_no_records_keeps_none(make: Make) -> None:
    """Switched off it costs nothing and answers nothing."""
    trace = make(0)
    await trace.open()
    story(trace, 1, "b1")
    assert await trace.find(Query()) == []
    await trace.close()


async def test_a_damaged_schema_is_refused_in_one_sentence_and_nothing_is_left_open(tmp_path: Path) -> None:
    """Bytes that are no text where the tables are described: the file is named, and the process can end."""
    path = tmp_path / "spor.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE chunk (id INTEGER PRIMARY KEY, since REAL)")
    db.close()
    data = path.read_bytes()
    at = data.index(b"CREATE TABLE")
    path.write_bytes(data[:at] + b"\xff" * 30 + data[at + 30 :])
    with pytest.raises(StoreError, match="remove it to start anew"):
        await Trace(path).open()


async def test_whatever_clients_say_can_be_written(make: Make) -> None:
    """A text that is no Unicode costs no other record, does not end the writing, and is found as far as it is text."""
    trace = make(1_000_000)
    await trace.open()
    trace.add(Record(1.0, "denied", besked_id="nul\0", system="\ud800", detail={"grund": "f\0r"}))
    trace.add(Record(2.0, "denied", detail={"cvr": "\ud800", "hvad": object()}))
    assert [record.time for record in await trace.find(Query())] == [1.0, 2.0]
    trace.add(Record(3.0, "login"))
    await trace.close()
    await trace.open()
    found = await trace.find(Query())
    assert [record.time for record in found] == [1.0, 2.0, 3.0]
    assert found[1].detail["cvr"] == "?"
    await trace.close()
