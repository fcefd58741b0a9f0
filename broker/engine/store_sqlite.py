"""A store in one SQLite file: WAL, a batch per transaction, a transaction per statement."""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic_core import to_json

from broker.engine import sqlite_fejlkoe as fejlkoe
from broker.engine import sqlite_read as read
from broker.engine.known import Seen
from broker.engine.limits import Limits
from broker.engine.sqlite_names import Names
from broker.engine.sqlite_open import PAGE_SIZE, connect, refusal
from broker.engine.sqlite_rows import besked_hash, head, keep_text
from broker.engine.sqlite_schema import GENERATION, WRITE_BATCH, settle
from broker.engine.sqlite_thread import SqliteThread, ThreadConnection
from broker.engine.sqlite_tidy import Tidy
from broker.engine.store import Batch, Dead, Due, Located, Moved, Opened, Page, Selection, State, StoreFull
from broker.ports import Glimpse, StoredBesked

FILE_NAME = "dueslag.sqlite"
NEAR = 64 * 1024 * 1024
"""Bytes above what is to stay free, from which on it is looked at exactly: more than a batch and a checkpoint."""
SLICE = 2_000
"""Deliveries moved or removed in one transaction."""

T = TypeVar("T")


class SqliteStore:
    """`broker.engine.store.Store` in the file ``path``; ``full``: every commit reaches the disk before it is told."""

    def __init__(self, path: Path, *, full: bool = True, limits: Limits | None = None) -> None:
        self._path = path
        self._full = full
        self._limits = limits or Limits()
        self._thread: SqliteThread | None = None
        self._names = Names()
        self._flagged: dict[str, int] = {}
        """Up to which id deliveries of a dueslag may have been handed out before a kill."""
        self._seen = Seen(self._limits.idempotency_limit)
        self._tidy = Tidy(self._limits, self._seen)

    async def open(self) -> Opened:
        self._thread = await connect(self._path, self._full, self._limits)
        opened, self._names, self._flagged = await self._run(read.opened)
        return opened

    async def close(self, clean: bool) -> None:
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            if clean:
                await thread.run(lambda connection: connection.execute("DELETE FROM udleveret"))
        except sqlite3.Error as error:
            raise refusal(self._path, error) from error
        finally:
            await thread.close()

    async def _run(self, function: Callable[[ThreadConnection], T]) -> T:
        assert self._thread is not None, "the store is not open"
        try:
            return await self._thread.run(function)
        except (sqlite3.Error, OSError) as error:
            raise refusal(self._path, error) from error

    # writing
    async def commit(self, batch: Batch) -> dict[int, bytes]:
        return await self._run(lambda connection: self._write(connection, batch))

    def _look_at_disk(self, connection: ThreadConnection, size: int) -> None:
        """Before every batch: between two looks a second apart, a fast sender fills more than what is kept free.

        What the next checkpoint will add to the file is spent already; pages that acks gave back are free, though the
        file does not shrink: it takes new messages there.
        """
        needed = self._limits.min_free_disk
        free = shutil.disk_usage(self._path.parent).free - size
        if free >= needed + NEAR:
            return
        in_file = connection.one("PRAGMA page_count") - connection.one("PRAGMA freelist_count")
        free += self._path.stat().st_size - in_file * PAGE_SIZE
        if free < needed:
            raise StoreFull(f"The disk of {self._path.parent} is nearly full: {free} bytes free, {needed} needed")

    def _write(self, connection: ThreadConnection, batch: Batch) -> dict[int, bytes]:
        """In the thread."""
        if batch.beskeder:
            self._look_at_disk(connection, sum([len(pending.besked.data) for pending in batch.beskeder]))
        names = self._names
        hashes = [besked_hash(pending.besked.besked_id) for pending in batch.beskeder]
        known = self._known(connection, batch, hashes)
        heads, rows, bodies, settled, gens, offset = [], [], [], [], set(), 1
        for position, pending in enumerate(batch.beskeder):
            if position in known:
                continue
            besked = pending.besked
            length = len(besked.data) if pending.routing or self._limits.retention else -1
            heads.append(head(besked, hashes[position], names[besked.afsender], offset, length))
            gens.add(besked.seq // GENERATION)
            if length >= 0:
                bodies.append(besked.data)
                offset += length
            for id, routing in enumerate(pending.routing, pending.first):
                rows.append(
                    (names[routing.dueslag], int(routing.held), id, besked.seq, names[routing.abonnement],
                     keep_text(routing.keep))
                )  # fmt: skip
            if not pending.routing:
                settled.append(besked.seq)
        touched = [(names[one.dueslag], one.id, one.attempts) for one in batch.touched.values()]
        dead = [
            (names[one.entry.dueslag], one.entry.id, one.entry.seq, names[one.entry.abonnement],
             keep_text(one.entry.keep), one.entry.attempts, one.reason, one.died)
            for one in batch.dead
        ]  # fmt: skip
        gone = [(names[dueslag], int(state), id) for dueslag, state, id, _ in batch.gone]  # an enum takes JSON 3 µs
        settled += [seq for _, _, _, seq in batch.gone]
        handed = [names[name] for name in batch.handed]
        arrays = (names.new, heads, rows, touched, dead, gone, settled, handed, list(gens))
        try:
            connection.execute(
                WRITE_BATCH,
                (*(to_json(one).decode() if one else "[]" for one in arrays), batch.now, batch.last_id, batch.last_seq,
                 b"".join(bodies)),
            )  # fmt: skip
        except BaseException:
            names.forget_new()
            raise
        names.keep_new()
        for position, hash in enumerate(hashes):
            if position not in known:
                self._seen.add(hash)
        return known

    def _known(self, connection: ThreadConnection, batch: Batch, hashes: list[int]) -> dict[int, bytes]:
        """Which messages of the batch were accepted before, with the digest of then."""
        maybe = {
            position: (hash, self._names.get(batch.beskeder[position].besked.afsender))
            for position, hash in enumerate(hashes)
            if not self._tidy.loaded or hash in self._seen
        }
        return read.known(connection, maybe) if maybe else {}

    async def remove(self, selection: Selection, after: int) -> Moved:
        def work(connection: ThreadConnection) -> Moved:
            moved, chosen = read.selected(connection, self._names, selection, after, SLICE)
            if chosen:
                seqs = json.dumps([seq for _, seq in chosen])
                with connection.transaction():
                    connection.execute(
                        "DELETE FROM leverance WHERE dueslag = ? AND state = ?"
                        " AND id IN (SELECT value FROM json_each(?))",
                        (self._names[selection.dueslag], selection.state, json.dumps([id for id, _ in chosen])),
                    )
                    self._settle(connection, seqs)
            return moved

        return await self._run(work)

    def _settle(self, connection: ThreadConnection, seqs: str) -> None:
        """Messages (JSON) that may have lost their last delivery, outside of a batch."""
        statement = settle(":seqs", ":now", self._limits.retention > 0)
        connection.execute(statement, {"seqs": seqs, "now": time.time()})

    async def make_ready(self, selection: Selection, after: int, redelivered: bool) -> Moved:
        def work(connection: ThreadConnection) -> Moved:
            moved, chosen = read.selected(connection, self._names, selection, after, SLICE)
            if chosen:
                connection.execute(
                    "UPDATE leverance SET state = 0, redelivered = max(redelivered, ?), reason = NULL, died = NULL"
                    " WHERE dueslag = ? AND state = ? AND id IN (SELECT value FROM json_each(?))",
                    (
                        redelivered,
                        self._names[selection.dueslag],
                        selection.state,
                        json.dumps([id for id, _ in chosen]),
                    ),
                )
            return moved

        return await self._run(work)

    async def add_dead(self, dead: Dead, besked: StoredBesked | None, last_id: int, last_seq: int) -> None:
        def work(connection: ThreadConnection) -> None:
            self._look_at_disk(connection, len(besked.data) if besked is not None else 0)
            fejlkoe.add_dead(connection, self._names, dead, besked, last_id, last_seq)

        await self._run(work)

    async def tidy(self, now: float) -> float | None:
        return await self._run(lambda connection: self._tidy.slice(connection, now))

    async def clear(self) -> None:
        await self._run(read.clear)
        self._flagged.clear()
        self._seen = Seen(self._limits.idempotency_limit)
        self._tidy = Tidy(self._limits, self._seen)

    # reading
    async def page(self, dueslag: str, after: int, limit: int, size: int) -> Page:
        flagged = self._flagged.get(dueslag, 0)
        return await self._run(
            lambda connection: read.page(connection, self._names, dueslag, flagged, after, limit, size)
        )

    async def load(self, seqs: Sequence[int]) -> dict[int, StoredBesked]:
        return await self._run(lambda connection: read.beskeder(connection, seqs))

    async def glimpse(self, dueslag: str, states: Sequence[State], after: int, limit: int, body: bool) -> list[Glimpse]:
        flagged = self._flagged.get(dueslag, 0)
        return await self._run(
            lambda connection: read.glimpses(connection, self._names, dueslag, flagged, states, after, limit, body)
        )

    async def find(self, besked_id: str) -> list[StoredBesked]:
        return await self._run(lambda connection: read.find(connection, besked_id))

    async def locate(self, dueslag: str, afsender: str, besked_id: str) -> Located:
        flagged = self._flagged.get(dueslag, 0)
        return await self._run(
            lambda connection: fejlkoe.locate(connection, self._names, dueslag, flagged, afsender, besked_id)
        )

    async def expired(self, now: float, after: tuple[float, int], limit: int) -> tuple[list[Due], tuple[float, int]]:
        return await self._run(lambda connection: read.expired(connection, self._names, now, after, limit))

    async def next_expiry(self, after: float) -> float | None:
        return await self._run(lambda connection: read.next_expiry(connection, after))
