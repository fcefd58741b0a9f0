"""A store in a process of its own: the same answers, and what happens when one of the two is gone."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from broker.engine.flat import flatten
from broker.engine.limits import Limits
from broker.engine.store import Dead, Selection, State, Store
from broker.engine.store_child import Serving
from broker.engine.store_journal import JournalStore
from broker.engine.store_process import ProcessStore
from broker.engine.store_sqlite import SqliteStore
from broker.engine.store_wire import CALLS, Kind, batch_frame, message
from broker.errors import StoreError
from tests.conformance.engine.parts import A, D, E, besked, to, until
from tests.unit.engine.test_gathered import Book

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a socket cannot be given to a process there")

LIMITS = Limits(min_free_disk=0)


@asynccontextmanager
async def opened(directory: Path, told: list[str] | None = None) -> AsyncIterator[ProcessStore]:
    lost = None if told is None else told.append
    store = ProcessStore(directory / "dueslag.sqlite", full=False, limits=LIMITS, lost=lost)
    await store.open()
    try:
        yield store
    finally:
        await store.close(clean=True)


async def ready(directory: Path) -> list[tuple[int, bytes]]:
    """What a new run, in one process, finds in D."""
    store = JournalStore(directory / "dueslag.sqlite", full=False, limits=LIMITS)
    await store.open()
    try:
        page = await store.page(D, 0, 1_000, 1 << 30)
        return [(one.id, one.besked.data) for one in page.entries if one.besked is not None]
    finally:
        await store.close(clean=False)


async def ended(store: ProcessStore) -> int:
    """Its process's exit code."""
    process = store._process
    assert process is not None
    await until(lambda: process.poll() is not None)
    code: int = process.returncode
    return code


async def everything(store: Store) -> list[tuple[str, str]]:
    """Each method of a store, and what it gave."""
    given: list[tuple[str, str]] = []

    async def ask(name: str, *arguments: Any, **named: Any) -> Any:
        method: Callable[..., Awaitable[Any]] = getattr(store, name)
        answer = await method(*arguments, **named)
        given.append((name, repr(answer)))
        return answer

    book = Book()
    await ask("open")
    for n, routing in enumerate((to(D, E, keep=(1, 2)), to(D, held=True), [], to(E))):
        book.accept(f"m{n}", routing, bytes(range(256)) * n)
    batch = book.seal()
    batch.beskeder[0].besked.expires = 2_000.0
    await ask("commit", batch)
    first, second, held, last = book.live
    book.touch(first)
    book.die(second)
    book.settle(last)
    book.batch.handed.add(D)
    book.accept("m1", to(D))
    await ask("commit", book.seal())
    await ask("page", D, 0, 100, 1_000_000)
    await ask("load", [1, 2, 3, 4, 99])
    for body in (True, False):
        await ask("glimpse", D, (State.READY, State.HELD), 0, 10, body)
    await ask("glimpse", E, (State.DEAD,), 0, 10, True)
    await ask("find", "m0")
    located = await ask("locate", D, "", "m0")
    await ask("expired", 3_000.0, (float("-inf"), 0), 10)
    await ask("next_expiry", 0.0)
    entry = located.deliveries[0][1]
    entry.id, entry.seq = 100, 100
    condemned = besked("condemned")
    condemned.seq = 100
    await ask("add_dead", Dead(entry, "æøå", 7.0, State.DEAD), condemned, 100, 100)
    await ask("make_ready", Selection(D, State.HELD, 100, abonnement=A), 0, True)
    await ask("remove", Selection(D, State.DEAD, 100, ids=frozenset({100}), spared=frozenset({held})), 0)
    await ask("page", D, 0, 100, 1_000_000)
    await ask("tidy", 5.0)
    await ask("tidy", 5.0, newest=True)
    await ask("clear")
    await ask("page", D, 0, 100, 1_000_000)
    await ask("close", True)
    return given


async def test_the_same_answers_as_in_one_process(tmp_path: Path) -> None:
    """Whatever is asked goes through, with every argument, and the answers are those of a store without a process and
    of one without a journal."""
    for name in ("process", "journal", "sqlite"):
        (tmp_path / name).mkdir()
    answers = await everything(ProcessStore(tmp_path / "process/dueslag.sqlite", full=False, limits=LIMITS))
    assert {name for name, _ in answers} == CALLS | {"commit"}
    assert answers == await everything(JournalStore(tmp_path / "journal/dueslag.sqlite", full=False, limits=LIMITS))
    assert answers == await everything(SqliteStore(tmp_path / "sqlite/dueslag.sqlite", full=False, limits=LIMITS))


async def test_large_and_many_bodies(tmp_path: Path) -> None:
    """A message of 10 MB and a thousand small ones in one batch come back octet for octet."""
    book, data = Book(), random.Random(1).randbytes(10_000_000)
    sizes = [n % 300 for n in range(1_100)]
    async with opened(tmp_path) as store:
        book.accept("large", to(D), data)
        for n, size in enumerate(sizes):
            book.accept(f"m{n}", to(E), b"%d" % (n % 10) * size)
        assert await store.commit(book.seal()) == {}
        (large,) = (await store.load([1])).values()
        assert large.data == data
        small = await store.load(range(2, 1_102))
        assert [small[seq].data for seq in sorted(small)] == [b"%d" % (n % 10) * size for n, size in enumerate(sizes)]


async def test_refused_as_in_one_process(tmp_path: Path) -> None:
    """A data directory that another emulator has, and a file of another program: refused with the same sentence as
    without a process; the file is left as it is, and no process is left over."""
    async with opened(tmp_path):
        second = ProcessStore(tmp_path / "dueslag.sqlite", full=False, limits=LIMITS)
        with pytest.raises(StoreError, match=r"dueslag\.sqlite is in use by another emulator"):
            await second.open()
        assert second.pid is None
    foreign = tmp_path / "foreign.sqlite"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE theirs (a)")
    connection.close()
    before = foreign.read_bytes()
    with pytest.raises(StoreError, match="of another program") as here:
        await JournalStore(foreign, limits=LIMITS).open()
    there = ProcessStore(foreign, limits=LIMITS)
    with pytest.raises(StoreError, match="of another program") as told:
        await there.open()
    assert str(told.value) == str(here.value)
    assert there.pid is None
    assert foreign.read_bytes() == before


async def test_the_process_is_killed(tmp_path: Path) -> None:
    """The process that writes is killed while nothing is asked of it: the emulator hears of it, once, with the reason;
    what is asked then is refused with the same; a new run has everything that was answered."""
    told: list[str] = []
    book = Book()
    async with opened(tmp_path, told) as store:
        for n in range(5):
            book.accept(f"m{n}", to(D), b"%d" % n)
            await store.commit(book.seal())
        assert store.pid is not None
        os.kill(store.pid, signal.SIGKILL)
        await until(lambda: bool(told))
        assert "has ended (signal 9): start the emulator anew" in told[0]
        assert str(tmp_path / "dueslag.sqlite") in told[0]
        for _ in range(2):
            with pytest.raises(StoreError) as refused:
                await store.find("m0")
            assert str(refused.value) == told[0]
        book.accept("late", to(D))
        with pytest.raises(StoreError, match="signal 9"):
            await store.commit(book.seal())
    assert len(told) == 1
    assert await ready(tmp_path) == [(n + 1, b"%d" % n) for n in range(5)]


async def test_killed_while_it_is_asked(tmp_path: Path) -> None:
    """Killed with a batch under way: whoever waits is told, and `lost` once."""
    told: list[str] = []
    book = Book()
    async with opened(tmp_path, told) as store:
        book.accept("a", to(D), b"a")
        await store.commit(book.seal())
        assert store.pid is not None
        os.kill(store.pid, signal.SIGSTOP)
        book.accept("b", to(D), b"b")
        waits = asyncio.create_task(store.commit(book.seal()))
        await asyncio.sleep(0.01)
        assert not waits.done()
        os.kill(store.pid, signal.SIGKILL)
        with pytest.raises(StoreError, match="signal 9"):
            await waits
        await until(lambda: bool(told))
    assert len(told) == 1
    assert (await ready(tmp_path))[0] == (1, b"a")


async def test_the_emulator_is_gone(tmp_path: Path) -> None:
    """The emulator is killed: its end of the socket closes without a word, the process that writes ends by itself, and
    the next emulator can start; what was answered is there."""
    book = Book()
    async with opened(tmp_path, []) as store:
        book.accept("a", to(D), b"a")
        await store.commit(book.seal())
        assert store._socket is not None
        store._socket.close()
        assert await ended(store) == 0
        assert await ready(tmp_path) == [(1, b"a")]


async def test_the_emulator_is_gone_before_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between a question and its answer: the process that writes ends at once, so that the next emulator finds
    the files free."""

    def ended(code: int) -> None:
        raise SystemExit(code)

    async def answer() -> int:
        return 1

    monkeypatch.setattr("broker.engine.store_child.os._exit", ended)
    emulator, ours = socket.socketpair()
    with ours:
        ours.setblocking(False)
        emulator.close()
        with pytest.raises(SystemExit, match="0"):
            await Serving(ours)._answer(answer)


def test_a_fault_of_the_process_that_writes_ends_it(tmp_path: Path) -> None:
    """With the thread that has the tables: it would keep them from the next emulator."""
    program = (
        "import sys; from broker.engine import store_child; store_child.JournalStore.take_in = None; "
        "store_child.main(int(sys.argv[1]))"
    )
    emulator, theirs = socket.socketpair()
    command = [sys.executable, "-c", program, str(theirs.fileno())]
    with emulator, subprocess.Popen(command, pass_fds=(theirs.fileno(),), stderr=subprocess.PIPE) as process:
        theirs.close()
        book = Book()
        book.accept("m", to(D))
        flat, bodies = flatten(book.seal(), retained=False)
        emulator.sendall(message(Kind.CALL, (tmp_path / "dueslag.sqlite", False, LIMITS)))
        emulator.sendall(batch_frame(flat, bodies) + b"".join(bodies))
        try:
            _, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 1
    assert b"take_in" in errors


async def test_a_fault_is_not_a_refusal(tmp_path: Path) -> None:
    """A fault of ours in the process that writes comes with the place where it happened, as a fault; the process goes
    on, and so does what it keeps."""
    book = Book()
    async with opened(tmp_path) as store:
        book.accept("a", to(D))
        await store.commit(book.seal())
        with pytest.raises(RuntimeError, match=r"(?s)dueslag\.sqlite:\nTraceback .*store_child\.py.*TypeError"):
            await store._call("find", 5, 6, 7)
        assert [one.besked_id for one in await store.find("a")] == ["a"]


async def test_an_answer_that_was_given_up(tmp_path: Path) -> None:
    """Whoever asked stops waiting: what comes next does not get that answer, but is refused; a stop is a stop, and
    what was answered is there in the next run."""
    book = Book()
    async with opened(tmp_path) as store:
        book.accept("a", to(D), b"a")
        await store.commit(book.seal())
        assert store.pid is not None
        os.kill(store.pid, signal.SIGSTOP)
        asked = asyncio.create_task(store.find("a"))
        await asyncio.sleep(0.01)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        os.kill(store.pid, signal.SIGCONT)
        for _ in range(2):
            with pytest.raises(StoreError, match="was given up"):
                await store.find("a")
    assert await ready(tmp_path) == [(1, b"a")]


async def test_stopped_it_leaves_one_file(tmp_path: Path) -> None:
    """After a stop the process has ended by itself, and all is in the database."""
    book = Book()
    async with opened(tmp_path) as store:
        book.accept("a", to(D), b"a")
        await store.commit(book.seal())
        process = store._process
    assert process is not None
    assert process.returncode == 0
    assert os.listdir(tmp_path) == ["dueslag.sqlite"]
    assert await ready(tmp_path) == [(1, b"a")]


async def test_what_lies_where_it_is_started_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vendor's own project has modules by the names of ours, or of Python's: they are left alone."""
    for name in ("broker", "asyncio", "sqlite3"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [entry for entry in sys.path if entry])
    async with opened(tmp_path / "data") as store:
        assert await store.find("nothing") == []
