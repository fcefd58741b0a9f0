"""One party's database: a SQLite file of its own, which nobody else reads (R6).

What belongs together is written in one transaction: a letter that came is in the inbox, in the forløb, in the journal
and answered in the outbox, or in none of them.  WAL with synchronous=NORMAL: a commit is with the kernel and survives
any end of the process (kill -9); the last ones may be lost where the machine itself loses power.  That is what a
simulated party needs, and 220 of them fit in one process with it: a commit takes some 20 µs and waits for no disk.

The file is locked for as long as it is open: two processes on one database would send everything twice.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from consumers.fagsystem.errors import StoreInUse

VERSION = 1

_SCHEMA = """
CREATE TABLE citizens (cpr TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE forloeb (
    id TEXT PRIMARY KEY, cpr TEXT, tilstand TEXT NOT NULL, data TEXT, opfoelgning TEXT, number INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE letters (
    number INTEGER PRIMARY KEY, besked_id TEXT NOT NULL UNIQUE, retning TEXT NOT NULL, forloeb TEXT NOT NULL,
    standard TEXT NOT NULL, data_tidspunkt TEXT NOT NULL, document TEXT NOT NULL
);
CREATE INDEX letters_forloeb ON letters (forloeb, standard, number);
CREATE TABLE inbox (besked_id TEXT PRIMARY KEY, at TEXT NOT NULL, again INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE known (fingerprint BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE outbox (
    number INTEGER PRIMARY KEY, besked_id TEXT NOT NULL UNIQUE, forloeb TEXT NOT NULL, draft TEXT NOT NULL,
    state TEXT NOT NULL, message BLOB, before TEXT, reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_open ON outbox (number) WHERE state IN ('draft', 'fixed');
CREATE TABLE tasks (
    key TEXT PRIMARY KEY, due TEXT NOT NULL, kind TEXT NOT NULL, forloeb TEXT NOT NULL, data TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX tasks_due ON tasks (due, key);
CREATE TABLE journal (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, forloeb TEXT NOT NULL, besked_id TEXT NOT NULL, retning TEXT NOT NULL,
    standard TEXT, other TEXT NOT NULL, forfatter TEXT NOT NULL, udfald TEXT NOT NULL, text TEXT NOT NULL,
    flags TEXT NOT NULL, UNIQUE (besked_id, retning)
);
CREATE INDEX journal_forloeb ON journal (forloeb, number);
CREATE TABLE notes (number INTEGER PRIMARY KEY, forloeb TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX notes_forloeb ON notes (forloeb, number);
CREATE TABLE places (forloeb TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE waiting (number INTEGER PRIMARY KEY, forloeb TEXT NOT NULL UNIQUE, besked_id TEXT NOT NULL);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Store:
    """The database at ``path``, or in memory where that is ":memory:".  Made where it is missing.

    ``owner`` is the party's organisation UUID: another party's file is refused (ValueError), and one that is open
    elsewhere as well (StoreInUse).
    """

    def __init__(self, path: Path | str, owner: str) -> None:
        self.path = str(path)
        if self.path != ":memory:":
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # citizens are in it: for its owner only
        self.db = sqlite3.connect(self.path, isolation_level=None, timeout=1.0, check_same_thread=False)
        try:
            self._open(owner)
        except sqlite3.OperationalError as error:
            self.db.close()
            if "locked" in str(error):
                raise StoreInUse(f"{self.path} is open in another process") from error
            raise
        except BaseException:
            self.db.close()
            raise

    def _open(self, owner: str) -> None:
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL", "temp_store = MEMORY"):
            self.db.execute(f"PRAGMA {pragma}").fetchall()
        with self.transaction():
            version = self.db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    self.db.execute(statement)
                self.db.execute(f"PRAGMA user_version = {VERSION}")
                self.put_meta("owner", owner)
            elif version != VERSION:
                raise ValueError(f"{self.path}: made by another version ({version}); this one writes {VERSION}")
        if (found := self.meta("owner")) != owner:
            raise ValueError(f"{self.path}: belongs to the organisation {found}, not to {owner}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that the block writes, or nothing of it."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def one(self, sql: str, *values: Any) -> Any:
        """The first row, or None."""
        return self.db.execute(sql, values).fetchone()

    def all(self, sql: str, *values: Any) -> list[Any]:
        return self.db.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        """Write; how many rows it met."""
        return self.db.execute(sql, values).rowcount

    def meta(self, key: str, default: str = "") -> str:
        row = self.one("SELECT value FROM meta WHERE key = ?", key)
        return default if row is None else str(row[0])

    def put_meta(self, key: str, value: str) -> None:
        self.run("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)

    def count(self, key: str) -> int:
        """The next number of a series, from 1."""
        number = int(self.meta(key, "0")) + 1
        self.put_meta(key, str(number))
        return number

    def close(self) -> None:
        self.db.close()
