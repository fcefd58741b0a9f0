"""A register in memory: nothing to install or clean up, and the fake for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from broker.core.model import Vaerdiliste
from broker.errors import NotFound
from broker.ports import Item, RegisterContent
from broker.register.problem import SECTIONS, key_of, section_of
from broker.sharing import Change


class MemoryRegister:
    """`broker.sharing.SharedRegister` that lives as long as the object; closing keeps it, as a file would."""

    behind: Sequence[Change] = ()
    revision = 0

    def __init__(self, content: RegisterContent | None = None) -> None:
        self._content = copied(content or RegisterContent())

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def load(self) -> RegisterContent:
        return copied(self._content)

    @asynccontextmanager
    async def changing(self, since: int | None = None) -> AsyncIterator[MemoryRegister]:
        """Nobody else changes it: a step is each of its methods."""
        yield self

    @asynccontextmanager
    async def alone(self, what: str) -> AsyncIterator[None]:
        """There is no other front."""
        yield

    async def put(self, items: Sequence[Item]) -> None:
        placed = [(self._section(item), key_of(item), item) for item in items]  # all or none
        for section, key, item in placed:
            section[key] = item
            if isinstance(item, Vaerdiliste):
                self._content.vaerdier.setdefault(key, set())

    async def delete(self, items: Sequence[Item]) -> None:
        placed = [(self._section(item), key_of(item), item) for item in items]
        for section, key, item in placed:
            section.pop(key, None)
            if isinstance(item, Vaerdiliste):
                self._content.vaerdier.pop(key, None)

    async def add_values(self, vaerdiliste: str, values: Iterable[str]) -> None:
        """Raises NotFound for an unknown list."""
        self._values(vaerdiliste).update(list(values))

    async def remove_values(self, vaerdiliste: str, values: Iterable[str]) -> None:
        """Raises NotFound for an unknown list."""
        self._values(vaerdiliste).difference_update(list(values))

    async def change_list(self, liste: Vaerdiliste, add: Iterable[str], remove: Iterable[str]) -> None:
        new, gone = list(add), list(remove)  # all or none
        await self.put([liste])
        values = self._values(liste.id)
        values.difference_update(gone)
        values.update(new)

    async def replace(self, content: RegisterContent) -> None:
        self._content = copied(content)

    async def is_empty(self) -> bool:
        return not any(getattr(self._content, section) for section in SECTIONS.values())

    def _section(self, item: Item) -> dict[str, Item]:
        section: dict[str, Item] = getattr(self._content, section_of(item))
        return section

    def _values(self, vaerdiliste: str) -> set[str]:
        if vaerdiliste not in self._content.vaerdilister:
            raise NotFound(f"there is no værdiliste with id {vaerdiliste} in the register")
        return self._content.vaerdier[vaerdiliste]


def copied(content: RegisterContent) -> RegisterContent:
    """A copy that shares only frozen values; every Vaerdiliste has a set of values, if an empty one."""
    sections: dict[str, Any] = {section: dict(getattr(content, section)) for section in SECTIONS.values()}
    values = {key: set(content.vaerdier.get(key, ())) for key in content.vaerdilister}
    return RegisterContent(**sections, vaerdier=values)
