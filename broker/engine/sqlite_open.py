"""Opening dueslag.sqlite, and what to say when it cannot be opened or written."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from broker.engine.limits import Limits
from broker.engine.sqlite_schema import APPLICATION_ID, TABLES, VERSION, migrate, prepare_batches
from broker.engine.sqlite_thread import SqliteThread, ThreadConnection
from broker.engine.store import StoreFull
from broker.errors import StoreError

PAGE_SIZE = 16 * 1024
"""Three sample messages of 4.7 kB to a page; against 4 kB pages 2.5 times the messages per second, measured."""
CHECKPOINT_PAGES = 1_000
"""Pages in the WAL at which SQLite moves them to the database: 16 MB."""
CACHE_KIB = 16 * 1024


async def connect(path: Path, full: bool, limits: Limits) -> SqliteThread:
    """Open (make, migrate) the file for this process alone.  Raises StoreError with one line: path and what to do."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        thread = await SqliteThread.start(path)
    except (sqlite3.Error, OSError) as error:
        raise _cannot_open(path, error) from error
    try:
        await thread.run(lambda connection: _set_up(connection, path, full, limits))
    except (sqlite3.Error, OSError) as error:
        await thread.close()
        raise _cannot_open(path, error) from error
    except BaseException:
        await thread.close()
        raise
    return thread


def _set_up(connection: ThreadConnection, path: Path, full: bool, limits: Limits) -> None:
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # before anything is read: no -shm file, that would need room
    if not _is_ours(connection):
        raise StoreError(f"{path} is an SQLite file of another program: choose another data directory")
    version = connection.one("PRAGMA user_version")
    if version > VERSION:
        raise StoreError(
            f"{path} was written by a newer version (schema {version}, this one knows {VERSION}): "
            "run that version, or choose another data directory"
        )
    connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    if limits.max_bytes is not None:
        pages = max(limits.max_bytes // connection.one("PRAGMA page_size"), 16)
        connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()
    with connection.transaction():  # takes the lock, and finds out whether the file can be written
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrate(connection)
    prepare_batches(connection, retained=limits.retention > 0)


def _is_ours(connection: ThreadConnection) -> bool:
    """A new file is; so is one with our tables from before files were marked."""
    application = connection.one("PRAGMA application_id")
    if application:
        return bool(application == APPLICATION_ID)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return found >= TABLES if found else not connection.one("PRAGMA user_version")


def _cannot_open(path: Path, error: Exception) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(f"{path} is in use by another emulator: stop it, or choose another data directory")
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return StoreError(f"{path} is not a database of this emulator ({error}): move it away to start anew")
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return StoreError(
            f"{path} cannot be opened: the disk is full ({error}): make room, or choose another data directory"
        )
    return StoreError(f"{path} cannot be written ({error}): make the directory writable, or choose another one")


def refusal(path: Path, error: Exception) -> StoreError:
    """The error of a running store, as the engine knows it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"{path} cannot grow: {error}")
    return StoreError(f"{path} cannot be used: {error}")
