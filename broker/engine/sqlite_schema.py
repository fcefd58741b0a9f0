"""The tables of dueslag.sqlite, and the one statement that writes a batch."""

from __future__ import annotations

from broker.engine.sqlite_thread import ThreadConnection

VERSION = 2
"""In ``PRAGMA user_version``."""
APPLICATION_ID = 0x42464455
"""In ``PRAGMA application_id``: "BFDU", tells dueslag from any other SQLite file, the register's among them."""
TABLES = frozenset({"stand", "navn", "besked", "leverance", "kendt", "kendt_gen", "udleveret", "gensendt", "afsluttet"})
"""Tables of version 1: files made before there was an application id have them, and 0."""

GENERATION = 4096
"""Messages per generation of idempotency records."""

_VERSION_1 = """
CREATE TABLE stand (
    nr INTEGER PRIMARY KEY CHECK (nr = 1),
    last_id INTEGER NOT NULL,
    last_seq INTEGER NOT NULL
);
INSERT INTO stand (nr, last_id, last_seq) VALUES (1, 0, 0);
-- names of dueslag, abonnementer and senders
CREATE TABLE navn (nr INTEGER PRIMARY KEY, tekst TEXT NOT NULL UNIQUE);
-- head: JSON array, see sqlite_rows.py
CREATE TABLE besked (seq INTEGER PRIMARY KEY, expires REAL, head TEXT NOT NULL, data BLOB NOT NULL);
CREATE INDEX besked_expires ON besked (expires) WHERE expires IS NOT NULL;
-- state: 0 ready (or out), 1 held, 2 dead
CREATE TABLE leverance (
    dueslag INTEGER NOT NULL,
    state INTEGER NOT NULL,
    id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    abonnement INTEGER NOT NULL,
    keep TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    redelivered INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    died REAL,
    PRIMARY KEY (dueslag, state, id)
) WITHOUT ROWID;
CREATE INDEX leverance_seq ON leverance (seq);
-- idempotency, in generations: BeskedIds are random, so one tree would dirty a page per message
CREATE TABLE kendt (
    gen INTEGER NOT NULL,
    h INTEGER NOT NULL,
    afsender INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (gen, h, afsender)
) WITHOUT ROWID;
CREATE TABLE kendt_gen (gen INTEGER PRIMARY KEY, first REAL NOT NULL);
-- dueslag that have handed something out in this run; rows at opening mean that the last run was killed
CREATE TABLE udleveret (dueslag INTEGER PRIMARY KEY);
-- deliveries up to this id may have been handed out by a run that was killed
CREATE TABLE gensendt (dueslag INTEGER PRIMARY KEY, upto INTEGER NOT NULL);
-- messages without deliveries left, kept for the retention period
CREATE TABLE afsluttet (nr INTEGER PRIMARY KEY, seq INTEGER NOT NULL, tid REAL NOT NULL);
"""

_VERSION_2 = """
-- the last generation of the journal that is in the tables
ALTER TABLE stand ADD COLUMN journal INTEGER NOT NULL DEFAULT 0;
"""

MIGRATIONS = (_VERSION_1, _VERSION_2)
"""Script number n makes version n + 1 of version n."""

_BATCH_VIEW = """
CREATE TEMP VIEW batch
(names, heads, known, rows, touched, dead, gone, settled, handed, gens, now, last_id, last_seq, bodies)
AS SELECT 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
"""

_BATCH_TRIGGER = """
CREATE TEMP TRIGGER write_batch INSTEAD OF INSERT ON batch BEGIN
    INSERT INTO navn SELECT value ->> 0, value ->> 1 FROM json_each(new.names);
    INSERT INTO besked
        SELECT value ->> 0, value ->> 3, value, ifnull(substr(new.bodies, value ->> 1, value ->> 2), x'')
        FROM json_each(new.heads);
    INSERT OR IGNORE INTO kendt
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(new.known);
    INSERT OR IGNORE INTO kendt_gen SELECT value ->> 0, value ->> 1 FROM json_each(new.gens);
    INSERT INTO leverance (dueslag, state, id, seq, abonnement, keep)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
        FROM json_each(new.rows);
    UPDATE leverance SET attempts = t.value ->> 2, redelivered = 1 FROM json_each(new.touched) t
        WHERE leverance.dueslag = t.value ->> 0 AND leverance.state = 0 AND leverance.id = t.value ->> 1;
    INSERT INTO leverance (dueslag, state, id, seq, abonnement, keep, attempts, redelivered, reason, died)
        SELECT value ->> 0, 2, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, 1, value ->> 6,
               value ->> 7
        FROM json_each(new.dead);
    DELETE FROM leverance WHERE (dueslag, state, id) IN
        (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(new.gone));
    {settle}
    INSERT OR IGNORE INTO udleveret SELECT value FROM json_each(new.handed);
    UPDATE stand SET last_id = new.last_id, last_seq = new.last_seq;
END
"""

_UNUSED = "(SELECT value FROM json_each({source})) AND NOT EXISTS (SELECT 1 FROM leverance l WHERE l.seq = besked.seq)"

WRITE_BATCH = "INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def settle(source: str, now: str, retained: bool) -> str:
    """The statement for messages (JSON array ``source`` of seqs) that may have lost their last delivery."""
    unused = _UNUSED.format(source=source)
    if retained:
        return f"INSERT INTO afsluttet (seq, tid) SELECT seq, {now} FROM besked WHERE seq IN {unused}"  # noqa: S608
    return f"DELETE FROM besked WHERE seq IN {unused}"  # noqa: S608


def migrate(connection: ThreadConnection) -> None:
    """Bring the tables to `VERSION`; each step is all or nothing."""
    for version in range(connection.one("PRAGMA user_version"), VERSION):
        connection.executescript(f"BEGIN IMMEDIATE; {MIGRATIONS[version]} PRAGMA user_version = {version + 1}; COMMIT;")


def prepare_batches(connection: ThreadConnection, retained: bool) -> None:
    """Let `WRITE_BATCH` do everything a batch asks for in one statement, which is one transaction."""
    connection.execute(_BATCH_VIEW)
    trigger = _BATCH_TRIGGER.format(settle=settle("new.settled", "new.now", retained) + ";")
    connection.execute(trigger)
