"""One change of the register in PostgreSQL: written and told of in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from broker.core.model import Vaerdiliste
from broker.ports import Item, RegisterContent
from broker.postgres.database import Work
from broker.register.postgres import reading, values
from broker.register.postgres.log import Writing, keys_of
from broker.register.postgres.tables import ANY_ITEM, BY_SECTION, KINDS, Kind
from broker.register.postgres.texts import written
from broker.register.problem import key_of
from broker.sharing import Change


class PostgresStep:
    """`broker.sharing.Step` in a transaction of whoever holds the lock on changes."""

    def __init__(self, work: Work, place: str, revision: int, behind: Sequence[Change]) -> None:
        self._work = work
        self._place = place
        self._found = revision
        self._log = Writing(work, revision + 1)
        self.behind = behind

    @property
    def revision(self) -> int:
        return self._log.revision if self._log.parts else self._found

    async def load(self) -> RegisterContent:
        content = await reading.load(self._work, self._place)
        content.revision = self.revision
        return content

    async def is_empty(self) -> bool:
        return not await self._work.value(ANY_ITEM)

    async def put(self, items: Sequence[Item]) -> None:
        if items:
            await self._put(items)
            await self._log.put(items)

    async def delete(self, items: Sequence[Item]) -> None:
        if not items:
            return
        for kind, group in _by_kind(items).items():
            keys = [written(key_of(item)) for item in group]
            if kind.section == "vaerdilister":
                await self._work.run(values.CLEAR_LIST, [{"id": key} for key in keys])
            await self._work.run(kind.delete, [{"key": key} for key in keys])
        await self._log.deleted(keys_of(items))

    async def add_values(self, vaerdiliste: str, given: Iterable[str]) -> None:
        """Raises NotFound for an unknown list."""
        nr = await values.number_of(self._work, vaerdiliste)
        for batch in values.sliced(given):
            await values.add(self._work, nr, batch)
            await self._log.added(vaerdiliste, batch)

    async def remove_values(self, vaerdiliste: str, given: Iterable[str]) -> None:
        """Raises NotFound for an unknown list."""
        nr = await values.number_of(self._work, vaerdiliste)
        for batch in values.sliced(given):
            await values.remove(self._work, nr, batch)
            await self._log.removed(vaerdiliste, batch)

    async def change_list(self, liste: Vaerdiliste, add: Iterable[str], remove: Iterable[str]) -> None:
        await self.put([liste])
        await self.remove_values(liste.id, remove)
        await self.add_values(liste.id, add)

    async def replace(self, content: RegisterContent) -> None:
        await self._work.run(values.CLEAR)
        for kind in BY_SECTION.values():
            await self._work.run(kind.clear)
            if items := list(getattr(content, kind.section).values()):
                await self._put(items)
        for key in content.vaerdilister:
            nr = await values.number_of(self._work, key)
            for batch in values.sliced(content.vaerdier.get(key, ())):
                await values.add(self._work, nr, batch)
        await self._log.anew()

    async def finish(self) -> None:
        """Have what was done announced, where anything was."""
        if self._log.parts:
            await self._log.finish()

    async def _put(self, items: Iterable[Item]) -> None:
        for kind, group in _by_kind(items).items():
            for batch in values.sliced(map(kind.row, group)):
                await self._work.run(kind.put, batch)


def _by_kind(items: Iterable[Item]) -> dict[Kind, list[Item]]:
    """Grouped by kind, order kept within each.  Raises KeyError for what is no item."""
    groups: dict[type[Item], list[Item]] = {}
    for item in items:
        groups.setdefault(type(item), []).append(item)
    return {KINDS[kind]: group for kind, group in groups.items()}
