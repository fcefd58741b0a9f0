"""Which messages were accepted before: in memory for one front, in PostgreSQL for all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from broker.engine.rabbitmq import Claim, Claimed, Known, MemoryKnown
from broker.engine.rabbitmq.known import Released
from broker.engine.rabbitmq.known_postgres import PostgresKnown
from broker.engine.rabbitmq.known_tables import VERSIONS
from broker.errors import StoreError
from tests.support.postgres import Cluster


def claim(name: str, digest: bytes = b"d", afsender: str = "s", received: float = 1_000_000.0) -> Claim:
    return Claim(afsender, name, digest, received, ("d1", "d2"))


@pytest.fixture(params=["memory", "postgres"])
async def known(request: pytest.FixtureRequest) -> AsyncIterator[Known]:
    made: Known
    made = MemoryKnown() if request.param == "memory" else PostgresKnown(request.getfixturevalue("postgres_url"))
    await made.open()
    yield made
    await made.close()


async def test_new_then_known(known: Known) -> None:
    """A BeskedId is new once; after it is done the same octets are known and others are in conflict, per sender."""
    assert await known.claim([claim("a"), claim("b")]) == [Claimed.NEW, Claimed.NEW]
    await known.done([claim("a")])
    again = await known.claim([claim("b"), claim("a"), claim("c"), claim("a", afsender="another")])
    assert again == [Claimed.AGAIN, Claimed.KNOWN, Claimed.NEW, Claimed.NEW]
    assert await known.claim([claim("a", b"x"), claim("b", b"x")]) == [Claimed.CONFLICT] * 2
    assert await known.claim([]) == []


async def test_given_up(known: Known) -> None:
    """Given up with nothing in RabbitMQ, a message is as new, whatever it holds then; with something perhaps there, the
    next that asks has to say so, and what is done stays known."""
    claims = [claim("clean"), claim("doubtful"), claim("done")]
    await known.claim(claims)
    await known.done(claims[2:])
    await known.release([Released(one, one.besked_id != "doubtful") for one in claims])
    again = [claim("clean", b"x"), claim("doubtful"), claim("done")]
    assert await known.claim(again) == [Claimed.NEW, Claimed.AGAIN, Claimed.KNOWN]
    await known.ping()


async def test_given_up_on_one_front_and_sent_to_another(postgres_url: str) -> None:
    """The other need not wait for the first to die; what the first gives up twice, the other keeps."""
    one, other = PostgresKnown(postgres_url), PostgresKnown(postgres_url)
    for each in (one, other):
        await each.open()
    try:
        await one.claim([claim("a"), claim("b")])
        given_up = [Released(claim("a"), False), Released(claim("b"), True)]
        await one.release(given_up)
        assert await other.claim([claim("a"), claim("b", b"x")]) == [Claimed.AGAIN, Claimed.NEW]
        await one.release(given_up)
        assert await one.claim([claim("a"), claim("b", b"x")]) == [Claimed.BUSY, Claimed.BUSY]
    finally:
        for each in (one, other):
            await each.close()


_BEFORE = """
create schema beskedfordeler;
create table beskedfordeler.known (
    besked_id text not null, afsender text not null, digest bytea not null, done boolean not null default false,
    front integer not null, received double precision not null, dueslag text not null,
    primary key (besked_id, afsender)
) with (fillfactor = 80);
create index known_received on beskedfordeler.known (received);
insert into beskedfordeler.known values ('a', 's', 'd', true, 1, 1000000, '["d1"]');
"""


async def test_a_table_from_before_there_were_versions_is_taken_as_it_is(
    postgres_cluster: Cluster, postgres_url: str
) -> None:
    """What was known stays known, and the table has a version from then on; fronts that start at once find it done."""
    name = postgres_url.rpartition("/")[2]
    postgres_cluster.sql(_BEFORE, name)
    one, other = PostgresKnown(postgres_url), PostgresKnown(postgres_url)
    await asyncio.gather(one.open(), other.open())
    try:
        assert await one.claim([claim("a"), claim("b")]) == [Claimed.KNOWN, Claimed.NEW]
        version = "SELECT version FROM beskedfordeler.skema WHERE del = 'known'"
        assert postgres_cluster.sql(version, name).strip() == str(len(VERSIONS))
    finally:
        await one.close()
        await other.close()


async def test_a_table_of_a_newer_version_is_not_touched(postgres_cluster: Cluster, postgres_url: str) -> None:
    """A front from before does not start, and says why."""
    known = PostgresKnown(postgres_url)
    await known.open()
    await known.close()
    postgres_cluster.sql("UPDATE beskedfordeler.skema SET version = 99", postgres_url.rpartition("/")[2])
    with pytest.raises(StoreError, match=r"the known in PostgreSQL .* has schema version 99, written by a newer"):
        await known.open()


async def test_where_a_message_was_put(known: Known) -> None:
    """A message is looked for where it was put, by each sender of that BeskedId."""
    await known.claim([claim("a"), claim("a", afsender="another")])
    expected = [("another", "d1"), ("another", "d2"), ("s", "d1"), ("s", "d2")]
    assert sorted(await known.places("a")) == expected
    assert await known.places("b") == []


async def test_forgotten(known: Known) -> None:
    """After a reset every message is new."""
    await known.claim([claim("a")])
    await known.done([claim("a")])
    await known.clear()
    assert await known.claim([claim("a", b"x")]) == [Claimed.NEW]


async def test_in_memory_it_is_bounded() -> None:
    """The newest are known, and for so long."""
    known = MemoryKnown(limit=2, window=60.0)
    claims = [claim(name) for name in "abc"]
    await known.claim(claims)
    await known.done(claims)
    assert await known.claim([claim("c"), claim("b"), claim("a")]) == [Claimed.KNOWN, Claimed.KNOWN, Claimed.NEW]
    assert await known.claim([claim("c", received=1_000_061.0)]) == [Claimed.NEW]


async def test_pending_at_a_living_front_and_at_a_dead_one(postgres_url: str) -> None:
    """What another front is at has to wait; when that front died with it, it is taken over, once."""
    one, other, third = PostgresKnown(postgres_url), PostgresKnown(postgres_url), PostgresKnown(postgres_url)
    for each in (one, other, third):
        await each.open()
    try:
        await one.claim([claim("a"), claim("b")])
        await one.done([claim("b")])
        assert await other.claim([claim("a"), claim("b")]) == [Claimed.BUSY, Claimed.KNOWN]
        await one.close()
        assert await other.claim([claim("a")]) == [Claimed.AGAIN]
        assert await third.claim([claim("a")]) == [Claimed.BUSY]
        await other.done([claim("a")])
        assert await third.claim([claim("a")]) == [Claimed.KNOWN]
    finally:
        for each in (one, other, third):
            await each.close()


async def test_connection_that_was_cut_is_made_again(postgres_url: str) -> None:
    """PostgreSQL ends the connections: said as unavailable at most once, and what was done is known afterwards."""
    known = PostgresKnown(postgres_url)
    await known.open()
    try:
        await known.claim([claim("a")])
        await known.done([claim("a")])
        async with known._noting as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        try:
            found = await known.claim([claim("a"), claim("b")])
        except StoreError:
            found = await known.claim([claim("a"), claim("b")])
        assert found[0] is Claimed.KNOWN
        assert found[1] in (Claimed.NEW, Claimed.AGAIN)
    finally:
        await known.close()


async def test_too_old_is_removed(postgres_url: str) -> None:
    """What is older than the window is new again."""
    known = PostgresKnown(postgres_url, window=60.0)
    await known.open()
    try:
        await known.claim([claim("a")])
        later = [claim("b", received=1_000_100.0)]
        await known.claim(later)
        await known.done(later)
        assert await known.claim([claim("a", b"x"), *later]) == [Claimed.NEW, Claimed.KNOWN]
    finally:
        await known.close()


async def test_a_database_that_is_not_there() -> None:
    """Named at the start, without the password."""
    with pytest.raises(StoreError, match=r"^PostgreSQL at 127\.0\.0\.1:1/x cannot be used: (?!PostgreSQL)") as refused:
        await PostgresKnown("postgresql://user:secret@127.0.0.1:1/x").open()
    assert "secret" not in str(refused.value)
