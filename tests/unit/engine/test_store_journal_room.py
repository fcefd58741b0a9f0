"""A journal that cannot be taken into the tables, or not be written, for a while: what was answered is not lost."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from broker.engine.journal import paths
from broker.engine.store import Dead, Entry, State, StoreFull
from broker.engine.store_journal import JournalStore
from broker.engine.store_sqlite import SqliteStore
from broker.errors import StoreError
from tests.conformance.engine.parts import A, D, E, besked, to, until
from tests.unit.engine.test_gathered import Book
from tests.unit.engine.test_store_journal import (
    Folds,
    all_there,
    folding,
    folds,
    killed,
    opened,
    pages,
    plain,
    room,
    waiting,
)

__all__ = ["folds", "room"]

Fold = Callable[..., Awaitable[None]]


class Full:
    """The disk is full for the tables as often as it is told."""

    def __init__(self, fold: Fold) -> None:
        self.times = 0
        self.said = 0
        self._fold = fold

    async def fold(self, tables: SqliteStore, *arguments: Any) -> None:
        if self.times:
            self.times -= 1
            self.said += 1
            raise StoreFull("no room")
        await self._fold(tables, *arguments)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Full:
    made = Full(SqliteStore.fold)

    async def fold(tables: SqliteStore, *arguments: Any) -> None:
        await made.fold(tables, *arguments)

    monkeypatch.setattr(SqliteStore, "fold", fold)
    return made


async def test_a_fold_that_failed_once(tmp_path: Path, folds: Folds, full: Full) -> None:
    """The tables had no room for a moment: the next batch takes in what waited, and all goes on as before."""
    book = Book()
    async with opened(tmp_path) as store:
        book.accept("a", to(D, E))
        await store.commit(book.seal())
        full.times = 1
        store._begin_fold()
        await until(lambda: not folding(store))
        assert full.said == 1
        await all_there(killed(tmp_path, tmp_path / "killed"), book)
        book.accept("b", to(D))
        book.settle(book.ids(E)[0])
        await store.commit(book.seal())
        await all_there(killed(tmp_path, tmp_path / "after"), book)
        book.accept("c", to(D))
        await store.commit(book.seal())
        assert store._journal.size > 0
        assert [plain(one) for one in await pages(store, D)] == waiting(book, D)
    await all_there(tmp_path, book)


async def test_no_room_for_a_while(tmp_path: Path, folds: Folds, full: Full) -> None:
    """As long as the tables have no room nothing is accepted and nothing is lost, not even by a kill; when there is
    room again it goes on."""
    book = Book()
    async with opened(tmp_path) as store:
        book.accept("a", to(D, E))
        await store.commit(book.seal())
        full.times = 3
        store._begin_fold()
        await until(lambda: not folding(store))
        last = book.last_id, book.last_seq
        book.accept("refused", to(D))
        batch = book.seal()
        for _ in range(2):
            with pytest.raises(StoreFull, match="no room"):
                await store.commit(batch)
        assert full.times == 0
        kept = book.live.pop(book.last_id), book.digests.pop("refused")
        now = book.last_id, book.last_seq
        book.last_id, book.last_seq = last
        await all_there(killed(tmp_path, tmp_path / "killed"), book)
        book.last_id, book.last_seq = now
        book.live[book.last_id], book.digests["refused"] = kept
        assert await store.commit(batch) == {}
        assert [plain(one) for one in await pages(store, D)] == waiting(book, D)
    await all_there(tmp_path, book)


async def test_closed_without_room(tmp_path: Path, folds: Folds, full: Full) -> None:
    """Stopped while the tables have no room: what is in the journal stays there, and the next run takes it in."""
    book = Book()
    async with opened(tmp_path) as store:
        book.accept("a", to(D, E))
        await store.commit(book.seal())
        full.times = 2
    assert full.said
    full.times = 0
    assert any(path.stat().st_size for path in paths(tmp_path / "dueslag.sqlite"))
    await all_there(tmp_path, book)


async def test_a_fault_of_ours_in_a_fold_loses_nothing(
    tmp_path: Path, folds: Folds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong when the journal is taken in: its file is not written over, and it is tried again."""
    fold = SqliteStore.fold

    async def broken(*_: object) -> None:
        raise ValueError("a fault")

    book = Book()
    async with opened(tmp_path) as store:
        for n in range(3):
            book.accept(f"m{n}", to(D))
        await store.commit(book.seal())
        monkeypatch.setattr(SqliteStore, "fold", broken)
        store._begin_fold()
        await until(lambda: not folding(store))
        store._aged()
        book.accept("m3", to(D))
        with pytest.raises(StoreError, match="cannot be taken in: ValueError"):
            await store.commit(book.seal())
        assert store._folding is not None
        copy = killed(tmp_path, tmp_path / "killed")
        monkeypatch.setattr(SqliteStore, "fold", fold)
        assert len(await pages(store, D)) == 3
    async with opened(copy) as store:
        assert len(await pages(store, D)) == 3


async def test_what_a_failed_append_left_is_void(tmp_path: Path, folds: Folds, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk failed when a batch was whole in the file, and it was refused: what is then written elsewhere counts."""
    book = Book()

    def failing(_: int) -> None:
        raise OSError(errno.EIO, "the disk")

    store = JournalStore(tmp_path / "dueslag.sqlite", full=True)
    await store.open()
    with monkeypatch.context() as patch:
        patch.setattr("broker.engine.journal._sync", failing)
        book.accept("refused", to(D))
        with pytest.raises(StoreError, match="the disk"):
            await store.commit(book.seal())
    entry = Entry(50, D, A, None, 0, True, 50, None)
    entry.besked_id, entry.expires, entry.size = "x", None, 1
    message = besked("x")
    message.seq = 50
    await store.add_dead(Dead(entry, "no", 1.0, State.DEAD), message, 50, 50)
    copy = killed(tmp_path, tmp_path / "killed")
    await store.close(clean=True)
    again = JournalStore(copy / "dueslag.sqlite", full=True)
    found = await again.open()
    await again.close(clean=True)
    assert (found.last_id, found.counts) == (50, {D: [0, 0, 1]})
