"""The board: what became of each message at the sender, in memory that all processes see.

One signed number of 64 bits a message: 0 = no answer, n > 0 = accepted n-1 ns after the run began, -k = refused with
StatusKode k.  The sender of the stream is the only one to write it; receivers read when a message was accepted.
"""

from __future__ import annotations

from multiprocessing.shared_memory import SharedMemory
from types import TracebackType
from typing import Self

WIDTH = 8


class Board:
    """Opens with ``with``; whoever made it removes it."""

    def __init__(self, memory: SharedMemory, size: int, *, owner: bool) -> None:
        self._memory = memory
        self._owner = owner
        self.size = size
        buffer = memory.buf
        assert buffer is not None
        self.cells = buffer[: size * WIDTH].cast("q")

    @classmethod
    def make(cls, size: int) -> Board:
        """Zeros for so many messages."""
        return cls(SharedMemory(create=True, size=max(1, size) * WIDTH), size, owner=True)

    @classmethod
    def attach(cls, name: str, size: int) -> Board:
        """The one of another process."""
        return cls(SharedMemory(name=name), size, owner=False)

    @property
    def name(self) -> str:
        return self._memory.name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cells.release()
        self._memory.close()
        if self._owner:
            self._memory.unlink()
