"""Which messages were accepted before, for all fronts: one table in PostgreSQL, written in batches.

A row is pending from `claim` to `done`.  Whose it is stands in it; each front holds an advisory lock on its own number
for as long as its connection lives, so that the others see at once that it is gone.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it has no types
import orjson

from broker.engine.rabbitmq.known import Claim, Claimed, Released
from broker.engine.rabbitmq.known_tables import PART, VERSIONS
from broker.errors import StoreError
from broker.postgres.database import Database
from broker.postgres.errors import mapped_at_start
from broker.postgres.schema import bring_up_to_date

LOCK_CLASS = 0x62666B6E
"""First key of the advisory locks: "bfkn"."""
TIDY_EVERY = 60.0
"""Seconds between removals of what is too old."""
TIMEOUT = 10.0
"""Seconds that a statement may take."""

_CLAIM = """
insert into beskedfordeler.known (besked_id, afsender, digest, front, received, dueslag)
select b, a, d, $6, r, t from unnest($1::text[], $2::text[], $3::bytea[], $4::float8[], $5::text[]) as n (b, a, d, r, t)
on conflict do nothing returning besked_id, afsender
"""
_LOOK = """
select k.besked_id, k.afsender, k.digest, k.done, k.front, exists (
    select from pg_locks where locktype = 'advisory' and classid = $3 and objid = k.front and objsubid = 2 and granted
) as alive
from beskedfordeler.known k join unnest($1::text[], $2::text[]) as n (b, a) on k.besked_id = n.b and k.afsender = n.a
"""
_TAKE_OVER = """
update beskedfordeler.known set front = $4 where besked_id = $1 and afsender = $2 and front = $3 and not done
"""
_DONE = """
update beskedfordeler.known k set done = true from unnest($1::text[], $2::text[]) as n (b, a)
where k.besked_id = n.b and k.afsender = n.a
"""
_FORGET = """
delete from beskedfordeler.known k using unnest($1::text[], $2::text[]) as n (b, a)
where k.besked_id = n.b and k.afsender = n.a and k.front = $3 and not k.done
"""
_LET_GO = """
update beskedfordeler.known k set front = 0 from unnest($1::text[], $2::text[]) as n (b, a)
where k.besked_id = n.b and k.afsender = n.a and k.front = $3 and not k.done
"""
_LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)


class PostgresKnown:
    """`broker.engine.rabbitmq.known.Known` for any number of fronts.

    ``dsn``: postgresql://user:password@host:port/database.  ``window``: seconds that a message is known.
    """

    def __init__(self, dsn: str, window: float = 7 * 86_400.0) -> None:
        self._dsn = dsn.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._window = window
        self._front = secrets.randbelow(2**31 - 1) + 1
        self._claiming = _Session(self._dsn, self._front)
        self._noting = _Session(self._dsn, None)
        self._tidy_at = 0.0

    async def open(self) -> None:
        """Raises StoreError."""
        database = Database(self._dsn, "beskedfordeler known", 1)
        database.open()
        try:
            with mapped_at_start(database.place):
                await bring_up_to_date(database, PART, VERSIONS)
        finally:
            await database.close()
        await self.ping()

    async def ping(self) -> None:
        async with self._claiming as connection:
            await connection.execute("select 1")

    async def close(self) -> None:
        await self._claiming.close()
        await self._noting.close()

    async def claim(self, claims: Sequence[Claim]) -> list[Claimed]:
        if not claims:
            return []
        ordered = sorted(claims, key=lambda one: (one.besked_id, one.afsender))  # or two fronts wait for each other
        async with self._claiming as connection:
            rows = await connection.fetch(
                _CLAIM,
                [one.besked_id for one in ordered],
                [one.afsender for one in ordered],
                [one.digest for one in ordered],
                [one.received for one in ordered],
                [orjson.dumps(one.dueslag).decode() for one in ordered],
                self._front,
            )
            new = {(row[0], row[1]) for row in rows}
            rest = [one for one in claims if (one.besked_id, one.afsender) not in new]
            found = await self._look(connection, rest) if rest else {}
        return [found.get((one.besked_id, one.afsender), Claimed.NEW) for one in claims]

    async def _look(self, connection: Any, claims: list[Claim]) -> dict[tuple[str, str], Claimed]:
        """What is known of those that were there."""
        rows = await connection.fetch(
            _LOOK, [one.besked_id for one in claims], [one.afsender for one in claims], LOCK_CLASS
        )
        by_key = {(row["besked_id"], row["afsender"]): row for row in rows}
        found = {}
        for one in claims:
            key = (one.besked_id, one.afsender)
            row = by_key.get(key)
            if row is None:
                found[key] = Claimed.BUSY  # removed just now: it is asked for again
            elif row["digest"] != one.digest:
                found[key] = Claimed.CONFLICT
            elif row["done"]:
                found[key] = Claimed.KNOWN
            elif row["front"] == self._front:
                found[key] = Claimed.AGAIN
            elif row["alive"]:
                found[key] = Claimed.BUSY
            else:
                taken = await connection.execute(_TAKE_OVER, *key, row["front"], self._front)
                found[key] = Claimed.AGAIN if taken == "UPDATE 1" else Claimed.BUSY
        return found

    async def done(self, claims: Sequence[Claim]) -> None:
        ordered = sorted(claims, key=lambda one: (one.besked_id, one.afsender))
        async with self._noting as connection:
            await connection.execute(_DONE, [one.besked_id for one in ordered], [one.afsender for one in ordered])
            if time.monotonic() >= self._tidy_at:
                self._tidy_at = time.monotonic() + TIDY_EVERY
                await connection.execute(
                    "delete from beskedfordeler.known where received < $1", ordered[-1].received - self._window
                )

    async def release(self, claims: Sequence[Released]) -> None:
        ordered = sorted(claims, key=lambda one: (one.claim.besked_id, one.claim.afsender))
        async with self._claiming as connection, connection.transaction():
            for statement, clean in ((_FORGET, True), (_LET_GO, False)):
                keys = [one.claim for one in ordered if one.clean is clean]
                if keys:
                    names, senders = [one.besked_id for one in keys], [one.afsender for one in keys]
                    await connection.execute(statement, names, senders, self._front)

    async def places(self, besked_id: str) -> list[tuple[str, str]]:
        async with self._noting as connection:
            rows = await connection.fetch(
                "select afsender, dueslag from beskedfordeler.known where besked_id = $1", besked_id
            )
        return [(row["afsender"], dueslag) for row in rows for dueslag in orjson.loads(row["dueslag"])]

    async def clear(self) -> None:
        async with self._noting as connection:
            await connection.execute("delete from beskedfordeler.known")


class _Session:
    """One connection, made when it is needed; one user at a time.  Raises StoreError."""

    def __init__(self, dsn: str, front: int | None) -> None:
        self._dsn = dsn
        self._front = front
        self._turn = asyncio.Lock()
        self._connection: Any = None

    async def __aenter__(self) -> Any:
        await self._turn.acquire()
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await self._connect()
            return self._connection
        except _LOST as error:
            self._turn.release()
            raise _refusal(error) from None
        except BaseException:
            self._turn.release()
            raise

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        broken = error is not None and not isinstance(error, StoreError)
        if broken and self._connection is not None:
            self._connection.terminate()
            self._connection = None
        self._turn.release()
        if isinstance(error, _LOST):
            raise _refusal(error) from None

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*_LOST):
                await connection.close(timeout=2)

    async def _connect(self) -> Any:
        connection = await asyncpg.connect(self._dsn, timeout=TIMEOUT, command_timeout=TIMEOUT)
        if self._front is not None:
            await connection.execute("select pg_advisory_lock_shared($1, $2)", LOCK_CLASS, self._front)
        return connection


def _refusal(error: BaseException) -> StoreError:
    text = str(error) or type(error).__name__
    return StoreError(f"PostgreSQL, which remembers BeskedIds, does not answer: {text}")
