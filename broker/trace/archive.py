"""The trace on disk: chunks of records as JSON text in SQLite, searched with instr, bounded by count.

A row per record with an index per question would cost more than routing a message; a chunk of up to a
thousand records is one insert, and a question reads only the chunks whose text holds the identifiers that it
names.  The trace is no promise: it is written after the fact, with synchronous=NORMAL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import aiosqlite
import orjson

from broker.errors import StoreError
from broker.trace.record import Query, Record
from broker.trace.wording import as_json

_VERSION = 1
_APPLICATION_ID = 0x42465350
"""In ``PRAGMA application_id``: "BFSP", tells a trace from any other SQLite file; older ones have 0 and our table."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS chunk (
    id INTEGER PRIMARY KEY, since REAL, until REAL, seq_low INTEGER, seq_high INTEGER, count INTEGER, records TEXT
)
"""


class TraceArchive(Protocol):
    """Where records are kept: this `Archive`, or `broker.trace.archive_postgres.PostgresArchive`.

    Methods raise NotAvailable where it cannot be done now and may be later; `append` has then written nothing.
    """

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def append(self, records: Sequence[Record]) -> None: ...
    async def find(self, query: Query) -> list[Record]: ...
    async def about(self, seqs: frozenset[int], query: Query) -> list[Record]: ...
    async def forget(self) -> None: ...


class Archive:
    """Chunks of records in one SQLite file; the oldest go when ``max_records`` is passed."""

    def __init__(self, path: Path, max_records: int) -> None:
        self._path = path
        self._max_records = max_records
        self._count = 0
        self._db: aiosqlite.Connection | None = None

    async def open(self) -> None:
        """Raises StoreError where the file cannot be used."""
        try:
            self._db = await aiosqlite.connect(self._path, isolation_level=None)
            await self._prepare()
        except (aiosqlite.Error, UnicodeDecodeError) as error:
            await self.close()
            raise StoreError(self._cannot_open(error)) from None
        except StoreError:
            await self.close()
            raise

    def _cannot_open(self, error: Exception) -> str:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return f"{self._path}: the trace cannot be opened: the disk is full; make room, or name another --data"
        return f"{self._path}: the trace cannot be opened ({error}); remove it to start anew"

    async def _prepare(self) -> None:
        assert self._db is not None
        if not await self._is_ours():
            raise StoreError(f"{self._path}: an SQLite file of another program; name another --data")
        await self._db.execute("PRAGMA journal_mode=WAL")
        await self._db.execute("PRAGMA synchronous=NORMAL")
        found = await self._scalar("PRAGMA user_version")
        if found > _VERSION:
            raise StoreError(
                f"{self._path}: written by a newer version (trace format {found}, this one reads {_VERSION}); "
                "use that version, or remove the file: it holds the trace only"
            )
        await self._db.execute(_SCHEMA)
        await self._db.execute(f"PRAGMA user_version={_VERSION}")
        await self._db.execute(f"PRAGMA application_id={_APPLICATION_ID}")
        self._count = await self._scalar("SELECT coalesce(sum(count), 0) FROM chunk")

    async def _is_ours(self) -> bool:
        application = await self._scalar("PRAGMA application_id")
        others = await self._scalar(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name <> 'chunk' AND name NOT GLOB 'sqlite_*'"
        )
        return application == _APPLICATION_ID or (application == 0 and others == 0)

    async def close(self) -> None:
        if self._db is not None:
            await self._db.close()
            self._db = None

    async def append(self, records: Sequence[Record]) -> None:
        """Write one chunk, and drop the oldest ones beyond the bound."""
        assert self._db is not None
        seqs = [seq for record in records for seq in record.seqs]
        text = as_json(records)
        await self._db.execute(
            "INSERT INTO chunk (since, until, seq_low, seq_high, count, records) VALUES (?,?,?,?,?,?)",
            (records[0].time, records[-1].time, min(seqs, default=0), max(seqs, default=0), len(records), text),
        )
        self._count += len(records)
        while self._count > self._max_records:
            row = await self._row("SELECT id, count FROM chunk ORDER BY id LIMIT 1")
            if row is None:
                break
            await self._db.execute("DELETE FROM chunk WHERE id=?", (row[0],))
            self._count -= row[1]

    async def find(self, query: Query) -> list[Record]:
        """Records that answer by themselves, newest ``limit``, oldest first."""
        terms = query.terms()
        where = "".join(" AND instr(records, ?)" for _ in terms)
        found: list[Record] = []
        async for record in self._newest_first(where, terms, query):
            if query.accepts(record):
                found.append(record)
                if len(found) == query.limit:
                    break
        return found[::-1]

    async def about(self, seqs: frozenset[int], query: Query) -> list[Record]:
        """Records about messages by order of acceptance, newest ``limit``, oldest first."""
        where, bounds = " AND seq_high >= ? AND seq_low <= ?", (min(seqs), max(seqs))
        found: list[Record] = []
        async for record in self._newest_first(where, bounds, query):
            if seqs.intersection(record.seqs) and query.fits(record):
                found.append(record)
                if len(found) == query.limit:
                    break
        return found[::-1]

    async def forget(self) -> None:
        """Remove every record."""
        assert self._db is not None
        await self._db.execute("DELETE FROM chunk")
        self._count = 0

    async def _newest_first(self, where: str, values: Sequence[object], query: Query):  # type: ignore[no-untyped-def]
        assert self._db is not None
        since = query.since if query.since is not None else float("-inf")
        until = query.until if query.until is not None else float("inf")
        sql = f"SELECT records FROM chunk WHERE until >= ? AND since < ?{where} ORDER BY id DESC"  # noqa: S608 - no input in it
        async with self._db.execute(sql, (since, until, *values)) as cursor:
            async for (text,) in cursor:
                for row in reversed(orjson.loads(text)):
                    yield Record(row[0], row[1], tuple(row[2]), *row[3:])

    async def _scalar(self, sql: str) -> int:
        row = await self._row(sql)
        return int(row[0]) if row else 0

    async def _row(self, sql: str) -> tuple[int, ...] | None:
        assert self._db is not None
        async with self._db.execute(sql) as cursor:
            row = await cursor.fetchone()
        return tuple(row) if row is not None else None
