"""A register that several fronts change: what they tell each other, and how one of them changes it.

`SharedRegister` is what the Beskedfordeler asks of every register.  One that this process has for itself
(`broker.register.MemoryRegister`, `broker.register.SqliteRegister`) has nothing to tell; `AnnouncingRegister` is one
that others change too (`broker.register.postgres.PostgresRegister`).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from broker.core.model import Vaerdiliste
from broker.ports import Item, Register, RegisterContent


@dataclass(frozen=True, slots=True)
class Put:
    """Items inserted or replaced; of two with one id the last holds."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Deleted:
    """Items removed, each named by section and key (`broker.register.problem`)."""

    keys: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Values:
    """Values taken out of a værdiliste, then others added to it; ``head`` is put first, where there is one."""

    liste: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    head: Vaerdiliste | None = None


@dataclass(frozen=True, slots=True)
class Anew:
    """Everything as it now stands, where what was changed is not known step by step."""

    content: RegisterContent


@dataclass(frozen=True, slots=True)
class Change:
    """What one change did, in the order in which it did it; ``revision`` counts the changes of a register."""

    revision: int
    parts: tuple[Put | Deleted | Values | Anew, ...]


class Step(Protocol):
    """One change of the register, alone among all who change it: its methods are those of `broker.ports.Register`.

    What they do is durable when the step is left; where several fronts share the register, all of it or nothing.
    """

    @property
    def behind(self) -> Sequence[Change]:
        """What others changed since the revision that the step was asked for with."""
        ...

    @property
    def revision(self) -> int:
        """What the register stands at when the step is left as it is now; always 0 where it is nobody else's."""
        ...

    async def load(self) -> RegisterContent: ...
    async def is_empty(self) -> bool: ...
    async def put(self, items: Sequence[Item]) -> None: ...
    async def delete(self, items: Sequence[Item]) -> None: ...
    async def add_values(self, vaerdiliste: str, values: Iterable[str]) -> None: ...
    async def remove_values(self, vaerdiliste: str, values: Iterable[str]) -> None: ...
    async def change_list(self, liste: Vaerdiliste, add: Iterable[str], remove: Iterable[str]) -> None: ...
    async def replace(self, content: RegisterContent) -> None: ...


class SharedRegister(Register, Protocol):
    """A register that is changed in steps."""

    def changing(self, since: int | None = None) -> AbstractAsyncContextManager[Step]:
        """A step for whoever knows the register as of revision ``since``; None = what others did is not asked for.

        Raises NotAvailable where the register cannot be changed now.
        """
        ...

    def alone(self, what: str) -> AbstractAsyncContextManager[None]:
        """While it lasts no other front is in a block that was asked for with the same word.

        Raises NotAvailable where that cannot be seen to now.
        """
        ...


@runtime_checkable
class AnnouncingRegister(SharedRegister, Protocol):
    """A register that says when others have changed it."""

    async def changes(self, since: int) -> Sequence[Change]:
        """What was changed after revision ``since``, by whomever, oldest first.  Raises NotAvailable."""
        ...

    def announcements(self) -> AsyncGenerator[int | None, None]:
        """Without end: the newest revision, each time there may be a new one; None = one has to look."""
        ...
