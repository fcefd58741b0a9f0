"""The trace in PostgreSQL: one table for all fronts, filled by COPY, bounded by count.

Here a row per record is cheap: COPY takes a front about 1 µs a record and PostgreSQL some 9 µs with four indexes.  It
is no promise, as in `broker.trace.archive`: it is written after the fact.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from broker.postgres.database import Database
from broker.postgres.errors import mapped_at_start
from broker.postgres.schema import SCHEMA, Versions, bring_up_to_date
from broker.trace.record import Query, Record
from broker.trace.wording import as_json, as_text

PART = "spor"
VERSIONS: Versions = (
    (
        f"""CREATE TABLE {SCHEMA}.spor (nr BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            tid DOUBLE PRECISION NOT NULL, hvad TEXT NOT NULL, seqs BIGINT[] NOT NULL, besked_id TEXT,
            transaktions_id TEXT, system TEXT, dueslag TEXT, abonnement TEXT, detalje TEXT)""",
        f"CREATE INDEX spor_tid ON {SCHEMA}.spor (tid, nr)",
        f"CREATE INDEX spor_besked ON {SCHEMA}.spor (besked_id) WHERE besked_id IS NOT NULL",
        f"CREATE INDEX spor_transaktion ON {SCHEMA}.spor (transaktions_id) WHERE transaktions_id IS NOT NULL",
        f"CREATE INDEX spor_seqs ON {SCHEMA}.spor USING gin (seqs)",
    ),
)
"""Version by version.  What is written here has run somewhere: add, never change."""

_COLUMNS = (
    "tid", "hvad", "seqs", "besked_id", "transaktions_id", "system", "dueslag", "abonnement", "detalje",
)  # fmt: skip
_LOCK_PRUNING = 0x42464F52_0002
"""Advisory lock of the front that takes the oldest records out."""
_SLACK = 20
"""When the bound is passed, so that a part of that many of it goes at once."""

_LISTED = ", ".join(_COLUMNS)
_SPAN = sa.text(f"SELECT max(nr) - min(nr) + 1 FROM {SCHEMA}.spor")  # noqa: S608 - no input in it
_PRUNE = sa.text(
    f"DELETE FROM {SCHEMA}.spor WHERE nr <= (SELECT max(nr) FROM {SCHEMA}.spor) - :kept"  # noqa: S608
).bindparams(sa.bindparam("kept", type_=sa.BigInteger()))
_MAY_PRUNE = sa.text("SELECT pg_try_advisory_xact_lock(:key)").bindparams(sa.bindparam("key", type_=sa.BigInteger()))
_FORGET = sa.text(f"TRUNCATE {SCHEMA}.spor")
_SEQS = sa.bindparam("seqs", type_=ARRAY(sa.BigInteger()))


class PostgresArchive:
    """`broker.trace.archive.TraceArchive` in the PostgreSQL database of ``url``; all fronts write to the same.

    The oldest go when there are more than ``max_records`` of all fronts together.  Methods raise NotAvailable where
    PostgreSQL cannot do it now.
    """

    def __init__(self, url: str, max_records: int) -> None:
        self._database = Database(url, "beskedfordeler spor", 2)
        self._max_records = max_records

    async def open(self) -> None:
        """Raises StoreError: PostgreSQL does not answer or lets us not in, or the table is not ours to use."""
        self._database.open()
        try:
            with mapped_at_start(self._database.place):
                await bring_up_to_date(self._database, PART, VERSIONS)
        except BaseException:
            await self._database.close()
            raise

    async def close(self) -> None:
        await self._database.close()

    async def append(self, records: Sequence[Record]) -> None:
        """Write the records, and drop the oldest ones beyond the bound."""
        rows = list(map(_row, records))
        async with self._database.transaction() as work:
            await work.copy(SCHEMA, PART, _COLUMNS, rows)
            too_many = (await work.value(_SPAN) or 0) > self._max_records
            if too_many and await work.value(_MAY_PRUNE, {"key": _LOCK_PRUNING}):
                await work.run(_PRUNE, {"kept": self._max_records - self._max_records // _SLACK})

    async def find(self, query: Query) -> list[Record]:
        """Records of all fronts that answer by themselves, newest ``limit``, oldest first."""
        named = {"besked_id": query.besked_id, "transaktions_id": query.transaktions_id}
        given = {name: value for name, value in named.items() if value is not None}
        wheres = [f"{name} = :{name}" for name in given]
        return await self._newest(query, wheres, given, query.accepts)

    async def about(self, seqs: frozenset[int], query: Query) -> list[Record]:
        """Records of all fronts about messages by order of acceptance, newest ``limit``, oldest first."""
        return await self._newest(query, ["seqs && :seqs"], {"seqs": sorted(seqs)}, query.fits)

    async def forget(self) -> None:
        """Remove every record, of all fronts."""
        async with self._database.transaction() as work:
            await work.run(_FORGET)

    async def _newest(
        self, query: Query, wheres: list[str], given: dict[str, Any], answers: Callable[[Record], bool]
    ) -> list[Record]:
        """``wheres`` find few rows by index: those are taken first, and sorted after."""
        statement = _statement(query, wheres)
        found: list[Record] = []
        async with (
            self._database.transaction(snapshot=True) as work,
            aclosing(work.slices(statement, given | _values(query))) as slices,
        ):
            async for rows in slices:
                found.extend(filter(answers, map(_record, rows)))
                if len(found) >= query.limit:
                    break
        return found[: query.limit][::-1]


def _statement(query: Query, wheres: list[str]) -> sa.TextClause:
    """Newest first.  Identifiers narrow by index where there is one; the rest is judged row by row."""
    also = [f"{name} = :{name}" for name in ("system", "hvad") if name in _values(query)]
    also += ["tid >= :since"] if query.since is not None else []
    also += ["tid < :until"] if query.until is not None else []
    also += ["(dueslag = :dueslag OR strpos(detalje, :dueslag) > 0)"] if query.dueslag is not None else []
    source = f"{SCHEMA}.spor"
    few = ""
    if wheres:
        few = f"WITH few AS MATERIALIZED (SELECT * FROM {source} WHERE {' AND '.join(wheres)}) "  # noqa: S608
        source = "few"
    narrowed = f" WHERE {' AND '.join(also)}" if also else ""
    text = sa.text(f"{few}SELECT {_LISTED} FROM {source}{narrowed} ORDER BY tid DESC, nr DESC")  # noqa: S608
    return text.bindparams(_SEQS) if "seqs && :seqs" in wheres else text


def _values(query: Query) -> dict[str, Any]:
    named = {
        "system": query.system,
        "hvad": query.what,
        "since": query.since,
        "until": query.until,
        "dueslag": query.dueslag,
    }
    return {name: value for name, value in named.items() if value is not None}


def _row(record: Record) -> tuple[Any, ...]:
    time, what, seqs, *names, detail = record
    said = None if detail is None else as_json(detail)
    return (time, what, seqs, *[name and as_text(name) for name in names], said)


def _record(row: Any) -> Record:
    time, what, seqs, besked_id, transaktions_id, system, dueslag, abonnement, detail = row
    said = None if detail is None else orjson.loads(detail)
    return Record(time, what, tuple(seqs), besked_id, transaktions_id, system, dueslag, abonnement, said)
