"""The journal: batches one after the other in a file, before they are in the tables (ADR 0024).

Two files take turns.  A generation is what is written between two turns; its number is in each record, so that a file
is written over from its beginning and what is left of an older generation is known as that: nothing need be cut off,
and a file that does not grow costs no more than its own blocks to bring to the disk.
"""

from __future__ import annotations

import itertools
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from broker.core.sent import Octets
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


def left(beside: Path, applied: int, *, full: bool) -> dict[int, list[Written]]:
    """What the files hold of generations after ``applied``, in order.

    The last batch may be cut off: it was never answered.  Raises StoreError where more than that is missing; without
    ``full`` a power cut may do that, and what follows is left out.
    """
    found = {}
    for path in paths(beside):
        if path.exists():
            data = path.read_bytes()
            batches, end, generation = _records(path, data, applied)
            if full and (at := _more(data, end, applied)) is not None:
                raise StoreError(
                    f"{path} is damaged at octet {end}, and more follows at {at}: the disk is not to be trusted; "
                    "restore the data directory from a copy, or move it away to start anew"
                )
            if batches:
                found[generation] = batches
    numbers = sorted(found)
    missing = [
        number for number, wanted in zip(numbers, itertools.count(applied + 1), strict=False) if number != wanted
    ]
    if full and missing:
        raise StoreError(
            f"{beside.with_suffix('.journal-*')}: generation {applied + 1} is missing, and {missing[0]} is there: "
            "restore the data directory from a copy, or move it away to start anew"
        )
    return {number: found[number] for number in numbers if not missing or number < missing[0]}


def _records(path: Path, data: bytes, applied: int) -> tuple[list[Written], int, int]:
    """Those of one file from its beginning, where they end, and their generation."""
    view = memoryview(data)
    batches: list[Written] = []
    at = generation = 0
    while (end := _end(view, at, applied)) is not None:
        _, its, head, known, _, _ = _HEADER.unpack_from(view, at)
        if batches and its != generation:
            break
        generation, start = its, at + _HEADER.size
        try:
            flat = unpack(view[start : start + head])
            positions = view[start + head : start + head + known].cast("I")
        except (ValueError, EOFError, TypeError) as error:
            raise StoreError(
                f"{path} cannot be read at octet {at} ({error}): another version of the emulator was killed here; "
                "start that version once more and end it with Ctrl-C, then nothing is lost"
            ) from None
        batches.append(Written(flat, frozenset(positions), view[start + head + known : end]))
        at = end
    return batches, at, generation


def _more(data: bytes, at: int, applied: int) -> int | None:
    """Where after ``at`` there is one more whole record of a generation after ``applied``."""
    view = memoryview(data)
    while (at := data.find(MAGIC, at)) >= 0:
        if _end(view, at, applied) is not None:
            return at
        at += 1
    return None


def _end(data: memoryview, at: int, applied: int) -> int | None:
    """Where the whole record of a generation after ``applied`` ends that begins at ``at``; None = there is none."""
    if at + _HEADER.size > len(data):
        return None
    magic, generation, head, known, bodies, sum = _HEADER.unpack_from(data, at)
    start = at + _HEADER.size
    end: int = start + head + known + bodies
    if magic != MAGIC or generation <= applied or end > len(data):
        return None
    pieces = (data[start : start + head], data[start + head : start + head + known], data[start + head + known : end])
    return end if _sum((generation, head, known, bodies), *pieces) == sum else None


def _sum(counts: tuple[int, int, int, int], *pieces: Octets) -> int:
    sum = zlib.crc32(_COUNTS.pack(*counts))
    for piece in pieces:
        sum = zlib.crc32(piece, sum)
    return sum
