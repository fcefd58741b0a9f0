"""One trace in PostgreSQL for several fronts, and what becomes of it when PostgreSQL is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest
import structlog

from broker.errors import NotAvailable, StoreError
from broker.trace import Query, Record, Trace
from broker.trace import trace as recorder
from broker.trace.archive_postgres import PostgresArchive
from tests.support.postgres import Cluster


async def opened(url: str, bound: int = 1_000_000) -> Trace:
    trace = Trace(None, bound, archive=PostgresArchive(url, bound))
    await trace.open()
    return trace


def accepted(tid: float, seq: int, besked: str) -> Record:
    return Record(tid, "accepted", (seq,), besked, f"t-{besked}", "s1", None, None, {"til": [["d1", "a1", "klar"]]})


async def test_the_records_of_all_fronts_are_one_story(postgres_url: str) -> None:
    """A message accepted by one front and fetched from another: asked of either, the whole life, in order."""
    one, other = await opened(postgres_url), await opened(postgres_url)
    one.add(accepted(1.0, 7, "b1"))
    other.add(Record(2.0, "delivered", (7,), "b1", "t-b1", "s2", "d1", "a1", 1))
    other.add(Record(3.0, "ack", (6, 7), None, None, "s2", "d1"))
    one.add(accepted(4.0, 8, "b2"))
    await other.find(Query())  # what a front has just noted it writes before it answers
    for asked in (one, other):
        assert [record.what for record in await asked.find(Query(besked_id="b1"))] == ["accepted", "delivered", "ack"]
        assert [record.time for record in await asked.find(Query(dueslag="d1"))] == [1.0, 2.0, 3.0, 4.0]
    await one.close()
    await other.close()


async def test_the_newest_of_all_fronts_are_given_in_the_order_of_time(postgres_url: str) -> None:
    """Whichever front wrote first: a limit keeps what happened last."""
    one, other = await opened(postgres_url), await opened(postgres_url)
    for number in range(0, 100, 2):
        one.add(accepted(number, number, f"b{number}"))
        other.add(accepted(number + 1, number + 1, f"b{number + 1}"))
    await one.find(Query())
    found = await other.find(Query(limit=4))
    assert [record.besked_id for record in found] == ["b96", "b97", "b98", "b99"]
    await one.close()
    await other.close()


async def test_the_bound_is_on_all_fronts_together(postgres_url: str) -> None:
    """Two fronts that write 10,000 records at once leave the newest, and no more than the bound by much."""
    fronts = [await opened(postgres_url, 3_000) for _ in range(2)]
    for number in range(5_000):
        for front in fronts:
            front.add(Record(number, "login", (number,)))
    await asyncio.gather(*(front.find(Query()) for front in fronts))
    fronts[0].add(Record(5_000, "login"))
    found = await fronts[0].find(Query(limit=100_000))
    assert 2_500 <= len(found) <= 3_000
    assert found[-1].time == 5_000
    await asyncio.gather(*(front.close() for front in fronts))


async def test_a_table_of_a_newer_version_is_refused_in_one_sentence(
    postgres_cluster: Cluster, postgres_url: str
) -> None:
    """The emulator does not guess at a table it does not know."""
    await (await opened(postgres_url)).close()
    database = postgres_url.rpartition("/")[2]
    postgres_cluster.sql("UPDATE beskedfordeler.skema SET version = 99 WHERE del = 'spor'", database)
    with pytest.raises(StoreError, match="newer beskedfordeler"):
        await opened(postgres_url)


class Flaky:
    """An archive that can be lost and found again; for the rest, a list."""

    def __init__(self) -> None:
        self.lost = False
        self.tried = 0
        self.kept: list[Record] = []

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def append(self, records: Sequence[Record]) -> None:
        self.tried += 1
        if self.lost:
            raise NotAvailable("PostgreSQL is down")
        self.kept.extend(records)

    async def find(self, query: Query) -> list[Record]:
        return self.kept[-query.limit :]

    async def about(self, seqs: frozenset[int], query: Query) -> list[Record]:
        return []

    async def forget(self) -> None:
        self.kept.clear()


async def test_a_lost_archive_costs_no_record_and_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the database is away noting costs what it always does; when it is back everything is written, in order."""
    monkeypatch.setattr(recorder, "_LINGER", 0.01)
    monkeypatch.setattr(recorder, "_RETRY", 0.01)
    archive = Flaky()
    trace = Trace(None, archive=archive)
    await trace.open()
    archive.lost = True
    with structlog.testing.capture_logs() as logs:
        for number in range(2_500):
            trace.add(Record(number, "login"))
        deadline = time.monotonic() + 60
        while archive.tried < 5:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        archive.lost = False
        trace.add(Record(2_500, "login"))
        while len(archive.kept) < 2_501:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
    assert [record.time for record in archive.kept] == list(range(2_501))
    assert trace.dropped == 0
    assert [line["event"] for line in logs] == ["trace not written for now", "trace written again"]
    await trace.close()


async def test_a_long_loss_drops_the_oldest_and_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded: of what waits the newest are kept, and how many were dropped is known."""
    monkeypatch.setattr(recorder, "_MAX_WAITING", 1_000)
    archive = Flaky()
    trace = Trace(None, archive=archive)
    await trace.open()
    archive.lost = True
    for number in range(5_000):
        trace.add(Record(number, "login"))
    archive.lost = False
    kept = await trace.find(Query(limit=10_000))
    assert trace.dropped == 5_000 - len(kept)
    assert 750 <= len(kept) <= 1_000
    assert kept[-1].time == 4_999
    await trace.close()


async def test_what_cannot_be_written_at_the_end_is_counted() -> None:
    """A stop while the database is away does not wait for it, and says what was lost."""
    archive = Flaky()
    trace = Trace(None, archive=archive)
    await trace.open()
    archive.lost = True
    trace.add(Record(1.0, "login"))
    with structlog.testing.capture_logs() as logs:
        await trace.close()
    assert trace.dropped == 1
    assert {"event": "trace records not written at the end", "count": 1, "log_level": "warning"} in logs
