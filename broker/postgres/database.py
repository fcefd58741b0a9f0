"""Connections to one PostgreSQL database: pooled, lent out for a transaction each, and mended by themselves."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import Executable, Row, exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from broker.errors import StoreError
from broker.postgres.errors import LOST, mapped
from broker.postgres.place import checked, place_of

CONNECT_TIMEOUT = 5.0
"""Seconds that a connection may take to be made; a PostgreSQL that is gone mostly refuses at once."""
COMMAND_TIMEOUT = 20.0
"""Seconds that one statement may take, waiting for another's lock included; none of ours is about more than a slice."""
SLICE = 5_000
"""Rows handed to or taken from PostgreSQL at a time: a few milliseconds of the event loop."""

_SESSION = {
    "lock_timeout": "10s",  # a front that waits longer for another's change says so
    "idle_in_transaction_session_timeout": "30s",  # a front that froze in the midst of a change does not hold up all
    "tcp_keepalives_idle": "10",  # nor one whose machine is gone without a word
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class Work:
    """A transaction as its user sees it.  Methods raise NotAvailable where PostgreSQL cannot do it now."""

    def __init__(self, connection: AsyncConnection, place: str) -> None:
        self._connection = connection
        self._place = place

    async def run(self, statement: Executable, parameters: Parameters | None = None) -> int:
        """Carry a statement out; how many rows it was about."""
        with mapped(self._place):
            return (await self._connection.execute(statement, parameters)).rowcount

    async def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        with mapped(self._place):
            return (await self._connection.execute(statement, parameters)).fetchall()

    async def row(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Row[Any] | None:
        with mapped(self._place):
            return (await self._connection.execute(statement, parameters)).first()

    async def value(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        found = await self.row(statement, parameters)
        return None if found is None else found[0]

    async def slices(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> AsyncGenerator[Sequence[Row[Any]], None]:
        """All rows, so many at a time that others run in between."""
        with mapped(self._place):
            result = await self._connection.stream(statement, parameters)
        try:
            while True:
                with mapped(self._place):
                    rows = await result.fetchmany(SLICE)
                if not rows:
                    break
                yield rows
        finally:
            with suppress(*LOST):
                await result.close()

    async def copy(self, schema: str, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Add rows by COPY."""
        with mapped(self._place):
            raw = await self._connection.get_raw_connection()
            driver: Any = raw.driver_connection
            await driver.copy_records_to_table(table, records=rows, columns=columns, schema_name=schema)


class Database:
    """Up to ``connections`` connections to the database of a URL; made when they are needed, anew where they broke.

    ``name`` is what PostgreSQL shows of them (``application_name``).
    """

    def __init__(self, url: str, name: str = "beskedfordeler", connections: int = 4) -> None:
        self._url = checked(url)
        self.place = place_of(self._url)
        self._name = name
        self._connections = connections
        self._engine: AsyncEngine | None = None

    def __repr__(self) -> str:
        return f"<Database {self.place} {'open' if self._engine else 'closed'}>"

    def open(self) -> None:
        """Ready to connect; nothing is connected yet."""
        if self._engine is None:
            self._engine = create_async_engine(
                "postgresql+asyncpg://",
                async_creator=self.connect,
                pool_size=self._connections,
                max_overflow=0,
                pool_pre_ping=True,
            )

    async def close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    async def connect(self) -> Any:
        """A connection of the driver (asyncpg), outside the pool.  Raises what the driver raises."""
        settings = {**_SESSION, "application_name": self._name}
        return await asyncpg.connect(
            self._url, timeout=CONNECT_TIMEOUT, command_timeout=COMMAND_TIMEOUT, server_settings=settings
        )

    @asynccontextmanager
    async def transaction(self, *, snapshot: bool = False) -> AsyncIterator[Work]:
        """All or nothing; ``snapshot``: for reading, everything as of one moment.

        Raises NotAvailable.  Where the connection is lost while what was done is being made durable, it holds whole
        or not at all, and only looking tells which.
        """
        if self._engine is None:
            raise StoreError(f"PostgreSQL at {self.place} is not open")
        with mapped(self.place):
            connection = await self._engine.connect()
        try:
            if snapshot:
                with mapped(self.place):
                    await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield Work(connection, self.place)
            with mapped(self.place):
                await connection.commit()
        finally:
            await _give_back(connection)


async def _give_back(connection: AsyncConnection) -> None:
    """What was not committed is rolled back; a connection that cannot even do that is thrown away."""
    try:
        await connection.close()
    except LOST:
        with suppress(exc.SQLAlchemyError, *LOST):
            await connection.invalidate()
            await connection.close()
