"""Opening the register in PostgreSQL: what is refused and how it is said, and how its tables come to be."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
import structlog
from hypothesis import given
from hypothesis import strategies as st

from broker.errors import NotAvailable, NotFound, StoreError
from broker.postgres import database as connections
from broker.postgres.database import Database
from broker.postgres.place import checked, place_of
from broker.postgres.schema import bring_up_to_date
from broker.register import prepare
from broker.register.postgres import PostgresRegister
from broker.register.postgres.tables import METADATA
from broker.register.postgres.values import key_of_value, long_value, value_of
from broker.register.postgres.versions import PART, VERSIONS
from tests.support.postgres import Cluster
from tests.unit.postgres.fronts import LISTE, Fronts, content, until


async def refusal(url: str) -> str:
    """Why a register cannot be opened, as the one line that is shown."""
    register = PostgresRegister(url)
    with pytest.raises(StoreError) as caught:
        await register.open()
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_a_place_is_named_without_password() -> None:
    """What log lines and errors say of a database is where it is, not how to get in."""
    assert place_of("postgresql://me:s3cret@db1:5432,db2:5433/bf?sslmode=require") == "db1:5432,db2:5433/bf"
    assert place_of("postgresql:///bf") == "localhost/bf"
    assert "s3cret" not in repr(PostgresRegister("postgresql://me:s3cret@db1/bf"))


def test_urls_of_sqlalchemy_are_taken_too() -> None:
    """The driver may stand in the scheme, as in other programs' settings."""
    assert checked("postgresql+asyncpg://h/d") == "postgresql://h/d"
    assert checked("postgres://h/d") == "postgres://h/d"


@pytest.mark.parametrize("url", ["", "sqlite:///x", "db.example", "mysql://h/d", "5432"])
def test_what_is_no_url_of_postgresql_is_refused(url: str) -> None:
    """The line says what is expected, and does not repeat what may hold a password."""
    with pytest.raises(StoreError, match=r"expected postgresql://"):
        checked(url)


async def test_a_server_that_is_not_there_is_refused() -> None:
    """A wrong port gives one line with the place, and no password."""
    line = await refusal("postgresql://me:s3cret@127.0.0.1:9/bf")
    assert line.startswith("PostgreSQL at 127.0.0.1:9/bf cannot be used: ")
    assert "s3cret" not in line


async def test_a_database_that_is_not_there_is_refused(postgres_cluster: Cluster) -> None:
    """A wrong name gives PostgreSQL's own words."""
    assert 'database "nowhere" does not exist' in await refusal(postgres_cluster.url("nowhere"))


async def test_a_user_who_may_not_make_tables_is_refused(postgres_cluster: Cluster, postgres_url: str) -> None:
    """A role without the right to make the schema is told so at the start, not at the first change."""
    postgres_cluster.sql("CREATE ROLE reader LOGIN")
    line = await refusal(postgres_url.replace("beskedfordeler@", "reader@"))
    assert "permission denied for database" in line


async def test_tables_of_a_newer_version_are_not_touched(postgres_cluster: Cluster, postgres_url: str) -> None:
    """After a downgrade a front refuses to start; one that runs already refuses to change what it does not know."""
    register = PostgresRegister(postgres_url)
    await register.open()
    database = postgres_url.rpartition("/")[2]
    postgres_cluster.sql("UPDATE beskedfordeler.skema SET version = 99", database)
    assert "has schema version 99, written by a newer beskedfordeler" in await refusal(postgres_url)
    with pytest.raises(StoreError, match="schema version 99"):
        await register.replace(content())
    await register.close()


async def test_a_schema_of_another_program_is_not_touched(postgres_cluster: Cluster, postgres_url: str) -> None:
    """Tables that are not ours are refused and left alone."""
    database = postgres_url.rpartition("/")[2]
    postgres_cluster.sql("CREATE SCHEMA beskedfordeler; CREATE TABLE beskedfordeler.photos (id INT)", database)
    assert "is of another program" in await refusal(postgres_url)
    tables = "SELECT relname FROM pg_class WHERE relnamespace = 'beskedfordeler'::regnamespace"
    assert postgres_cluster.sql(tables, database).split() == ["photos"]


async def test_an_empty_schema_that_somebody_made_for_us_is_taken(postgres_cluster: Cluster, postgres_url: str) -> None:
    """Where a role may not make schemas, its administrator makes one."""
    postgres_cluster.sql(
        "CREATE ROLE owner LOGIN; CREATE SCHEMA beskedfordeler AUTHORIZATION owner", _name(postgres_url)
    )
    register = PostgresRegister(postgres_url.replace("beskedfordeler@", "owner@"))
    await register.open()
    assert await register.is_empty()
    await register.close()


async def test_fronts_that_start_at_once_make_the_tables_once(postgres_url: str) -> None:
    """Of many that find a new database all can use it, and the register file is taken in by one of them."""
    registers = [PostgresRegister(postgres_url, 1) for _ in range(6)]

    async def start(register: PostgresRegister) -> int:
        await register.open()
        return (await prepare(register, content())).content.revision

    assert await asyncio.gather(*map(start, registers)) == [1] * 6
    assert await registers[0].load() == content()
    await asyncio.gather(*(register.close() for register in registers))


async def test_tables_are_brought_up_to_date_step_by_step_and_once(
    postgres_cluster: Cluster, postgres_url: str
) -> None:
    """Two fronts of a new version start on tables of an older one: each step is done once, what was there stays."""
    databases = [Database(postgres_url) for _ in range(2)]
    for database in databases:
        database.open()
    older = (("CREATE TABLE beskedfordeler.prøve (tal INT)", "INSERT INTO beskedfordeler.prøve VALUES (1)"),)
    newer = (
        *older,
        ("UPDATE beskedfordeler.prøve SET tal = tal + 1",),
        ("UPDATE beskedfordeler.prøve SET tal = tal * 5",),
    )
    await bring_up_to_date(databases[0], "prøve", older)
    await asyncio.gather(*(bring_up_to_date(database, "prøve", newer) for database in databases))
    assert postgres_cluster.sql("SELECT tal FROM beskedfordeler.prøve", _name(postgres_url)).strip() == "10"
    with pytest.raises(StoreError, match=r"the prøve in PostgreSQL .* has schema version 3"):
        await bring_up_to_date(databases[0], "prøve", older)
    for database in databases:
        await database.close()


async def test_a_step_that_fails_leaves_the_tables_as_they_were(postgres_cluster: Cluster, postgres_url: str) -> None:
    """A migration is whole or has not been."""
    register = PostgresRegister(postgres_url)
    await register.open()
    await register.replace(content())
    database = Database(postgres_url)
    database.open()
    broken = (*VERSIONS, ("DROP TABLE beskedfordeler.vaerdi", "SELECT 1 / 0"))
    with pytest.raises(sa.exc.DBAPIError, match="division by zero"):
        await bring_up_to_date(database, PART, broken)
    assert await register.load() == content()
    await database.close()
    await register.close()


async def test_the_tables_are_those_that_statements_are_made_for(postgres_url: str) -> None:
    """What the versions make has the columns, types and constraints that the code goes by."""
    register = PostgresRegister(postgres_url)
    await register.open()
    database = Database(postgres_url)
    database.open()
    async with database.transaction() as work:
        for table in METADATA.tables.values():
            rows = await work.rows(
                sa.text(
                    "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
                    "WHERE table_schema = 'beskedfordeler' AND table_name = :name ORDER BY ordinal_position"
                ),
                {"name": table.name},
            )
            assert [name for name, _, _ in rows] == [column.name for column in table.columns]
            for (name, kind, nullable), column in zip(rows, table.columns, strict=True):
                wanted = str(column.type).lower().replace("text[]", "array").replace("double", "double precision")
                assert (name, kind.lower(), nullable == "YES") == (
                    name,
                    wanted.replace("precision precision", "precision"),
                    column.nullable,
                )
    await database.close()
    await register.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE beskedfordeler.abonnement SET tilstand = 'sover'",
        "UPDATE beskedfordeler.serviceaftale SET service = 'lån'",
        "DELETE FROM beskedfordeler.stand",
    ],
)
async def test_damage_is_told_in_one_line(postgres_cluster: Cluster, postgres_url: str, damage: str) -> None:
    """A value that cannot be is told with the place, and no front starts on it."""
    register = PostgresRegister(postgres_url)
    await register.open()
    await register.replace(content())
    postgres_cluster.sql(damage, _name(postgres_url))
    with pytest.raises(StoreError, match="is damaged") as caught:
        await register.load()
    assert "\n" not in str(caught.value)
    await register.close()


async def test_long_values_are_values_too(postgres_url: str) -> None:
    """What is longer than an index entry may be is added, found again, and removed; nothing is taken for another."""
    register = PostgresRegister(postgres_url)
    await register.open()
    await register.put([LISTE])
    long = {"x" * 100_000, "x" * 100_001, "æ" * 500, "æ" * 501, "\\" * 300, "\\#" + "0" * 64}
    await register.add_values(LISTE.id, long)
    await register.add_values(LISTE.id, long)
    assert (await register.load()).vaerdier[LISTE.id] == long
    await register.remove_values(LISTE.id, long - {"x" * 100_000})
    assert (await register.load()).vaerdier[LISTE.id] == {"x" * 100_000}
    with pytest.raises(NotFound):
        await register.add_values("nowhere", ["a"])
    await register.close()


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\\0#0"), max_size=600), max_size=5)
)
def test_a_value_is_known_by_its_key_and_comes_back(values: list[str]) -> None:
    """Different values have different keys, none too long for an index, none with what PostgreSQL cannot hold."""
    keys = list(map(key_of_value, values))
    assert len(set(keys)) == len(set(values))
    for value, key in zip(values, keys, strict=True):
        assert "\0" not in key
        assert len(key.encode()) <= 2_000
        assert value_of(key, long_value(value)) == value


async def test_a_front_that_waits_too_long_for_another_says_so(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that another front does not finish does not hold up the caller for ever."""
    monkeypatch.setitem(connections._SESSION, "lock_timeout", "50ms")
    one, other = PostgresRegister(postgres_url), PostgresRegister(postgres_url)
    await one.open()
    await other.open()
    async with one.changing():
        with pytest.raises(NotAvailable, match="lock timeout"):
            await other.put([LISTE])
    await other.put([LISTE])
    await one.close()
    await other.close()


async def test_a_register_that_cannot_be_followed_is_said_once(
    fronts: Fronts, postgres_cluster: Cluster, postgres_url: str
) -> None:
    """A front that a newer one has left behind says so, goes on with what it knows, and is in step when it can be."""
    one, other = await fronts(2)
    with structlog.testing.capture_logs() as logs:
        postgres_cluster.sql("UPDATE beskedfordeler.skema SET version = 99", _name(postgres_url))
        for _ in range(3):
            postgres_cluster.sql("NOTIFY beskedfordeler, '1000'", _name(postgres_url))
            await asyncio.sleep(0.02)
        await until(lambda: sum(line["event"].startswith("register not followed") for line in logs) == 2)
        postgres_cluster.sql(f"UPDATE beskedfordeler.skema SET version = {len(VERSIONS)}", _name(postgres_url))
        await one.service.put([replace(LISTE, navn="Nyt")])
        await until(lambda: other.content == one.content)
        postgres_cluster.sql("NOTIFY beskedfordeler, '1000'", _name(postgres_url))
        await until(lambda: sum(line["event"] == "register followed again" for line in logs) == 2)
    assert sum(line["event"].startswith("register not followed") for line in logs) == 2


def test_a_start_without_a_database_does_not_load_its_drivers() -> None:
    """`beskedfordeler serve` starts as fast as ever where no PostgreSQL is named."""
    script = "import sys, broker.app, broker.following, adapters.cli.main; print(*sys.modules)"
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert "broker.service" in loaded
    assert not loaded & {"sqlalchemy", "asyncpg", "broker.postgres.database"}


def _name(url: str) -> str:
    return url.rpartition("/")[2]
