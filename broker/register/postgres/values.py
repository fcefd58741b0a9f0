"""Values of værdilister as PostgreSQL can hold and index them: any characters, any length."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from broker.errors import NotFound
from broker.postgres.database import SLICE, Work
from broker.postgres.schema import SCHEMA
from broker.register.postgres.texts import read, written

_T = TypeVar("_T")

_LONGEST_KEY = 500
"""Characters, at most 2,000 bytes: an index entry of PostgreSQL may have 2,704."""
_DIGEST = "\\#"
"""What the keys of longer values begin with; no other key does, as a backslash is written twice."""


def key_of_value(value: str) -> str:
    """What stands for a value: itself as it is `written`, or its digest where that is too long to be a key."""
    key = written(value)
    if len(key) <= _LONGEST_KEY:
        return key
    return _DIGEST + hashlib.sha256(value.encode()).hexdigest()


def long_value(value: str) -> str | None:
    """What is kept beside the key, where that is not enough."""
    text = written(value)
    return text if len(text) > _LONGEST_KEY else None


def value_of(key: str, long: str | None) -> str:
    """The value that a row holds."""
    return read(key if long is None else long)


_TEXTS = ARRAY(sa.Text())
_GIVEN = sa.bindparam("keys", type_=_TEXTS)
_ADD = sa.text(
    f"INSERT INTO {SCHEMA}.vaerdi (liste, noegle, lang) "  # noqa: S608 - no input in it
    "SELECT :liste, given.noegle, given.lang FROM unnest(:keys, :long) AS given (noegle, lang) ON CONFLICT DO NOTHING"
).bindparams(_GIVEN, sa.bindparam("long", type_=_TEXTS), sa.bindparam("liste", type_=sa.BigInteger()))
_REMOVE = sa.text(f"DELETE FROM {SCHEMA}.vaerdi WHERE liste = :liste AND noegle = ANY(:keys)").bindparams(  # noqa: S608
    _GIVEN, sa.bindparam("liste", type_=sa.BigInteger())
)
_NUMBER = sa.text(f"SELECT nr FROM {SCHEMA}.vaerdiliste WHERE id = :id")  # noqa: S608 - no input in it
CLEAR_LIST = sa.text(
    f"DELETE FROM {SCHEMA}.vaerdi WHERE liste = (SELECT nr FROM {SCHEMA}.vaerdiliste WHERE id = :id)"  # noqa: S608
)
CLEAR = sa.text(f"DELETE FROM {SCHEMA}.vaerdi")  # noqa: S608 - no input in it
LOAD = sa.text(
    f"SELECT l.id, v.noegle, v.lang FROM {SCHEMA}.vaerdi v JOIN {SCHEMA}.vaerdiliste l ON l.nr = v.liste"  # noqa: S608
)


async def number_of(work: Work, vaerdiliste: str) -> int:
    """What the rows of a list's values name it by.  Raises NotFound."""
    found = await work.value(_NUMBER, {"id": written(vaerdiliste)})
    if found is None:
        raise NotFound(f"there is no værdiliste with id {vaerdiliste} in the register")
    return int(found)


async def add(work: Work, liste: int, values: Sequence[str]) -> None:
    """Those that are there already are passed over."""
    keys, long = list(map(key_of_value, values)), list(map(long_value, values))
    await work.run(_ADD, {"liste": liste, "keys": keys, "long": long})


async def remove(work: Work, liste: int, values: Sequence[str]) -> None:
    """Those that are not there are passed over."""
    await work.run(_REMOVE, {"liste": liste, "keys": list(map(key_of_value, values))})


def sliced(rows: Iterable[_T]) -> Iterator[list[_T]]:
    """As many at a time as one statement takes."""
    each = iter(rows)
    while batch := list(islice(each, SLICE)):
        yield batch
