"""Versions of tables: made where there are none, brought up to date where they are older, left alone where newer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from broker.errors import StoreError
from broker.postgres.database import Database, Work

SCHEMA = "beskedfordeler"
"""The schema, in PostgreSQL's sense, that all our tables are in."""
LOCK_TABLES = 0x42464F52_0000
"""Advisory lock of whoever makes or changes tables."""

Versions = Sequence[Sequence[str]]
"""What makes the tables of version 1, then what makes version 2 of those of version 1, and so on."""

_LOCK = text("SELECT pg_advisory_xact_lock(:key)")
_IS_THERE = text("SELECT to_regnamespace(:name) IS NOT NULL")
_HAS_VERSIONS = text("SELECT to_regclass(:name) IS NOT NULL")
_USED = text(
    "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace(:name) AND relname NOT LIKE 'known%')"
)
"""Beside the table of BeskedIds (`broker.engine.rabbitmq.known_postgres`), which the engine makes before."""
_FIND = text(f"SELECT version FROM {SCHEMA}.skema WHERE del = :part")  # noqa: S608 - no input in it
_SET = text(
    f"INSERT INTO {SCHEMA}.skema (del, version) VALUES (:part, :version) "  # noqa: S608 - no input in it
    "ON CONFLICT (del) DO UPDATE SET version = excluded.version"
)


async def bring_up_to_date(database: Database, part: str, versions: Versions) -> None:
    """Of several fronts that start at once one does it and the others find it done.

    Raises StoreError where the tables are of a newer version or of another program, NotAvailable.
    """
    async with database.transaction() as work:
        await work.run(_LOCK, {"key": LOCK_TABLES})
        await _make_schema(work, database.place)
        version = await work.value(_FIND, {"part": part}) or 0
        if version > len(versions):
            raise StoreError(newer(part, database.place, version, len(versions)))
        for statements in versions[version:]:
            for statement in statements:
                await work.run(text(statement))
        if version < len(versions):
            await work.run(_SET, {"part": part, "version": len(versions)})


def newer(part: str, place: str, version: int, known: int) -> str:
    """What is said of tables that this version does not know."""
    return (
        f"the {part} in PostgreSQL at {place} has schema version {version}, written by a newer beskedfordeler; "
        f"this one reads up to {known}"
    )


async def _make_schema(work: Work, place: str) -> None:
    if await work.value(_HAS_VERSIONS, {"name": f"{SCHEMA}.skema"}):
        return
    if not await work.value(_IS_THERE, {"name": SCHEMA}):
        await work.run(text(f"CREATE SCHEMA {SCHEMA}"))
    elif await work.value(_USED, {"name": SCHEMA}):
        raise StoreError(f"the schema {SCHEMA} in PostgreSQL at {place} is of another program; choose another database")
    await work.run(text(f"CREATE TABLE {SCHEMA}.skema (del TEXT PRIMARY KEY, version INTEGER NOT NULL)"))
