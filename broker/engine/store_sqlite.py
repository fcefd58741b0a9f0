"""A store in one SQLite file: WAL, a batch per transaction, a transaction per statement."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from broker.core.sent import Octets
from broker.core.stored import StoredBesked
from broker.engine import sqlite_fejlkoe as fejlkoe
from broker.engine import sqlite_read as read
from broker.engine.flat import Flat, Slice, flatten, note
from broker.engine.known import Seen
from broker.engine.limits import Limits
from broker.engine.sqlite_names import Names
from broker.engine.sqlite_open import PAGE_SIZE, connect, refusal
from broker.engine.sqlite_rows import besked_hashes, head_row, json_text, keep_text
from broker.engine.sqlite_schema import GENERATION, WRITE_BATCH, settle
from broker.engine.sqlite_thread import SqliteThread, ThreadConnection
from broker.engine.sqlite_tidy import Tidy
from broker.engine.store import Batch, Dead, Due, Located, Moved, Opened, Page, Selection, State, StoreFull
from broker.ports import Glimpse

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
        await self.connect()
        return await self.opened()

    async def connect(self) -> int:
        """The first half of `open`; the generation of the journal that the tables stand at."""
        self._thread = await connect(self._path, self._full, self._limits)
        self._names = await self._run(read.names)
        applied: int = await self._run(lambda connection: connection.one("SELECT journal FROM stand"))
        return applied

    async def opened(self) -> Opened:
        """The other half: what the file holds."""
        opened, self._flagged = await self._run(lambda connection: read.opened(connection, self._names))
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
        flat, bodies = flatten(batch, self._limits.retention > 0)
        return await self.write(flat, b"".join(bodies))

    async def write(self, flat: Flat, bodies: Octets) -> dict[int, bytes]:
        """`commit` of a batch that is flat already."""
        return await self._run(lambda connection: self._write(connection, flat, bodies))

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

    def _write(self, connection: ThreadConnection, flat: Flat, bodies: Octets) -> dict[int, bytes]:
        """In the thread."""
        if flat.heads:
            self._look_at_disk(connection, len(bodies))
        hashes = besked_hashes([head[4] for head in flat.heads])
        maybe = self.may_know(hashes)
        known = self._known(connection, flat, hashes, maybe) if maybe else {}
        new = [one for position, one in enumerate(note(flat, bodies, hashes)) if position not in known]
        kept = [(noted, body) for noted, body in new if body is not None]
        if len(kept) < len(flat.heads):
            bodies = b"".join([body for _, body in kept])
        began = {head[0] // GENERATION: flat.now for head in flat.heads}
        self._insert(connection, Slice([noted for noted, _ in new], [noted for noted, _ in kept], bodies, flat, began))
        self._seen.add([hash for (_, _, _, hash), _ in new])
        return known

    def _insert(self, connection: ThreadConnection, slice: Slice) -> None:
        names, flat = self._names, slice.rest
        heads, rows, settled = [], [], []
        offset = 0
        for one in slice.kept:
            (seq, length, _, _, _, _, _, first, _), (afsender, _, _, routing), _, _ = one
            heads.append(head_row(one, offset, names[afsender]))
            offset += length
            for id, (dueslag, abonnement, keep, held) in enumerate(routing, first):
                rows.append((names[dueslag], int(held), id, seq, names[abonnement], keep_text(keep)))
            if not routing:
                settled.append(seq)
        records = [
            (head[0] // GENERATION, hash, names[flow[0]], head[0], digest.hex())
            for head, flow, digest, hash in slice.noted
        ]
        touched = [(names[dueslag], id, attempts) for dueslag, id, attempts in flat.touched]
        dead = [
            (names[dueslag], id, seq, names[abonnement], keep_text(keep), attempts, reason, died)
            for dueslag, id, seq, abonnement, keep, attempts, reason, died in flat.dead
        ]
        gone = [(names[dueslag], state, id) for dueslag, state, id, _ in flat.gone]
        settled += [seq for _, _, _, seq in flat.gone]
        handed = [names[name] for name in flat.handed]
        records.sort()  # in order of the tree: neighbours share a page
        arrays = (names.new, heads, records, rows, touched, dead, gone, settled, handed, [*slice.began.items()])
        try:
            connection.execute(
                WRITE_BATCH,
                (*(json_text(one) if one else "[]" for one in arrays), flat.now, flat.last_id, flat.last_seq,
                 slice.bodies),
            )  # fmt: skip
        except BaseException:
            names.forget_new()
            raise
        names.keep_new()

    def may_know(self, hashes: Sequence[int]) -> Sequence[int]:
        """Positions of the BeskedIds, by their hashes, that may have been seen: to be looked up."""
        return self._seen.among(hashes) if self._tidy.loaded else range(len(hashes))

    def remember(self, hashes: Iterable[int]) -> None:
        """BeskedIds with these hashes are going to be in the tables."""
        self._seen.add(hashes)

    async def known(self, flat: Flat, hashes: Sequence[int], positions: Sequence[int]) -> dict[int, bytes]:
        """Which of the messages at these positions the tables know, with the digest of then."""
        return await self._run(lambda connection: self._known(connection, flat, hashes, positions))

    def _known(
        self, connection: ThreadConnection, flat: Flat, hashes: Sequence[int], positions: Sequence[int]
    ) -> dict[int, bytes]:
        names, flows, heads = self._names, flat.flows, flat.heads
        asked = {one: (hashes[one], names.get(flows[heads[one][8]][0])) for one in positions}
        return read.known(connection, asked)

    async def fold(self, slices: Iterator[Slice], generation: int, pause: Callable[[], Awaitable[None]]) -> None:
        """Take a generation of the journal into the tables, all or nothing, with a pause after each slice.

        Others may read meanwhile, not write.
        """
        await self._run(lambda connection: connection.execute("BEGIN IMMEDIATE"))
        try:
            for slice in slices:
                await self._run(partial(self._fold, slice))
                await pause()
            await self._run(lambda connection: _stand_at(connection, generation))
        except BaseException:
            await self._run(self._undo)
            raise

    async def stand_at(self, generation: int) -> None:
        """What a generation of the journal holds beyond what was taken in is void."""
        await self._run(lambda connection: connection.execute("UPDATE stand SET journal = ?", (generation,)))

    def _fold(self, slice: Slice, connection: ThreadConnection) -> None:
        self._insert(connection, slice)

    def _undo(self, connection: ThreadConnection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        self._names = read.names(connection)

    async def remove(self, selection: Selection, after: int) -> Moved:
        def work(connection: ThreadConnection) -> Moved:
            moved, chosen = read.selected(connection, self._names, selection, after, SLICE)
            if chosen:
                seqs = json_text([seq for _, seq in chosen])
                with connection.transaction():
                    connection.execute(
                        "DELETE FROM leverance WHERE dueslag = ? AND state = ?"
                        " AND id IN (SELECT value FROM json_each(?))",
                        (
                            self._names[selection.dueslag],
                            selection.state,
                            json_text([id for id, _ in chosen]),
                        ),
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
                        json_text([id for id, _ in chosen]),
                    ),
                )
            return moved

        return await self._run(work)

    async def add_dead(self, dead: Dead, besked: StoredBesked | None, last_id: int, last_seq: int) -> None:
        def work(connection: ThreadConnection) -> None:
            self._look_at_disk(connection, len(besked.data) if besked is not None else 0)
            fejlkoe.add_dead(connection, self._names, dead, besked, last_id, last_seq)

        await self._run(work)

    async def tidy(self, now: float, newest: bool = False) -> float | None:
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


def _stand_at(connection: ThreadConnection, generation: int) -> None:
    connection.execute("UPDATE stand SET journal = ?", (generation,))
    connection.execute("COMMIT")
