"""A party's database: whose it is, and what a transaction promises."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from consumers.fagsystem import Store, StoreInUse

OWNER, OTHER = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


def test_all_or_nothing(tmp_path: Path) -> None:
    """What fails in the middle leaves nothing behind; what was committed is there after the next start."""
    store = Store(tmp_path / "a.db", OWNER)
    with store.transaction():
        store.put_meta("kept", "yes")
    with pytest.raises(RuntimeError):
        _fail(store)
    store.close()
    again = Store(tmp_path / "a.db", OWNER)
    assert again.meta("kept") == "yes"
    again.close()


def _fail(store: Store) -> None:
    with store.transaction():
        store.put_meta("kept", "no")
        raise RuntimeError


def test_whose_it_is(tmp_path: Path) -> None:
    """Another party's database is refused, and citizens' data are for the owner of the file only."""
    Store(tmp_path / "a.db", OWNER).close()
    with pytest.raises(ValueError, match=OWNER):
        Store(tmp_path / "a.db", OTHER)
    assert stat.S_IMODE((tmp_path / "a.db").stat().st_mode) == 0o600


def test_open_once(tmp_path: Path) -> None:
    """A database that runs in one process cannot be run in another: both would send everything."""
    store = Store(tmp_path / "a.db", OWNER)
    code = f"from consumers.fagsystem import Store; Store({str(tmp_path / 'a.db')!r}, {OWNER!r})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    store.close()
    assert StoreInUse.__name__ in ran.stderr


def test_numbers_go_on(tmp_path: Path) -> None:
    """A series goes on after a restart: chance does not begin anew."""
    store = Store(tmp_path / "a.db", OWNER)
    assert [store.count("x"), store.count("x"), store.count("y")] == [1, 2, 1]
    store.close()
    again = Store(tmp_path / "a.db", OWNER)
    assert again.count("x") == 3
    again.close()
