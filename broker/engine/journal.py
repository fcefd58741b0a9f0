"""The journal: batches one after the other in a file, before they are in the tables (ADR 0024).

Two files take turns.  A generation is what is written between two turns; its number is in each record, so that a file
is written over from its beginning and what is left of an older generation is known as that: nothing need be cut off,
and a file that does not grow costs no more than its own blocks to bring to the disk.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from broker.engine.flat import Flat, unpack
from broker.errors import StoreError

FILE = 32 * 1024 * 1024
"""Octets in a file at which it is the other one's turn."""
MAGIC = b"BFJOURN1"
_HEADER = Struct("<8sQIIQI")
"""MAGIC, generation, octets of the flat batch, of the positions of known messages, of the bodies, CRC-32 of all of
these but MAGIC and itself, and of what they count."""
_COUNTS = Struct("<QIIQ")
_sync = getattr(os, "fdatasync", os.fsync)
"""macOS has no fdatasync."""

Octets = bytes | bytearray | memoryview


@dataclass(slots=True)
class Written:
    """One batch as the journal has it."""

    flat: Flat
    known: frozenset[int]
    """Positions of messages that were known before."""
    bodies: memoryview


class Journal:
    """Both files of a data directory; ``full``: what was appended is on the disk when `append` returns.

    All raise OSError.
    """

    def __init__(self, beside: Path, *, full: bool) -> None:
        self._paths = paths(beside)
        self._full = full
        self._files: list[int] = []
        self.generation = 0
        """The one that is being written."""
        self.size = 0
        """Octets of it."""

    def start(self, generation: int) -> None:
        """Begin a generation; those before it are in the tables."""
        for path in self._paths:
            self._files.append(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if self._full:
            _sync_names(self._paths[0].parent)
        self._begin(generation)

    def append(self, packed: Octets, known: list[int], bodies: Octets) -> None:
        """Write a batch.  Where that fails it may be there or not, until the next one is written in its place."""
        positions = b"".join([position.to_bytes(4, "little") for position in known])
        counts = (self.generation, len(packed), len(positions), len(bodies))
        header = _HEADER.pack(MAGIC, *counts, _sum(counts, packed, positions, bodies))
        file, pieces = self._files[self.generation & 1], (header, packed, positions, bodies)
        total = sum(map(len, pieces))
        done = os.pwritev(file, pieces, self.size)
        if done < total:
            rest = memoryview(b"".join(pieces))
            while done < total:
                done += os.pwrite(file, rest[done:], self.size + done)
        if self._full:
            _sync(file)
        self.size += total

    def turn(self) -> int:
        """Go on in the other file; the generation that ended."""
        ended = self.generation
        self._begin(ended + 1)
        return ended

    def _begin(self, generation: int) -> None:
        self.generation, self.size = generation, 0
        file = self._files[generation & 1]
        if os.fstat(file).st_size > 2 * FILE:  # a large message was here
            os.ftruncate(file, FILE)

    def close(self) -> None:
        """Leave the files as they are."""
        files, self._files = self._files, []
        for file in files:
            os.close(file)

    def remove(self) -> None:
        """All that they hold is in the tables."""
        self.close()
        for path in self._paths:
            path.unlink(missing_ok=True)


def _sync_names(directory: Path) -> None:
    """A file that is new is to be found after a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def paths(beside: Path) -> tuple[Path, Path]:
    """The journal's files of a store whose tables are in ``beside``."""
    return beside.with_name(f"{beside.stem}.journal-0"), beside.with_name(f"{beside.stem}.journal-1")


def left(beside: Path, applied: int) -> dict[int, list[Written]]:
    """What the files hold of generations after ``applied``, in order.  Raises StoreError where one is damaged other
    than at its end, where a batch may be cut off that was never answered."""
    found = {}
    for path in paths(beside):
        if path.exists():
            data = memoryview(path.read_bytes())
            generation = _generation(data)
            if generation is not None and generation > applied:
                found[generation] = list(_records(path, data, generation))
    return dict(sorted(found.items()))


def _generation(data: memoryview) -> int | None:
    if len(data) < _HEADER.size or data[: len(MAGIC)] != MAGIC:
        return None
    generation: int = _HEADER.unpack_from(data)[1]
    return generation


def _records(path: Path, data: memoryview, generation: int) -> Iterator[Written]:
    at = 0
    while (end := _end(data, at, generation)) is not None:
        _, _, head, known, bodies, sum = _HEADER.unpack_from(data, at)
        packed = data[at + _HEADER.size :][:head]
        positions = data[at + _HEADER.size + head :][:known]
        content = data[at + _HEADER.size + head + known : end]
        if _sum((generation, head, known, bodies), packed, positions, content) != sum:
            if _end(data, end, generation) is not None:
                raise StoreError(
                    f"{path} is damaged at octet {at}, and more follows: the disk is not to be trusted; "
                    "restore the data directory from a copy, or move it away to start anew"
                )
            return
        try:
            yield Written(unpack(packed), frozenset(memoryview(positions).cast("I")), content)
        except (ValueError, EOFError, TypeError) as error:
            raise StoreError(f"{path} cannot be read at octet {at} ({error}): run the version that wrote it") from None
        at = end


def _end(data: memoryview, at: int, generation: int) -> int | None:
    """Where the record that begins at ``at`` ends; None = there is none of this generation, or not all of it."""
    if at + _HEADER.size > len(data):
        return None
    magic, its, head, known, bodies, _ = _HEADER.unpack_from(data, at)
    end: int = at + _HEADER.size + head + known + bodies
    return end if magic == MAGIC and its == generation and end <= len(data) else None


def _sum(counts: tuple[int, int, int, int], *pieces: Octets) -> int:
    sum = zlib.crc32(_COUNTS.pack(*counts))
    for piece in pieces:
        sum = zlib.crc32(piece, sum)
    return sum
