"""Files in the data directory that are not what their names say."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.clock import FakeClock
from broker.engine import sqlite_engine
from broker.errors import StoreError
from broker.register import SqliteRegister
from broker.trace import Query, Record, Trace
from tests.conformance.engine.parts import D, names, send, take, to

NAMES = ("dueslag.sqlite", "spor.sqlite")


async def opened(path: Path) -> None:
    """Open and close whatever keeps its data in a file of that name."""
    if path.name == "spor.sqlite":
        trace = Trace(path)
        await trace.open()
        await trace.close()
    else:
        engine = sqlite_engine(path, FakeClock())
        await engine.open()
        await engine.close()


def someone_elses(path: Path) -> None:
    """A file of a program that does not mark its files."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)")
        connection.execute("INSERT INTO messages (text) VALUES ('precious')")
    connection.close()


def marked(path: Path) -> None:
    """A file, still empty, of a program that marks its files."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 252006675")
    connection.close()


async def registers(path: Path) -> None:
    """A register under the wrong name."""
    register = SqliteRegister(path)
    await register.open()
    await register.close()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("make", [someone_elses, marked, registers])
async def test_file_of_another_program_is_left_alone(tmp_path: Path, name: str, make: Callable[[Path], object]) -> None:
    """An SQLite file of another program, or the register's, is refused in one line that names it, and not touched."""
    path = tmp_path / name
    made = make(path)
    if made is not None:
        await made  # type: ignore[misc]
    before = path.read_bytes()
    with pytest.raises(StoreError, match=rf"{name}.*an SQLite file of another program") as caught:
        await opened(path)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


async def test_the_dueslag_and_the_trace_are_not_mixed_up(tmp_path: Path) -> None:
    """Renamed to each other's name, each is refused."""
    for name, other in (NAMES, NAMES[::-1]):
        await opened(tmp_path / name)
        (tmp_path / name).rename(tmp_path / "aside")
        (tmp_path / "aside").rename(tmp_path / other)
        with pytest.raises(StoreError, match="another program"):
            await opened(tmp_path / other)
        (tmp_path / other).unlink()


async def test_dueslag_from_before_files_were_marked(tmp_path: Path) -> None:
    """A data directory of an older version is taken as it is, and marked from then on."""
    path = tmp_path / "dueslag.sqlite"
    engine = sqlite_engine(path, FakeClock())
    await engine.open()
    await send(engine, ["a"], to(D))
    await engine.close()
    unmark(path)
    engine = sqlite_engine(path, FakeClock())
    await engine.open()
    assert names(await take(engine, D, 1)) == ["a"]
    await engine.close()
    assert mark_of(path) == 0x42464455


async def test_trace_from_before_files_were_marked(tmp_path: Path) -> None:
    """The trace of an older version is read on, and marked from then on."""
    path = tmp_path / "spor.sqlite"
    trace = Trace(path)
    await trace.open()
    trace.add(Record(1.0, "accepted", (1,), "b", "t", None, None, None, None))
    await trace.close()
    unmark(path)
    trace = Trace(path)
    await trace.open()
    assert len(await trace.find(Query(besked_id="b"))) == 1
    await trace.close()
    assert mark_of(path) == 0x42465350


def unmark(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 0")
    connection.close()


def mark_of(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        found = int(connection.execute("PRAGMA application_id").fetchone()[0])
    connection.close()
    return found
