"""The journal's files: what was written is read, whatever a kill, a power cut or a bad disk left of them."""

from __future__ import annotations

import errno
import marshal
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from broker.engine.flat import Flat, pack
from broker.engine.journal import Journal, left, paths
from broker.errors import StoreError

Read = list[tuple[int, frozenset[int], bytes]]


def batch(n: int) -> tuple[bytes, list[int], bytes]:
    """A batch that can be told by ``n``: packed, known, bodies."""
    return pack(Flat([], [], [], [], [], [f"d{n}"], n, n, 0.5)), [n, n + 70_000], b"body %03d" % n


def started(directory: Path, generation: int = 1) -> Journal:
    journal = Journal(directory / "dueslag.sqlite", full=True)
    journal.start(generation)
    return journal


def file(directory: Path, generation: int) -> Path:
    return paths(directory / "dueslag.sqlite")[generation & 1]


def found(directory: Path, applied: int = 0, *, full: bool = True) -> dict[int, Read]:
    return {
        generation: [(one.flat.last_id, one.known, bytes(one.bodies)) for one in batches]
        for generation, batches in left(directory / "dueslag.sqlite", applied, full=full).items()
    }


def those(*numbers: int) -> Read:
    return [(n, frozenset({n, n + 70_000}), b"body %03d" % n) for n in numbers]


def write(directory: Path, *numbers: int, generation: int = 1) -> list[int]:
    """So many batches of one generation; where each begins, and where the last ends."""
    journal = started(directory, generation)
    begins = [0]
    for n in numbers:
        journal.append(*batch(n))
        begins.append(journal.size)
    journal.close()
    return begins


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Batches come back in order, by generation, with their bodies and what was known in them."""
    journal = started(tmp_path, 7)
    for n in (1, 2, 3):
        journal.append(*batch(n))
    assert journal.turn() == 7
    journal.append(*batch(4))
    journal.append(pack(Flat([], [], [], [], [], [], 5, 5, 0.5)), [], b"")
    journal.close()
    assert found(tmp_path, 6) == {7: those(1, 2, 3), 8: [*those(4), (5, frozenset(), b"")]}


def test_what_the_tables_have_is_not_read(tmp_path: Path) -> None:
    """A generation that was taken into the tables before the kill is not taken in again."""
    journal = started(tmp_path, 7)
    journal.append(*batch(1))
    journal.turn()
    journal.append(*batch(2))
    journal.close()
    assert found(tmp_path, 6) == {7: those(1), 8: those(2)}
    assert found(tmp_path, 7) == {8: those(2)}
    assert found(tmp_path, 8) == {}


def test_nothing_there(tmp_path: Path) -> None:
    """No files, empty files and files of something else hold nothing."""
    assert found(tmp_path) == {}
    started(tmp_path).close()
    assert found(tmp_path) == {}
    file(tmp_path, 1).write_bytes(b"something else altogether" * 10)
    assert found(tmp_path) == {}


def test_cut_off_anywhere(tmp_path: Path) -> None:
    """Killed in the middle of a write: of the last batch, which was never answered, nothing is read, wherever it was
    cut off; all before it is."""
    begins = write(tmp_path, 1, 2, 3)
    whole = file(tmp_path, 1).read_bytes()
    assert len(whole) == begins[3]
    for cut in range(begins[2], begins[3]):
        file(tmp_path, 1).write_bytes(whole[:cut])
        assert found(tmp_path) == {1: those(1, 2)}, cut


def test_last_octets_are_of_before(tmp_path: Path) -> None:
    """A power cut before all blocks of the last batch were written: where they hold what was there before, nothing of
    that batch is read; all before it is."""
    begins = write(tmp_path, 1, 2, 3, generation=3)
    whole = file(tmp_path, 3).read_bytes()
    for old in (b"\0", b"\xee"):
        for cut in range(begins[2], begins[3]):
            if whole[cut:] != old * (begins[3] - cut):
                file(tmp_path, 3).write_bytes(whole[:cut] + old * (begins[3] - cut) + old * 100)
                assert found(tmp_path, 2) == {3: those(1, 2)}, cut


@pytest.mark.parametrize("which", [0, 1])
def test_a_flipped_octet_before_others_is_told(tmp_path: Path, which: int) -> None:
    """A bad disk: a batch that was answered cannot be read, and others follow: the emulator does not start as if
    nothing were missing, but names the file and the place."""
    begins = write(tmp_path, 1, 2, 3)
    whole = file(tmp_path, 1).read_bytes()
    for at in range(begins[which], begins[which + 1]):
        file(tmp_path, 1).write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with pytest.raises(StoreError, match=rf"dueslag\.journal-1 is damaged at octet {begins[which]}, and more"):
            found(tmp_path)
        assert found(tmp_path, full=False) == ({1: those(1)} if which else {}), "a power cut may do that"


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    """One of the two files was lost: the emulator does not start with the other alone."""
    journal = started(tmp_path)
    journal.append(*batch(1))
    journal.turn()
    journal.append(*batch(2))
    journal.close()
    assert found(tmp_path) == {1: those(1), 2: those(2)}
    file(tmp_path, 1).unlink()
    with pytest.raises(StoreError, match="generation 1 is missing, and 2 is there"):
        found(tmp_path)
    assert found(tmp_path, full=False) == {}


def test_what_an_older_generation_left_is_not_read(tmp_path: Path) -> None:
    """A file is written over from its beginning: what is behind the new end, batches whole and in place, is not read
    once more."""
    journal = started(tmp_path)
    for n in (1, 2, 3):
        journal.append(*batch(n))
    journal.turn()
    journal.turn()
    journal.append(*batch(4))
    journal.close()
    assert file(tmp_path, 1).stat().st_size == 3 * journal.size
    assert found(tmp_path, 2) == {3: those(4)}


def test_a_file_that_was_large_is_made_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One large message does not keep its room for ever."""
    monkeypatch.setattr("broker.engine.journal.FILE", 1_000)
    journal = started(tmp_path)
    journal.append(batch(1)[0], [], bytes(5_000))
    journal.turn()
    journal.turn()
    assert file(tmp_path, 1).stat().st_size == 1_000
    journal.append(*batch(2))
    journal.close()
    assert found(tmp_path, 2) == {3: those(2)}


@pytest.mark.parametrize("few", [1, 5, 40, 100])
def test_the_system_takes_a_few_octets_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    """Where the system writes less than it was asked to, the rest follows: the file is the same."""
    (tmp_path / "whole").mkdir()
    (tmp_path / "partly").mkdir()
    write(tmp_path / "whole", 1, 2)
    pwrite = os.pwrite

    def little(file: int, pieces: Sequence[bytes], offset: int) -> int:
        return pwrite(file, b"".join(pieces)[:few], offset)

    monkeypatch.setattr(os, "pwritev", little)
    monkeypatch.setattr(os, "pwrite", lambda file, data, offset: pwrite(file, data[: few + 1], offset))
    write(tmp_path / "partly", 1, 2)
    assert file(tmp_path / "partly", 1).read_bytes() == file(tmp_path / "whole", 1).read_bytes()
    assert found(tmp_path / "partly") == {1: those(1, 2)}


@pytest.mark.parametrize("after", [0, 20, 60])
def test_a_batch_that_could_not_be_written_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """The disk is full in the middle of a batch: the sender is told so, nothing of the batch is read later, and the
    next one, shorter or not, takes its place."""
    journal = started(tmp_path)
    journal.append(*batch(1))
    before = journal.size

    def full(file: int, pieces: Sequence[bytes], offset: int) -> int:
        os.pwrite(file, b"".join(pieces)[:after], offset)
        raise OSError(errno.ENOSPC, "No space left on device")

    packed, known, _ = batch(2)
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwritev", full)
        with pytest.raises(OSError, match="No space"):
            journal.append(packed, known, bytes(500))
    assert journal.size == before
    assert found(tmp_path) == {1: those(1)}
    journal.append(*batch(3))
    assert found(tmp_path) == {1: those(1, 3)}
    journal.append(*batch(4))
    journal.close()
    assert found(tmp_path) == {1: those(1, 3, 4)}


def test_on_the_disk_when_it_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`full`: every batch is brought to the disk, after it is written and before it counts; `relaxed`: none."""
    synced: list[int] = []
    monkeypatch.setattr("broker.engine.journal._sync", lambda file: synced.append(os.fstat(file).st_size))
    journal = started(tmp_path)
    journal.append(*batch(1))
    one = journal.size
    journal.append(*batch(2))
    assert synced == [one, journal.size]
    journal.close()
    relaxed = Journal(tmp_path / "relaxed.sqlite", full=False)
    relaxed.start(1)
    relaxed.append(*batch(1))
    relaxed.remove()
    assert len(synced) == 2
    assert [path.name for path in tmp_path.glob("relaxed*")] == []


@pytest.mark.parametrize(
    "packed",
    [b"what no version packs", marshal.dumps(([], [], [], [], [], 1, 1, 0.5), 2)],
    ids=["what no version packs", "as it was before there were flows"],
)
def test_written_by_a_version_that_packs_otherwise(tmp_path: Path, packed: bytes) -> None:
    """A batch that is whole but cannot be understood is not passed over: the version that wrote it is to be run; where
    the tables have it, it does not matter."""
    journal = started(tmp_path)
    journal.append(packed, [], b"")
    journal.close()
    with pytest.raises(StoreError, match=r"dueslag\.journal-1 cannot be read at octet 0 .* start that version"):
        found(tmp_path)
    assert found(tmp_path, 1) == {}
