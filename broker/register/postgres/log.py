"""The log of changes: what other fronts read to know what one of them has done.

A change is told as parts, each a JSON text of bounded length, under one revision.  The log is bounded too; a front
that has been away for longer than it reaches back loads the register anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Any, TypeVar

import sqlalchemy as sa

from broker.ports import Item
from broker.postgres.database import Work
from broker.postgres.schema import SCHEMA
from broker.register.postgres.tables import BY_SECTION, KINDS
from broker.register.problem import key_of
from broker.sharing import Change, Deleted, Put, Values

_T = TypeVar("_T")

CHANNEL = "beskedfordeler"
"""What is notified on, with the revision as payload."""
KEPT_CHANGES = 10_000
KEPT_CHARACTERS = 64 * 1024 * 1024
"""The log reaches back over so many changes, as long as telling of them did not take more characters than this."""
_PRUNE_EVERY = 100
"""Changes between two prunings."""
_ITEMS = 500
"""Items to a part."""

ANEW = "alt"
"""What everything was put anew by: told without saying what it then was."""

_INT = sa.BigInteger()
STAND = sa.text(f"SELECT revision, (SELECT version FROM {SCHEMA}.skema WHERE del = :part) FROM {SCHEMA}.stand")  # noqa: S608
_WRITE = sa.text(
    f"INSERT INTO {SCHEMA}.aendring (revision, nr, hvad, data, tegn) "  # noqa: S608 - no input in it
    f"SELECT :revision, :nr, :hvad, :data, tegn + :tegn FROM {SCHEMA}.stand"
).bindparams(sa.bindparam("revision", type_=_INT), sa.bindparam("tegn", type_=_INT), sa.bindparam("nr", type_=_INT))
_FINISH = sa.text(
    f"WITH moved AS (UPDATE {SCHEMA}.stand SET revision = :revision, tegn = tegn + :tegn RETURNING revision) "  # noqa: S608
    "SELECT pg_notify(:channel, CAST(revision AS TEXT)) FROM moved"
).bindparams(sa.bindparam("revision", type_=_INT), sa.bindparam("tegn", type_=_INT))
_PRUNE = sa.text(
    f"DELETE FROM {SCHEMA}.aendring WHERE revision <= :revision OR tegn <= (SELECT tegn FROM {SCHEMA}.stand) - :tegn"  # noqa: S608
).bindparams(sa.bindparam("revision", type_=_INT), sa.bindparam("tegn", type_=_INT))
_SINCE = sa.text(
    f"SELECT revision, hvad, data FROM {SCHEMA}.aendring WHERE revision > :since ORDER BY revision, nr"  # noqa: S608
).bindparams(sa.bindparam("since", type_=_INT))
_FIRST = sa.text(
    f"SELECT min(revision) = :since + 1 AND NOT bool_or(hvad = '{ANEW}') "  # noqa: S608 - no input in it
    f"FROM {SCHEMA}.aendring WHERE revision > :since"
).bindparams(sa.bindparam("since", type_=_INT))


@dataclass(slots=True)
class Writing:
    """The telling of one change."""

    work: Work
    revision: int
    parts: int = 0
    characters: int = field(default=0)

    async def put(self, items: Iterable[Item]) -> None:
        for batch in _sliced(items):
            await self._write("put", [[KINDS[type(item)].section, *_row(item).values()] for item in batch])

    async def deleted(self, keys: Sequence[tuple[str, str]]) -> None:
        for batch in _sliced(keys):
            await self._write("delete", batch)

    async def added(self, liste: str, values: Sequence[str]) -> None:
        """Not more values than one statement takes."""
        await self._write("add", [liste, values])

    async def removed(self, liste: str, values: Sequence[str]) -> None:
        await self._write("remove", [liste, values])

    async def anew(self) -> None:
        await self._write(ANEW, [])

    async def _write(self, hvad: str, data: object) -> None:
        said = json.dumps(data, separators=(",", ":"))
        self.characters += len(said)
        row = {"revision": self.revision, "nr": self.parts, "hvad": hvad, "data": said, "tegn": self.characters}
        await self.work.run(_WRITE, row)
        self.parts += 1

    async def finish(self) -> None:
        """Count the change, and have it announced when it is durable."""
        if self.revision % _PRUNE_EVERY == 0:
            await self.work.run(_PRUNE, {"revision": self.revision - KEPT_CHANGES, "tegn": KEPT_CHARACTERS})
        given = {"revision": self.revision, "tegn": self.characters, "channel": CHANNEL}
        await self.work.run(_FINISH, given)


def _sliced(things: Iterable[_T]) -> Iterator[list[_T]]:
    each = iter(things)
    while batch := list(islice(each, _ITEMS)):
        yield batch


def _row(item: Item) -> dict[str, Any]:
    return KINDS[type(item)].row(item)


async def reaches_back(work: Work, since: int) -> bool:
    """Whether the log tells all that was changed after a revision."""
    return bool(await work.value(_FIRST, {"since": since}))


async def changes_since(work: Work, since: int) -> list[Change]:
    """What the log tells, oldest first."""
    told: list[tuple[int, Put | Deleted | Values]] = []
    async with aclosing(work.slices(_SINCE, {"since": since})) as slices:
        async for rows in slices:
            told.extend((revision, _part(hvad, json.loads(data))) for revision, hvad, data in rows)
    return [Change(revision, tuple(_joined([part for _, part in parts]))) for revision, parts in _by_revision(told)]


def _by_revision(
    told: list[tuple[int, Put | Deleted | Values]],
) -> Iterator[tuple[int, Iterator[tuple[int, Put | Deleted | Values]]]]:
    return groupby(told, key=lambda one: one[0])


def _part(hvad: str, data: Any) -> Put | Deleted | Values:
    match hvad:
        case "put":
            return Put(tuple(BY_SECTION[section].item(row) for section, *row in data))
        case "delete":
            return Deleted(tuple((section, key) for section, key in data))
        case "add":
            return Values(data[0], added=tuple(data[1]))
        case "remove":
            return Values(data[0], removed=tuple(data[1]))
    raise ValueError(f"'{hvad}' is no change")


def _joined(parts: Sequence[Put | Deleted | Values]) -> Iterator[Put | Deleted | Values]:
    """Items that were told of in several parts, in one again: they may refer to each other."""
    for kind, group in groupby(parts, key=type):
        if kind is Put:
            yield Put(tuple(item for part in group if isinstance(part, Put) for item in part.items))
        elif kind is Deleted:
            yield Deleted(tuple(key for part in group if isinstance(part, Deleted) for key in part.keys))
        else:
            yield from group


def keys_of(items: Iterable[Item]) -> list[tuple[str, str]]:
    """How the log names items."""
    return [(KINDS[type(item)].section, key_of(item)) for item in items]
