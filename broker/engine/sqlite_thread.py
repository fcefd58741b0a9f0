"""Whole functions in aiosqlite's thread, instead of one hop per statement.

Every SQLite call lets go of the GIL and takes it back; a busy loop thread makes each take-back cost up to
`sys.getswitchinterval` (5 ms).  So a batch is one function in the thread, and few statements.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

WORK = "-- work"
"""What `ThreadConnection.execute` takes for "call the one parameter"."""

PATIENCE = 3.0
"""Seconds to wait for the lock on the file: the process of an emulator that was killed may still be syncing."""

T = TypeVar("T")


class _Answer(list[Any]):
    """Stands in for the cursor that aiosqlite expects."""

    def fetchall(self) -> list[Any]:
        return self


class ThreadConnection(sqlite3.Connection):
    """A connection whose ``execute(WORK, (function,))`` calls ``function(connection)`` in the thread it is in."""

    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        if sql is WORK:
            (function,) = parameters
            return _Answer([function(self)])
        return super().execute(sql, parameters)

    def one(self, sql: str, parameters: Any = ()) -> Any:
        """The first column of the first row."""
        return super().execute(sql, parameters).fetchone()[0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        super().execute("BEGIN IMMEDIATE")
        try:
            yield
            super().execute("COMMIT")
        except BaseException:
            if self.in_transaction:
                super().execute("ROLLBACK")
            raise


class SqliteThread:
    """One database file and the thread that alone touches it."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    @classmethod
    async def start(cls, path: Path) -> SqliteThread:
        """Open the file (made where missing).  Raises sqlite3.Error."""
        return cls(await aiosqlite.connect(path, isolation_level=None, factory=ThreadConnection, timeout=PATIENCE))

    async def run(self, function: Callable[[ThreadConnection], T]) -> T:
        """What ``function`` returns; it runs in the thread."""
        answers: Any = await self._connection.execute_fetchall(WORK, (function,))
        answer: T = answers[0]
        return answer

    async def close(self) -> None:
        await self._connection.close()
