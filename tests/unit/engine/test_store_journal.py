"""A store with a journal before its tables: what was answered is there, wherever it lies, and whenever it is killed."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
from collections import namedtuple
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from broker.engine.journal import paths
from broker.engine.limits import Limits
from broker.engine.store import Entry, State
from broker.engine.store_journal import JournalStore
from tests.conformance.engine.parts import D, E, to, until
from tests.unit.engine.test_gathered import KINDS, Book, F

ALL = 10_000_000
"""Octets; more than any page here has."""
usage = namedtuple("usage", "total used free")


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it does not depend on this machine whether there is a journal."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(0, 0, 1 << 40))


class Folds:
    """Folds go slice by slice: each next one when a test says so, or when somebody waits for the fold."""

    def __init__(self) -> None:
        self.reached = 0
        """Slices that are in the open transaction, counted over all folds."""
        self.allowed = 0

    async def pause(self, store: JournalStore) -> None:
        self.reached += 1
        while self.reached > self.allowed and not store._hurry.is_set():  # noqa: ASYNC110 - whichever comes first
            await asyncio.sleep(0.001)

    async def step(self, store: JournalStore) -> bool:
        """One slice more; whether the fold is still under way."""
        self.allowed = self.reached
        before = self.reached
        await until(lambda: self.reached > before or not folding(store))
        return folding(store)


@pytest.fixture
def folds(monkeypatch: pytest.MonkeyPatch) -> Folds:
    """Folds begin when a test says so, in slices of two messages."""
    made = Folds()

    async def pause(store: JournalStore) -> None:
        await made.pause(store)

    monkeypatch.setattr(JournalStore, "_pause", pause)
    monkeypatch.setattr("broker.engine.store_journal.AGE", 1_000_000.0)
    monkeypatch.setattr("broker.engine.gathered.SLICE", 2)
    return made


def folding(store: JournalStore) -> bool:
    return store._fold is not None and not store._fold.done()


async def begin(store: JournalStore, folds: Folds) -> None:
    """A fold that stands still after its first slice."""
    before = folds.allowed = folds.reached
    store._begin_fold()
    await until(lambda: folds.reached > before)


@asynccontextmanager
async def opened(directory: Path, **limits: Any) -> AsyncIterator[JournalStore]:
    store = JournalStore(directory / "dueslag.sqlite", full=False, limits=Limits(**{"min_free_disk": 0} | limits))
    await store.open()
    try:
        yield store
    finally:
        await store.close(clean=False)


def killed(directory: Path, to: Path) -> Path:
    """What a kill in this moment leaves: the files as they are (the thread of the tables has nothing to do)."""
    to.mkdir()
    for file in directory.glob("dueslag.*"):
        shutil.copyfile(file, to / file.name)
    return to


async def pages(store: JournalStore, dueslag: str, limit: int = 3, size: int = ALL) -> list[Entry]:
    """All that is ready, page by page."""
    entries: list[Entry] = []
    while True:
        page = await store.page(dueslag, entries[-1].id if entries else 0, limit, size)
        entries += page.entries
        if page.complete:
            return entries
        assert page.entries


def plain(entry: Entry) -> tuple[object, ...]:
    besked = entry.besked
    assert besked is not None
    return (entry.id, entry.dueslag, entry.abonnement, entry.keep, entry.attempts, entry.redelivered, entry.seq,
            entry.besked_id, entry.size, besked.besked_id, besked.data, besked.digest)  # fmt: skip


def waiting(book: Book, dueslag: str) -> list[tuple[object, ...]]:
    """What is to be ready there, in order."""
    return [plain(book.live[id][0]) for id in book.ids(dueslag)]


async def resent(store: JournalStore, book: Book) -> dict[str, bytes]:
    """The digest that each BeskedId is known with."""
    names = [*book.digests]
    for name in names:
        book.accept(name, to(D), b"something else")
    known = await store.commit(book.seal())
    return {name: known[position] for position, name in enumerate(names) if position in known}


async def all_there(directory: Path, book: Book) -> None:
    """A new run finds exactly what was answered."""
    store = JournalStore(directory / "dueslag.sqlite", full=False, limits=Limits(min_free_disk=0))
    found = await store.open()
    try:
        assert (found.last_id, found.last_seq) == (book.last_id, book.last_seq)
        for dueslag in (D, E, F):
            counts = found.counts.get(dueslag, [0, 0, 0])
            assert counts == [len(book.ids(dueslag, state)) for state in State]
            assert [plain(one) for one in await pages(store, dueslag, 100)] == waiting(book, dueslag)
            dead = [book.live[id][0] for id in book.ids(dueslag, State.DEAD)]
            seen = await store.glimpse(dueslag, (State.DEAD,), 0, 1_000, True)
            assert [(one.id, one.besked) for one in seen] == [(one.id, one.besked) for one in dead]
        digests = dict(book.digests)
        last = book.last_id, book.last_seq
        assert await resent(store, book) == digests
        book.last_id, book.last_seq = last
    finally:
        await store.close(clean=False)


KINDS_BUT_HAND = tuple(kind for kind in KINDS if kind != "hand")


@pytest.mark.parametrize("seed", range(3))
async def test_killed_at_any_moment(tmp_path: Path, folds: Folds, seed: int) -> None:
    """Killed after any batch, and anywhere in the middle of a fold: the next run has exactly what was answered, once,
    in order, with its bodies and what came back, and knows every BeskedId."""
    chance, book, kills = random.Random(seed), Book(), 0
    async with opened(tmp_path) as store:
        for _ in range(9):
            for _ in range(chance.randrange(1, 12)):
                book.do(chance.choice(KINDS_BUT_HAND), chance.randrange(1_000))
            await store.commit(book.seal())
            if not folding(store) and chance.random() < 0.6:
                await begin(store, folds)
            elif folding(store) and chance.random() < 0.6:
                await folds.step(store)
            kills += 1
            await all_there(killed(tmp_path, tmp_path / f"{kills}"), book)
    await all_there(tmp_path, book)


@pytest.mark.parametrize("disturbed", [False, True])
@pytest.mark.parametrize("seed", range(8))
async def test_pages_while_it_is_taken_in(tmp_path: Path, folds: Folds, seed: int, disturbed: bool) -> None:
    """Whatever of a fold is in the tables so far: reading page by page gives every delivery that waits, in order, none
    twice, none that was settled, whether in another batch of the same fold, or since."""
    chance, book = random.Random(seed), Book()
    kinds = KINDS_BUT_HAND if disturbed else ("accept", "accept", "settle")
    async with opened(tmp_path) as store:
        for _ in range(25):
            for _ in range(chance.randrange(1, 10)):
                book.do(chance.choice(kinds), chance.randrange(1_000))
            await store.commit(book.seal())
            if not folding(store) and chance.random() < 0.5:
                await begin(store, folds)
            if folding(store):
                for _ in range(chance.randrange(4)):
                    await folds.step(store)
            if chance.random() < 0.3:
                limit, size = chance.randrange(1, 5), chance.choice([1, 900, ALL])
                for dueslag in (D, E, F):
                    assert [plain(one) for one in await pages(store, dueslag, limit, size)] == waiting(book, dueslag)


async def test_a_page_does_not_wait_for_a_fold(tmp_path: Path, folds: Folds) -> None:
    """A vendor that is far behind is served from the tables while a fold stands still in the middle; what was settled
    in the journal is left out, of messages to several dueslag, too."""
    book = Book()
    async with opened(tmp_path) as store:
        for n in range(10):
            book.accept(f"old{n}", to(D, E))
        await store.commit(book.seal())
        await store._settle()
        for id in book.ids(D)[:3]:
            book.settle(id)
        for n in range(10):
            book.accept(f"new{n}", to(D, E))
        for id in book.ids(D)[8:10]:
            book.settle(id)
        await store.commit(book.seal())
        await begin(store, folds)
        book.settle(book.ids(D)[1])
        await store.commit(book.seal())
        page = await store.page(D, 0, 8, ALL)
        assert [plain(one) for one in page.entries] == waiting(book, D)[:4]
        assert not page.complete
        assert folding(store)
        page = await store.page(E, 0, 8, ALL)
        assert [plain(one) for one in page.entries] == waiting(book, E)[:8]
        assert folding(store)
        assert [plain(one) for one in await pages(store, D)] == waiting(book, D)
        assert [plain(one) for one in await pages(store, E)] == waiting(book, E)


async def test_a_page_of_settled_deliveries_is_passed_over(tmp_path: Path, folds: Folds) -> None:
    """Where all that a page would show is settled in the journal, what comes after it is shown: an empty page would
    read as an empty dueslag."""
    book = Book()
    async with opened(tmp_path) as store:
        for n in range(12):
            book.accept(f"m{n}", to(D))
        await store.commit(book.seal())
        await store._settle()
        for id in book.ids(D)[:7]:
            book.settle(id)
        await store.commit(book.seal())
        page = await store.page(D, 0, 3, ALL)
        assert [one.id for one in page.entries] == book.ids(D)[:2]
        assert not page.complete
        assert [plain(one) for one in await pages(store, D)] == waiting(book, D)


@pytest.mark.parametrize("read_in", [False, True])
async def test_a_resend_is_known_wherever_the_first_one_lies(tmp_path: Path, folds: Folds, read_in: bool) -> None:
    """In the journal only, in what is being taken in (slices that are in the tables and slices that are not), in the
    tables: a BeskedId is known, each time with the digest of the first; settled or not, routed or not; one that was
    never sent is not."""
    book = Book()
    async with opened(tmp_path) as store:
        while read_in and await store.tidy(0.0) is not None:
            pass
        for stage in ("tables", "fold", "journal"):
            for n in range(6):
                book.accept(f"{stage}{n}", to(D, E) if n % 3 else [])
            await store.commit(book.seal())
            book.settle(book.ids(D)[-1])
            await store.commit(book.seal())
            if stage == "tables":
                await store._settle()
            elif stage == "fold":
                await begin(store, folds)
        digests = dict(book.digests)
        assert len(digests) == 18
        assert await resent(store, book) == digests
        assert folding(store)
        book.accept("never", [])
        assert await store.commit(book.seal()) == {}
        while await folds.step(store):
            assert (await resent(store, book))["fold0"] == digests["fold0"]
        assert await resent(store, book) == dict(book.digests)
        await store._settle()
        assert await resent(store, book) == dict(book.digests)


async def test_with_a_bound_there_is_no_journal(tmp_path: Path) -> None:
    """With `max_bytes`, and on a disk that is nearly full, batches go to the tables, where it is known whether there
    is room; what was in the journal before is taken in first."""
    book = Book()
    async with opened(tmp_path, max_bytes=10_000_000) as store:
        book.accept("a", to(D))
        await store.commit(book.seal())
        assert [path.stat().st_size for path in paths(tmp_path / "dueslag.sqlite")] == [0, 0]
    await all_there(tmp_path, book)


async def test_a_disk_that_gets_full_ends_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When there is no longer room for both, what is in the journal is taken in, and nothing more comes there."""
    book = Book()
    async with opened(tmp_path) as store:
        book.accept("a", to(D))
        await store.commit(book.seal())
        assert store._journal.size > 0
        monkeypatch.setattr("shutil.disk_usage", lambda _: usage(0, 0, 100_000_000))
        book.accept("b", to(D))
        book.settle(book.ids(D)[0])
        await store.commit(book.seal())
        assert store._journal.size == 0
        await all_there(killed(tmp_path, tmp_path / "killed"), book)
        monkeypatch.setattr("shutil.disk_usage", lambda _: usage(0, 0, 1 << 40))
        book.accept("c", to(D))
        await store.commit(book.seal())
        assert store._journal.size > 0
    await all_there(tmp_path, book)


async def test_a_stop_leaves_one_file(tmp_path: Path, folds: Folds) -> None:
    """After a stop all is in the database, and nothing beside it; a kill leaves the journal."""
    book = Book()
    async with opened(tmp_path) as store:
        for n in range(5):
            book.accept(f"m{n}", to(D))
        await store.commit(book.seal())
        await begin(store, folds)
        book.accept("more", to(D))
        await store.commit(book.seal())
        copy = killed(tmp_path, tmp_path / "killed")
    assert sorted(os.listdir(tmp_path)) == ["dueslag.sqlite", "killed"]
    assert all(path.stat().st_size for path in paths(copy / "dueslag.sqlite"))
    await all_there(copy, book)
    await all_there(tmp_path, book)


async def test_the_files_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal file that is long enough is followed by the other; what is taken in makes room, and nothing is
    written over that is not in the tables."""
    monkeypatch.setattr("broker.engine.store_journal.FILE", 2_000)
    monkeypatch.setattr("broker.engine.store_journal.AGE", 1_000_000.0)
    book = Book()
    async with opened(tmp_path) as store:
        for n in range(40):
            book.accept(f"m{n}", to(D, E), b"x" * 500)
            if n % 3 == 0:
                book.settle(book.ids(D)[0])
            await store.commit(book.seal())
            assert store._journal.size < 4_000
        assert store._journal.generation > 8
        await store._settle()
        await all_there(killed(tmp_path, tmp_path / "killed"), book)
    await all_there(tmp_path, book)


async def test_it_is_taken_in_by_and_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody needs to ask: what is in the journal gets to the tables after a while, and that again and again."""
    monkeypatch.setattr("broker.engine.store_journal.AGE", 0.001)
    book = Book()
    async with opened(tmp_path) as store:
        for n in range(3):
            book.accept(f"m{n}", to(D))
            await store.commit(book.seal())
            await until(lambda: not store._gathered and not folding(store))
            page = await store._tables.page(D, 0, 10, ALL)
            assert [one.id for one in page.entries] == book.ids(D)


async def test_housekeeping_does_not_wait_for_a_fold(tmp_path: Path, folds: Folds) -> None:
    """Batches wait for housekeeping, so it does not wait for a fold, but is done after it; asked for all, it waits."""
    book = Book()
    async with opened(tmp_path) as store:
        for n in range(6):
            book.accept(f"m{n}", to(D))
        await store.commit(book.seal())
        await begin(store, folds)
        assert await store.tidy(0.0), "to be asked again"
        assert folding(store)
        await store.tidy(0.0, newest=True)
        assert not folding(store)
