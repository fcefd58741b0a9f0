"""A disk that is really full (a small tmpfs): what --min-free-disk promises."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.test_full import Publisher, fetch, until
from tests.crash.test_kill import FETCHED, KEPT, REGISTER
from tests.support.emulator import Emulator

FREE = 8_000_000


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """One on a file system of 32 MB, of which 8 are to stay free."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("there is no mount command here")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(disk)], capture_output=True)
    if done.returncode:
        pytest.skip(f"this user may not mount a tmpfs: {done.stderr.decode().strip()}")
    register = tmp_path / "register.yaml"
    register.write_text(REGISTER)
    emulator = Emulator(disk / "data", register, ("--min-free-disk", str(FREE)))
    try:
        emulator.start()
        yield emulator
    finally:
        emulator.kill()
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_consuming_makes_room_on_a_disk_that_is_nearly_full(emulator: Emulator) -> None:
    """Senders are blocked before the disk is full, however fast they are; what is fetched and acked unblocks them,
    though the file does not shrink; another program takes the last byte, and fetching still goes on; kill -9 there,
    and nothing is lost.
    """
    sender = Publisher(emulator)
    sender.start()
    until(lambda: sender.blocked, "connection.blocked")
    assert "nearly full" in sender.blocked[0]
    disk = emulator.data.parent
    assert shutil.disk_usage(disk).free > FREE // 4

    gone = [[besked_id for besked_id, _ in fetch(emulator, dueslag, 10_000)] for dueslag in (FETCHED, KEPT)]
    answered = len(sender.answered)
    until(lambda: sender.unblocked, "connection.unblocked by consuming")
    until(lambda: len(sender.answered) > answered, "answers after room was made")
    until(lambda: len(sender.blocked) > sender.unblocked, "blocked again")

    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass
    assert shutil.disk_usage(disk).free < 4096
    fetched = [besked_id for besked_id, _ in fetch(emulator, FETCHED, 10)]
    assert len(fetched) == 10, "fetching goes on with no byte left"
    emulator.kill()
    sender.stopping = True
    sender.join(10)
    filler.unlink()
    emulator.start()
    for dueslag, before in ((FETCHED, gone[0] + fetched), (KEPT, gone[1])):
        after = fetch(emulator, dueslag, 10_000)
        names = {besked_id for besked_id, _ in after}
        assert not sender.answered - names - set(before), "answered 20, and lost"
        assert not {name for name, redelivered in after if not redelivered} & set(before), "again and unflagged"
