"""The whole register out of PostgreSQL."""

from __future__ import annotations

from contextlib import aclosing

from broker.errors import StoreError
from broker.ports import RegisterContent
from broker.postgres.database import Work
from broker.postgres.schema import newer
from broker.register.postgres import values
from broker.register.postgres.log import STAND
from broker.register.postgres.tables import KINDS
from broker.register.postgres.texts import read
from broker.register.postgres.versions import PART, VERSIONS
from broker.register.problem import key_of


async def revision_of(work: Work, place: str) -> int:
    """How many changes there have been.

    Raises StoreError where the tables have become those of a newer version, or are no more what they were.
    """
    found = await work.row(STAND, {"part": PART})
    if found is None:
        raise StoreError(f"the register in PostgreSQL at {place} is damaged: the table stand is empty")
    revision, version = found
    if version > len(VERSIONS):
        raise StoreError(newer(PART, place, version, len(VERSIONS)))
    return int(revision)


async def load(work: Work, place: str) -> RegisterContent:
    """Everything, as the transaction sees it.  Raises StoreError where what stands there is no register."""
    try:
        return await _load(work, place)
    except (ValueError, TypeError) as error:
        said = " ".join(str(error).split())
        raise StoreError(f"the register in PostgreSQL at {place} is damaged ({said}): put a copy back") from error


async def _load(work: Work, place: str) -> RegisterContent:
    content = RegisterContent(revision=await revision_of(work, place))
    for kind in KINDS.values():
        section = getattr(content, kind.section)
        async with aclosing(work.slices(kind.load)) as slices:
            async for rows in slices:
                for item in map(kind.item, rows):
                    section[key_of(item)] = item
    content.vaerdier = {key: set() for key in content.vaerdilister}
    async with aclosing(work.slices(values.LOAD)) as slices:
        async for rows in slices:
            for liste, key, long in rows:
                content.vaerdier[read(liste)].add(values.value_of(key, long))
    return content
