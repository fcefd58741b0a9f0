"""A store with a journal before its tables: a batch is durable once it is in the journal (ADR 0024)."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Sequence, Set
from pathlib import Path
from typing import NamedTuple

from broker.core.sent import Octets
from broker.core.stored import StoredBesked
from broker.engine.flat import Flat, flatten, pack, unpack
from broker.engine.gathered import Gathered
from broker.engine.journal import FILE, Journal, left
from broker.engine.limits import Limits
from broker.engine.sqlite_open import refusal
from broker.engine.sqlite_rows import besked_hashes
from broker.engine.store import Batch, Dead, Due, Located, Moved, Opened, Page, Selection, State
from broker.engine.store_sqlite import NEAR, SqliteStore
from broker.errors import StoreError
from broker.ports import Glimpse

AGE = 1.0
"""Seconds after which what is in the journal is taken into the tables."""
PAUSE = 0.01
"""Seconds at most between slices of a fold that nobody waits for, so that commits have the processor first."""
FEW = 500
"""Messages that are taken in quickly."""
ROOM = 4 * FILE + NEAR
"""Octets of free disk above what is to stay free, below which the journal is not used: it would need some itself."""


class Appended(NamedTuple):
    """A batch that is in the journal."""

    flat: Flat
    bodies: Octets
    hashes: Sequence[int]
    known: Set[int]
    """Positions of messages that are left out."""


class JournalStore:
    """`broker.engine.store.Store`: a `SqliteStore` behind a `Journal`.

    Batches go to the journal, and from there into the tables, many at a time, in the background (a fold).  Before
    anything is read from the tables, or changed there, all that the journal holds is taken in.  With a bound on the
    store's size (`Limits.max_bytes`), and where the disk is nearly full, batches go to the tables as before: what is
    in the journal must be sure to have room there.
    """

    def __init__(self, path: Path, *, full: bool = True, limits: Limits | None = None) -> None:
        self._path = path
        self._full = full
        self._limits = limits or Limits()
        self._tables = SqliteStore(path, full=full, limits=self._limits)
        self._journal = Journal(path, full=full)
        self._gathered = Gathered(self._retained)
        self._appended: Appended | None = None
        """The last batch, where it is in the journal and not in ``_gathered`` yet."""
        self._folding: tuple[Gathered, int] | None = None
        """What is being taken in, or could not be yet; and its generation."""
        self._fold: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        """Somebody waits for the fold."""
        self._due: float | None = None
        """Housekeeping is due, as of then."""
        self._spoiled = False
        """The journal may have a batch at its end that was not answered, and may be written elsewhere."""
        self._trouble: StoreError | None = None
        """Why the last fold failed."""
        self._timer: asyncio.TimerHandle | None = None

    @property
    def _retained(self) -> bool:
        return self._limits.retention > 0

    async def open(self) -> Opened:
        applied = await self._tables.connect()
        try:
            for generation, batches in left(self._path, applied, full=self._full).items():
                gathered = Gathered(self._retained)
                for one in batches:
                    hashes = besked_hashes([head[4] for head in one.flat.heads])
                    gathered.add(one.flat, one.bodies, hashes, one.known)
                if gathered:
                    await self._tables.fold(gathered.slices(), generation, _at_once)
                applied = generation
            self._journal.start(applied + 1)
            return await self._tables.opened()
        except BaseException as error:
            self._journal.close()
            await self._tables.close(clean=False)
            if isinstance(error, OSError):
                raise refusal(self._path, error) from error
            raise

    async def close(self, clean: bool) -> None:
        settled = False
        try:
            with contextlib.suppress(StoreError):
                await self._settle()
                settled = True
        finally:
            if settled:
                self._journal.remove()
            else:
                self._journal.close()  # the next run takes it in
            await self._tables.close(clean and settled)

    # writing
    async def commit(self, batch: Batch) -> dict[int, bytes]:
        flat, bodies = flatten(batch, self._retained)
        known = await self.write(pack(flat), b"".join(bodies))
        self.take_in()
        return known

    async def write(self, packed: Octets, bodies: Octets) -> dict[int, bytes]:
        """`commit` of a batch that is flat and packed already; to be followed by `take_in`, which senders need not
        wait for."""
        assert self._appended is None, "the last batch was not taken in"
        flat = unpack(packed)
        if self._trouble is not None or not self._has_room(len(packed) + len(bodies)):
            await self._settle()
            return await self._tables.write(flat, bodies)
        hashes = besked_hashes([head[4] for head in flat.heads])
        known = await self._known(flat, hashes)
        if self._journal.size >= FILE:
            await self._turn()
        try:
            self._journal.append(packed, list(known), bodies)
        except OSError as error:
            self._spoiled = True
            raise refusal(self._path, error) from error
        self._spoiled = False
        self._appended = Appended(flat, bodies, hashes, known.keys())
        return known

    def take_in(self) -> None:
        """Note what the journal's last batch holds."""
        appended, self._appended = self._appended, None
        if appended is None:
            return
        flat, bodies, hashes, known = appended
        self._tables.remember([hash for position, hash in enumerate(hashes) if position not in known])
        self._gathered.add(flat, bodies, hashes, known)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(AGE, self._aged)

    def _has_room(self, size: int) -> bool:
        if self._limits.max_bytes is not None:
            return False
        free = shutil.disk_usage(self._path.parent).free
        return free - size >= self._limits.min_free_disk + ROOM

    async def _known(self, flat: Flat, hashes: Sequence[int]) -> dict[int, bytes]:
        known: dict[int, bytes] = {}
        maybe = []
        folding = None if self._folding is None else self._folding[0]
        for position in self._tables.may_know(hashes):
            head = flat.heads[position]
            afsender, besked_id = flat.flows[head[8]][0], head[4]
            digest = self._gathered.digest(afsender, besked_id)
            if digest is None and folding is not None:
                digest = folding.digest(afsender, besked_id)
            if digest is None:
                maybe.append(position)
            else:
                known[position] = digest
        if maybe:
            known |= await self._tables.known(flat, hashes, maybe)
        return known

    # from the journal into the tables
    def _aged(self) -> None:
        self.take_in()
        self._timer = None
        if self._fold is not None and not self._fold.done():
            self._timer = asyncio.get_running_loop().call_later(AGE, self._aged)
        elif self._gathered and self._folding is None:
            self._begin_fold()

    async def _turn(self) -> None:
        """Make the other file free, and go on there."""
        self._hurry.set()
        if self._fold is not None:
            await self._fold
        if self._trouble is not None:
            await self._fold_again()
        if self._gathered:
            self._begin_fold()

    def _begin_fold(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._hurry.clear()
        assert self._folding is None, "its file would be written over"
        gathered, self._gathered = self._gathered, Gathered(self._retained)
        self._folding = (gathered, self._journal.turn())
        self._fold = asyncio.get_running_loop().create_task(self._do_fold())

    async def _do_fold(self) -> None:
        assert self._folding is not None
        gathered, generation = self._folding
        try:
            await self._tables.fold(gathered.slices(), generation, self._pause)
        except StoreError as error:
            self._trouble = error
        except Exception as error:  # a fault of ours: what was answered stays in the journal until it is mended
            self._trouble = StoreError(f"{self._path}: what is in the journal cannot be taken in: {error!r}")
            self._trouble.__cause__ = error
        else:
            self._folding = self._trouble = None
            await self._tidy_up()

    async def _tidy_up(self) -> None:
        """Housekeeping that was asked for while there was much to do, until it is done or somebody waits."""
        now, self._due = self._due, None
        try:
            while now is not None and not self._hurry.is_set() and await self._tables.tidy(now) == 0:
                await self._pause()
        except StoreError:
            self._due = now  # the next one will say it, if it is so

    async def _pause(self) -> None:
        """The shorter, the sooner somebody will have to wait."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), PAUSE * max(0.0, 1 - self._journal.size / FILE))

    async def _fold_again(self) -> None:
        """What could not be taken in: once more.  Raises StoreError."""
        await self._do_fold()
        if self._trouble is not None:
            raise self._trouble

    async def _settle(self) -> None:
        """Returns when the tables hold everything, and may be written to.  Raises StoreError."""
        await self._turn()
        self._hurry.set()
        if self._fold is not None:
            await self._fold
        if self._trouble is not None:
            raise self._trouble
        if self._spoiled:
            await self._tables.stand_at(self._journal.turn())
            self._spoiled = False

    async def tidy(self, now: float, newest: bool = False) -> float | None:
        """Under load it is done after the next fold, in the background: batches would wait for it."""
        busy = self._fold is not None and not self._fold.done()
        if not newest and (busy or len(self._gathered) > FEW):
            self._due = now
            return AGE
        await self._settle()
        return await self._tables.tidy(now)

    async def remove(self, selection: Selection, after: int) -> Moved:
        await self._settle()
        return await self._tables.remove(selection, after)

    async def make_ready(self, selection: Selection, after: int, redelivered: bool) -> Moved:
        await self._settle()
        return await self._tables.make_ready(selection, after, redelivered)

    async def add_dead(self, dead: Dead, besked: StoredBesked | None, last_id: int, last_seq: int) -> None:
        await self._settle()
        await self._tables.add_dead(dead, besked, last_id, last_seq)

    async def clear(self) -> None:
        await self._settle()
        await self._tables.clear()

    # reading
    async def page(self, dueslag: str, after: int, limit: int, size: int) -> Page:
        """From the tables as they stand, as long as they have enough: who is far behind need not wait for a fold."""
        while not self._changed():
            gone = self._gathered.gone  # as of now: a fold may end before the page is here, and the page be from before
            folding = self._folding[0].gone if self._folding is not None else ()
            page = await self._tables.page(dueslag, after, limit, size)
            if page.complete:
                break
            last = page.entries[-1].id
            page.entries = [entry for entry in page.entries if entry.id not in gone and entry.id not in folding]
            if page.entries:
                return page
            after = last
        await self._settle()
        return await self._tables.page(dueslag, after, limit, size)

    def _changed(self) -> bool:
        return self._gathered.changed or (self._folding is not None and self._folding[0].changed)

    async def load(self, seqs: Sequence[int]) -> dict[int, StoredBesked]:
        await self._settle()
        return await self._tables.load(seqs)

    async def glimpse(self, dueslag: str, states: Sequence[State], after: int, limit: int, body: bool) -> list[Glimpse]:
        await self._settle()
        return await self._tables.glimpse(dueslag, states, after, limit, body)

    async def find(self, besked_id: str) -> list[StoredBesked]:
        await self._settle()
        return await self._tables.find(besked_id)

    async def locate(self, dueslag: str, afsender: str, besked_id: str) -> Located:
        await self._settle()
        return await self._tables.locate(dueslag, afsender, besked_id)

    async def expired(self, now: float, after: tuple[float, int], limit: int) -> tuple[list[Due], tuple[float, int]]:
        await self._settle()
        return await self._tables.expired(now, after, limit)

    async def next_expiry(self, after: float) -> float | None:
        await self._settle()
        return await self._tables.next_expiry(after)


async def _at_once() -> None:
    """No pause: nobody else is there yet."""
