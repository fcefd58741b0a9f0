"""The register's file: what can be wrong with it, and what survives."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from broker.errors import StoreError
from broker.register import SqliteRegister
from broker.register.tables import SCHEMA_VERSION
from tests.unit.register.contents import ITEMS, KOMMUNE, LISTE, small


async def refused(path: Path) -> str:
    """Why a register cannot be opened, as the one line that is shown."""
    with pytest.raises(StoreError) as caught:
        await SqliteRegister(path).open()
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    return line


async def test_a_database_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    """After a downgrade the emulator refuses to start instead of misreading the register."""
    path = tmp_path / "register.sqlite"
    register = SqliteRegister(path)
    await register.open()
    await register.close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    assert f"has schema version {SCHEMA_VERSION + 1}, written by a newer beskedfordeler" in await refused(path)


async def test_a_database_of_another_program_is_not_touched(tmp_path: Path) -> None:
    """A data folder that points at somebody else's SQLite file is refused, and the file left alone."""
    path = tmp_path / "theirs.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photos (id)")
    connection.close()
    assert "is an SQLite file of another program" in await refused(path)
    with sqlite3.connect(path) as connection:
        assert [name for (name,) in connection.execute("SELECT name FROM sqlite_master")] == ["photos"]
    connection.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A damaged or wrong file gives one clear line."""
    path = tmp_path / "register.sqlite"
    path.write_text("this is a letter, not a database\n" * 100)
    assert "is damaged or is no SQLite file" in await refused(path)


async def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    """A register whose pages were overwritten does not open, or says so when it is read."""
    path = tmp_path / "register.sqlite"
    register = SqliteRegister(path)
    await register.open()
    await register.replace(small())
    await register.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"is damaged"):
        await _open_and_load(path)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("abonnement", "filter", b"\xdc\xdc"),
        ("abonnement", "tilstand", "sover"),
        ("serviceaftale", "beskedtyper", "[half"),
        ("serviceaftale", "foelsomheder", None),
    ],
)
async def test_a_damaged_value_is_refused_in_one_line(
    tmp_path: Path, table: str, column: str, value: str | bytes | None
) -> None:
    """Where SQLite itself sees nothing wrong, a value that cannot be is told in one line, with the file."""
    path = tmp_path / "register.sqlite"
    register = SqliteRegister(path)
    await register.open()
    await register.replace(small())
    await register.close()
    connection = sqlite3.connect(path)
    definition = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    connection.execute("PRAGMA writable_schema = 1")
    free = definition.replace(" NOT NULL", "")
    connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (free, table))
    connection.commit()
    connection.close()
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE {table} SET {column} = CAST(? AS TEXT)", (value,))
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match=r"is damaged") as caught:
        await _open_and_load(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


async def test_damage_to_the_schema_is_refused_in_one_line(tmp_path: Path) -> None:
    """SQLite quotes what it cannot read in the schema; where that is no text, the line still comes."""
    path = tmp_path / "register.sqlite"
    register = SqliteRegister(path)
    await register.open()
    await register.close()
    data = path.read_bytes()
    assert data.count(b"CREATE TABLE abonnement") == 1
    path.write_bytes(data.replace(b"CREATE TABLE abonnement", b"CREATE TABL\xdc abonnement"))
    with pytest.raises(StoreError, match=r"is damaged") as caught:
        await _open_and_load(path)
    assert "\n" not in str(caught.value)


async def _open_and_load(path: Path) -> None:
    register = SqliteRegister(path)
    try:
        await register.open()
        await register.load()
    finally:
        await register.close()


@pytest.mark.parametrize("name", ["missing/register.sqlite", "folder", "file/register.sqlite"])
async def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    """A folder that is not there, or a path that is a folder, is told by name."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    assert "cannot be written" in await refused(tmp_path / name)


async def test_a_read_only_file_is_refused_at_the_start(tmp_path: Path) -> None:
    """A register that could be read but not changed does not wait for the first change to fail."""
    path = tmp_path / "register.sqlite"
    register = SqliteRegister(path)
    await register.open()
    await register.close()
    path.chmod(0o400)
    if os.access(path, os.W_OK):
        pytest.skip("this user may write to read-only files (root)")
    assert "cannot be written" in await refused(path)


async def test_two_processes_do_not_share_a_register(tmp_path: Path) -> None:
    """A second emulator on the same data folder is refused as long as the first one runs, not after."""
    path = tmp_path / "register.sqlite"
    first = SqliteRegister(path)
    await first.open()
    script = (
        "import asyncio, sys; from broker.register import SqliteRegister; from broker.errors import StoreError\n"
        "try: asyncio.run(SqliteRegister(sys.argv[1]).open())\n"
        "except StoreError as error: sys.exit(str(error))\n"
    )
    second = await asyncio.to_thread(_python, script, str(path))
    assert second.stderr.strip() == f"the register {path} is in use by another process"
    assert second.returncode == 1
    await first.close()
    await first.open()
    await first.close()


async def test_what_was_put_survives_a_kill(tmp_path: Path) -> None:
    """Killed the moment a change was answered, the register holds that change and all before it."""
    path = tmp_path / "register.sqlite"
    script = (
        "import asyncio, os, sys, signal\n"
        "from broker.register import SqliteRegister\n"
        "from tests.unit.register.contents import ITEMS, LISTE\n"
        "async def main():\n"
        "    register = SqliteRegister(sys.argv[1])\n"
        "    await register.open()\n"
        "    for item in ITEMS: await register.put([item])\n"
        "    await register.add_values(LISTE.id, map(str, range(12_000)))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    assert (await asyncio.to_thread(_python, script, str(path))).returncode == -9
    register = SqliteRegister(path)
    await register.open()
    content = await register.load()
    await register.close()
    assert content.vaerdier == {LISTE.id: set(map(str, range(12_000)))}
    assert replace(content, vaerdier={}) == replace(small(), vaerdier={})


def _python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[3]
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )


async def test_a_disk_that_fills_up_refuses_the_change_and_keeps_the_register(tmp_path: Path) -> None:
    """When there is no room the change is refused whole; what was there can be read, and later changes go through."""
    register = SqliteRegister(tmp_path / "register.sqlite")
    await register.open()
    await register.put(ITEMS)
    connection = register._open
    await connection.execute("PRAGMA max_page_count = 40")
    with pytest.raises(StoreError, match=r"cannot be used: database or disk is full"):
        await register.add_values(LISTE.id, (f"{number:0100}" for number in range(20_000)))
    assert (await register.load()).vaerdier == {LISTE.id: set()}
    await register.put([replace(KOMMUNE, navn="Ny")])
    await register.close()


async def test_a_change_that_is_given_up_half_way_leaves_no_trace(tmp_path: Path) -> None:
    """A client that goes away while a long list is added leaves the list as it was and the register usable."""
    register = SqliteRegister(tmp_path / "register.sqlite")
    await register.open()
    await register.put([LISTE])
    started = asyncio.Event()

    def values() -> list[str]:
        started.set()
        return [str(number) for number in range(50_000)]

    adding = asyncio.create_task(register.add_values(LISTE.id, (value for part in (values,) for value in part())))
    await started.wait()
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    await register.add_values(LISTE.id, ["a"])
    assert (await register.load()).vaerdier == {LISTE.id: {"a"}}
    await register.close()


async def test_a_change_may_be_given_up_at_any_moment(tmp_path: Path) -> None:
    """A client that goes away at whatever moment of its change does not disturb the changes of others."""
    register = SqliteRegister(tmp_path / "register.sqlite")
    await register.open()
    given_up = 0
    for moment in range(40):
        change = asyncio.create_task(register.put([replace(KOMMUNE, navn=f"nr {moment}")]))
        for _ in range(moment % 20):
            await asyncio.sleep(0 if moment < 20 else 0.0001)
        change.cancel()
        given_up += isinstance((await asyncio.gather(change, return_exceptions=True))[0], asyncio.CancelledError)
        await register.put([KOMMUNE])
        assert (await register.load()).myndigheder == {KOMMUNE.cvr: KOMMUNE}
    assert given_up
    await register.close()


async def test_a_register_that_is_not_open_says_so(tmp_path: Path) -> None:
    """Using it before open or after close is told, and what it shows of itself says which."""
    register = SqliteRegister(tmp_path / "register.sqlite")
    for use in (register.load, register.is_empty):
        with pytest.raises(StoreError, match=r"is not open"):
            await use()
    assert repr(register) == f"<SqliteRegister {tmp_path / 'register.sqlite'} closed>"
    await register.open()
    await register.open()
    assert repr(register).endswith(" open>")
    await register.close()
