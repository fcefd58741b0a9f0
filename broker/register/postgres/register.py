"""The register in PostgreSQL: any number of fronts change it and hear of each other's changes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import sqlalchemy as sa

from broker.core.model import Vaerdiliste
from broker.ports import Item, RegisterContent
from broker.postgres.database import Database, Work
from broker.postgres.errors import mapped_at_start
from broker.postgres.schema import bring_up_to_date
from broker.register.postgres import reading
from broker.register.postgres.announcements import Announcements
from broker.register.postgres.log import changes_since, reaches_back
from broker.register.postgres.step import PostgresStep
from broker.register.postgres.versions import PART, VERSIONS
from broker.sharing import Anew, Change

_LOCK_CHANGES = 0x42464F52_0001
"""Advisory lock of whoever changes the register."""
_LOCK = sa.text("SELECT pg_advisory_xact_lock(:key)").bindparams(sa.bindparam("key", type_=sa.BigInteger()))
_PATIENT = sa.text(
    "SELECT set_config('lock_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)"
)


class PostgresRegister:
    """`broker.sharing.AnnouncingRegister` in the PostgreSQL database of ``url``.

    What a method did is durable when it returns, on condition that PostgreSQL's ``synchronous_commit`` is not off.
    Every method raises NotAvailable where PostgreSQL cannot do it now, and StoreError where the tables are not ours.
    """

    def __init__(self, url: str, connections: int = 4) -> None:
        self._database = Database(url, "beskedfordeler register", connections)
        self._one_at_a_time = asyncio.Lock()
        """Changes of this front queue here, not each with a connection at PostgreSQL's lock."""
        self._announcements = Announcements(self._database)

    def __repr__(self) -> str:
        return f"<PostgresRegister {self._database.place}>"

    @property
    def lost(self) -> str | None:
        """Why this front goes by what it knows instead of by the register, or None; known while it is followed."""
        return self._announcements.lost

    async def open(self) -> None:
        """Raises StoreError: PostgreSQL does not answer or lets us not in, or the tables are not ours to use."""
        self._database.open()
        try:
            with mapped_at_start(self._database.place):
                await bring_up_to_date(self._database, PART, VERSIONS)
        except BaseException:
            await self._database.close()
            raise

    async def close(self) -> None:
        """Let the connections go; a second time does nothing."""
        await self._database.close()

    async def load(self) -> RegisterContent:
        """Raises StoreError where what stands there is no register."""
        async with self._database.transaction(snapshot=True) as work:
            return await reading.load(work, self._database.place)

    async def is_empty(self) -> bool:
        async with self._database.transaction() as work:
            return await self._step(work, 0, ()).is_empty()

    @asynccontextmanager
    async def changing(self, since: int | None = None) -> AsyncIterator[PostgresStep]:
        async with self._one_at_a_time, self._database.transaction() as work:
            await work.run(_LOCK, {"key": _LOCK_CHANGES})
            revision = await reading.revision_of(work, self._database.place)
            behind = () if since is None else await self._behind(work, since, revision)
            step = self._step(work, revision, behind)
            yield step
            await step.finish()

    async def changes(self, since: int) -> Sequence[Change]:
        async with self._database.transaction(snapshot=True) as work:
            return await self._behind(work, since, await reading.revision_of(work, self._database.place))

    def announcements(self) -> AsyncGenerator[int | None, None]:
        return self._announcements.each()

    @asynccontextmanager
    async def alone(self, what: str) -> AsyncIterator[None]:
        key = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big", signed=True)
        async with self._database.transaction() as work:
            await work.run(_PATIENT)
            await work.run(_LOCK, {"key": key})
            yield

    async def put(self, items: Sequence[Item]) -> None:
        async with self.changing() as step:
            await step.put(items)

    async def delete(self, items: Sequence[Item]) -> None:
        async with self.changing() as step:
            await step.delete(items)

    async def add_values(self, vaerdiliste: str, values: Iterable[str]) -> None:
        """Raises NotFound for an unknown list."""
        async with self.changing() as step:
            await step.add_values(vaerdiliste, values)

    async def remove_values(self, vaerdiliste: str, values: Iterable[str]) -> None:
        """Raises NotFound for an unknown list."""
        async with self.changing() as step:
            await step.remove_values(vaerdiliste, values)

    async def change_list(self, liste: Vaerdiliste, add: Iterable[str], remove: Iterable[str]) -> None:
        async with self.changing() as step:
            await step.change_list(liste, add, remove)

    async def replace(self, content: RegisterContent) -> None:
        async with self.changing() as step:
            await step.replace(content)

    def _step(self, work: Work, revision: int, behind: Sequence[Change]) -> PostgresStep:
        return PostgresStep(work, self._database.place, revision, behind)

    async def _behind(self, work: Work, since: int, revision: int) -> Sequence[Change]:
        """What happened between two revisions; all anew where the log does not reach back, or another register came."""
        if since == revision:
            return ()
        if since < revision and await reaches_back(work, since):
            return await changes_since(work, since)
        return [Change(revision, (Anew(await reading.load(work, self._database.place)),))]
