"""The register in a SQLite file of its own: what is changed at run time survives."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from itertools import islice
from pathlib import Path

import aiosqlite

from broker.core.model import Vaerdiliste
from broker.errors import NotFound, StoreError
from broker.ports import Item, RegisterContent
from broker.register import tables
from broker.register.problem import key_of
from broker.register.tables import TABLES
from broker.sharing import Change

SLICE = 5_000
"""Rows handed to or taken from SQLite at a time: a few milliseconds of the event loop."""

_ONE_BY_ONE = {tables.ADD_VALUES: tables.ADD_VALUE, tables.REMOVE_VALUES: tables.REMOVE_VALUE}


class SqliteRegister:
    """`broker.sharing.SharedRegister` in ``path``, made where it is missing (its folder must be there).

    One process at a time: the file is locked while it is open.  WAL with synchronous FULL: what a method did is on
    disk when it returns.  Every method raises StoreError with one clear line where the file fails it.
    """

    behind: Sequence[Change] = ()
    revision = 0

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._connection: aiosqlite.Connection | None = None
        self._one_at_a_time = asyncio.Lock()

    def __repr__(self) -> str:
        return f"<SqliteRegister {self.path} {'open' if self._connection else 'closed'}>"

    async def open(self) -> None:
        """Raises StoreError: not writable, in use, no register, or written by a newer version."""
        if self._connection is not None:
            return
        with self._mapped():
            sqlite3.connect(self.path).close()  # fails here: in aiosqlite's thread it could outlive the event loop
            connection = await aiosqlite.connect(self.path, isolation_level=None, timeout=1.0)
            try:
                await self._prepare(connection)
            except BaseException:
                await connection.close()
                raise
        self._connection = connection

    async def close(self) -> None:
        """Release the file; a second time does nothing."""
        async with self._one_at_a_time:
            connection, self._connection = self._connection, None
            if connection is not None:
                with self._mapped():
                    await connection.close()

    async def load(self) -> RegisterContent:
        """Raises StoreError where what stands there is no register."""
        try:
            return await self._load()
        except (ValueError, TypeError) as error:
            raise StoreError(_damaged(self.path, error)) from error

    async def _load(self) -> RegisterContent:
        content = RegisterContent()
        async with self._one_at_a_time:
            with self._mapped():
                for table in TABLES.values():
                    section = getattr(content, table.section)
                    async with aclosing(_slices_of(self._open, table.load)) as slices:
                        async for rows in slices:
                            for item in map(table.item, rows):
                                section[key_of(item)] = item
                for nr, key in await self._open.execute_fetchall(tables.LISTS):
                    values = content.vaerdier[key] = set()
                    async for rows in _slices_of(self._open, tables.LOAD_VALUES, (nr,)):
                        values.update([value for (value,) in rows])
        return content

    @asynccontextmanager
    async def changing(self, since: int | None = None) -> AsyncIterator[SqliteRegister]:
        """Nobody else changes it, as the file is locked: a step is each of its methods."""
        yield self

    @asynccontextmanager
    async def alone(self, what: str) -> AsyncIterator[None]:
        """There is no other front."""
        yield

    async def put(self, items: Sequence[Item]) -> None:
        async with self._transaction() as connection:
            await _put(connection, items)

    async def delete(self, items: Sequence[Item]) -> None:
        async with self._transaction() as connection:
            for kind, group in _by_kind(items).items():
                keys = [(key_of(item),) for item in group]
                if TABLES[kind].section == "vaerdilister":
                    await connection.executemany(tables.CLEAR_LIST, keys)
                await connection.executemany(TABLES[kind].delete, keys)

    async def add_values(self, vaerdiliste: str, values: Iterable[str]) -> None:
        """Raises NotFound for an unknown list."""
        await self._change_values(tables.ADD_VALUES, vaerdiliste, values)

    async def remove_values(self, vaerdiliste: str, values: Iterable[str]) -> None:
        """Raises NotFound for an unknown list."""
        await self._change_values(tables.REMOVE_VALUES, vaerdiliste, values)

    async def change_list(self, liste: Vaerdiliste, add: Iterable[str], remove: Iterable[str]) -> None:
        async with self._transaction() as connection:
            await _put(connection, [liste])
            nr = await _number(connection, tables.LIST_NUMBER, (liste.id,))
            await _change_values(connection, tables.REMOVE_VALUES, nr, remove)
            await _change_values(connection, tables.ADD_VALUES, nr, add)

    async def replace(self, content: RegisterContent) -> None:
        async with self._transaction() as connection:
            await connection.execute(tables.CLEAR_VALUES)
            for table in TABLES.values():
                await connection.execute(table.clear)
                await _put(connection, list(getattr(content, table.section).values()))
            for nr, key in await connection.execute_fetchall(tables.LISTS):
                await _change_values(connection, tables.ADD_VALUES, nr, content.vaerdier.get(key, ()))

    async def is_empty(self) -> bool:
        async with self._one_at_a_time:
            with self._mapped():
                rows = list(await self._open.execute_fetchall(tables.ANY_ITEM))
        return not rows[0][0]

    async def _change_values(self, statement: str, vaerdiliste: str, values: Iterable[str]) -> None:
        async with self._transaction() as connection:
            found = list(await connection.execute_fetchall(tables.LIST_NUMBER, (vaerdiliste,)))
            if not found:
                raise NotFound(f"there is no værdiliste with id {vaerdiliste} in the register")
            nr = found[0][0]
            await _change_values(connection, statement, nr, values)

    async def _prepare(self, connection: aiosqlite.Connection) -> None:
        """Lock the file, see that it is ours and not from the future, and make the tables where it is new."""
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL", "cache_size = -32000"):
            await connection.execute(f"PRAGMA {pragma}")
        await connection.execute("BEGIN IMMEDIATE")  # takes the lock, and fails where nothing may be written
        version = await _number(connection, "PRAGMA user_version")
        application = await _number(connection, "PRAGMA application_id")
        used = await _number(connection, "SELECT count(*) FROM sqlite_master")
        if application not in (0, tables.APPLICATION_ID) or (used and application == 0):
            raise StoreError(f"the register {self.path} is an SQLite file of another program; choose another folder")
        if version > tables.SCHEMA_VERSION:
            raise StoreError(
                f"the register {self.path} has schema version {version}, written by a newer beskedfordeler; "
                f"this one reads up to {tables.SCHEMA_VERSION}"
            )
        if not used:
            for statement in tables.CREATE:
                await connection.execute(statement)
            await connection.execute(f"PRAGMA application_id = {tables.APPLICATION_ID}")
        elif version not in (*tables.MIGRATIONS, tables.SCHEMA_VERSION):
            raise StoreError(_damaged(self.path, ValueError(f"schema version {version}")))
        else:
            for older in range(version, tables.SCHEMA_VERSION):
                for statement in tables.MIGRATIONS[older]:
                    await connection.execute(statement)
        if version != tables.SCHEMA_VERSION:
            await connection.execute(f"PRAGMA user_version = {tables.SCHEMA_VERSION}")
        await connection.execute("COMMIT")

    @property
    def _open(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise StoreError(f"the register {self.path} is not open")
        return self._connection

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """All or nothing, one at a time: the connection is shared by all who ask."""
        async with self._one_at_a_time:
            connection = self._open
            with self._mapped():
                try:
                    await connection.execute("BEGIN IMMEDIATE")
                    yield connection
                    await connection.execute("COMMIT")
                except BaseException:
                    # a cancelled BEGIN or COMMIT is still carried out, before this: there may be nothing to undo
                    with suppress(sqlite3.OperationalError):
                        await connection.execute("ROLLBACK")
                    raise

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """What SQLite says about the file, as StoreError."""
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise  # a bug of ours, not the file's fault
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:  # the latter: SQLite quotes damage that is no text
            raise StoreError(_said(self.path, error)) from error


def _said(path: Path, error: Exception) -> str:
    text = str(error)
    if "locked" in text:
        return f"the register {path} is in use by another process"
    if "not a database" in text or "malformed" in text or "decode" in text:
        return _damaged(path, error)
    if "unable to open" in text or "readonly" in text:
        return f"the register {path} cannot be written ({text}); the folder must be there and be writable"
    return f"the register {path} cannot be used: {text}"


def _damaged(path: Path, error: Exception) -> str:
    text = str(error).partition(" with text ")[0]  # what follows is the damage itself
    return (
        f"the register {path} is damaged or is no SQLite file ({' '.join(text.split())}): "
        "move it away to start anew, or put a copy back"
    )


async def _put(connection: aiosqlite.Connection, items: Sequence[Item]) -> None:
    for kind, group in _by_kind(items).items():
        table = TABLES[kind]
        rows = map(table.row, group)
        while batch := list(islice(rows, SLICE)):
            await connection.executemany(table.put, batch)


async def _change_values(connection: aiosqlite.Connection, statement: str, nr: int, values: Iterable[str]) -> None:
    """Add or remove values, one statement for each slice: row by row SQLite and the loop would contend for the GIL."""
    each = iter(values)
    while batch := list(islice(each, SLICE)):
        if any("\0" in value for value in batch):  # json_each cuts a text there
            await connection.executemany(_ONE_BY_ONE[statement], [(nr, value) for value in batch])
        else:
            await connection.execute(statement, (nr, json.dumps(batch, ensure_ascii=False)))


async def _slices_of(
    connection: aiosqlite.Connection, query: str, parameters: Sequence[tables.Value] = ()
) -> AsyncGenerator[list[sqlite3.Row], None]:
    async with connection.execute(query, parameters) as cursor:
        while rows := list(await cursor.fetchmany(SLICE)):
            yield rows


async def _number(connection: aiosqlite.Connection, query: str, parameters: Sequence[tables.Value] = ()) -> int:
    return int(next(iter(await connection.execute_fetchall(query, parameters)))[0])


def _by_kind(items: Iterable[Item]) -> dict[type[Item], list[Item]]:
    """Grouped by kind, order kept within each."""
    groups: dict[type[Item], list[Item]] = {}
    for item in items:
        groups.setdefault(type(item), []).append(item)
    return groups
