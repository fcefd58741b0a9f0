"""How each kind of item lies in SQLite: one table a kind, columns named as the fields; statements made once.  Pure.

``nr`` keeps the order in which items came, so that an export shows them as they were entered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from broker.core.model import Livscyklus, Registrering, Service, Tilstand
from broker.ports import Item
from broker.register.problem import SECTIONS

SCHEMA_VERSION = 3
"""In ``PRAGMA user_version``; a higher one was written by a newer beskedfordeler."""
APPLICATION_ID = 0x42464F52
"""In ``PRAGMA application_id``: "BFOR", tells a register from any other SQLite file."""

Value = str | float | int | None
_Codec = tuple[Callable[[Any], Value], Callable[[Any], Any]]


def _same(value: Any) -> Any:
    return value


def _tuple_out(value: Sequence[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _tuple_in(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _registrering_out(value: Registrering | None) -> Value:
    return None if value is None else json.dumps(asdict(value), ensure_ascii=False)


def _registrering_in(text: str | None) -> Registrering | None:
    if text is None:
        return None
    said = json.loads(text)
    return Registrering(**said | {"livscyklus": Livscyklus(said["livscyklus"])})


_TUPLE: _Codec = (_tuple_out, _tuple_in)
_CODECS: dict[str, _Codec] = {
    "service": (str, Service),
    "tilstand": (str, Tilstand),
    "godkendt": (int, bool),
    "beskedtyper": _TUPLE,
    "foelsomheder": _TUPLE,
    "forvaltningsomraader": _TUPLE,
    "afsendende_myndigheder": _TUPLE,
    "tilladte_myndigheder": _TUPLE,
    "modtagende_dueslag": _TUPLE,
    "registrering": (_registrering_out, _registrering_in),
}
_TYPES = {
    "gyldig_fra": "REAL",
    "gyldig_til": "REAL",
    "godkendt": "INTEGER NOT NULL",
    "adgangskode": "TEXT",
    "certifikat": "TEXT",
    "callback": "TEXT",
    "registrering": "TEXT",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of item as a table."""

    kind: type[Item]
    section: str
    create: str
    put: str
    delete: str
    clear: str
    load: str
    codecs: tuple[_Codec, ...]

    def row(self, item: Item) -> tuple[Value, ...]:
        """The columns of an item, in the order of its fields."""
        names = item.__dataclass_fields__
        return tuple([out(getattr(item, name)) for name, (out, _) in zip(names, self.codecs, strict=True)])

    def item(self, row: Sequence[Any]) -> Item:
        """The item that a row stands for."""
        return self.kind(*[into(value) for (_, into), value in zip(self.codecs, row, strict=True)])


def _table(kind: type[Item], section: str) -> Table:
    name = kind.__name__.lower()
    columns = [field.name for field in fields(kind)]
    key = columns[0]
    listed = ", ".join(columns)
    typed = ", ".join(f"{column} {_TYPES.get(column, 'TEXT NOT NULL')}" for column in columns)
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    marks = ", ".join("?" * len(columns))
    return Table(
        kind,
        section,
        f"CREATE TABLE {name} (nr INTEGER PRIMARY KEY, {typed}, UNIQUE ({key}))",
        f"INSERT INTO {name} ({listed}) VALUES ({marks}) ON CONFLICT ({key}) DO UPDATE SET {updates}",  # noqa: S608
        f"DELETE FROM {name} WHERE {key} = ?",  # noqa: S608
        f"DELETE FROM {name}",  # noqa: S608
        f"SELECT {listed} FROM {name} ORDER BY nr",  # noqa: S608  # all names come from our own dataclasses
        tuple(_CODECS.get(column, (_same, _same)) for column in columns),
    )


TABLES: dict[type[Item], Table] = {kind: _table(kind, section) for kind, section in SECTIONS.items()}

CREATE = (
    *(table.create for table in TABLES.values()),
    "CREATE TABLE vaerdi (liste INTEGER NOT NULL, vaerdi TEXT NOT NULL, PRIMARY KEY (liste, vaerdi)) WITHOUT ROWID",
)
MIGRATIONS = {
    1: (
        "ALTER TABLE anvendersystem ADD COLUMN certifikat TEXT",
        """ALTER TABLE serviceaftale ADD COLUMN modtagende_dueslag TEXT NOT NULL DEFAULT '["*"]'""",
    ),
    2: (
        "ALTER TABLE dueslag ADD COLUMN callback TEXT",
        "ALTER TABLE vaerdiliste ADD COLUMN registrering TEXT",
    ),
}
"""What makes the schema of a version into that of the next."""
LIST_NUMBER = "SELECT nr FROM vaerdiliste WHERE id = ?"
LISTS = "SELECT nr, id FROM vaerdiliste"
ADD_VALUE = "INSERT OR IGNORE INTO vaerdi (liste, vaerdi) VALUES (?, ?)"
REMOVE_VALUE = "DELETE FROM vaerdi WHERE liste = ? AND vaerdi = ?"
ADD_VALUES = "INSERT OR IGNORE INTO vaerdi (liste, vaerdi) SELECT ?, value FROM json_each(?)"
REMOVE_VALUES = "DELETE FROM vaerdi WHERE liste = ? AND vaerdi IN (SELECT value FROM json_each(?))"
CLEAR_LIST = "DELETE FROM vaerdi WHERE liste = (SELECT nr FROM vaerdiliste WHERE id = ?)"
CLEAR_VALUES = "DELETE FROM vaerdi"
LOAD_VALUES = "SELECT vaerdi FROM vaerdi WHERE liste = ?"
ANY_ITEM = "SELECT " + " OR ".join(f"EXISTS (SELECT 1 FROM {kind.__name__.lower()})" for kind in TABLES)  # noqa: S608
