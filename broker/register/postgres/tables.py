"""How each kind of item lies in PostgreSQL: one table a kind, columns named as the fields; statements made once.

``nr`` keeps the order in which items came, as in `broker.register.tables`.  Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from broker.core.model import Livscyklus, Registrering, Service, Tilstand
from broker.ports import Item
from broker.postgres.schema import SCHEMA
from broker.register.postgres.texts import read, written
from broker.register.problem import SECTIONS

METADATA = sa.MetaData(schema=SCHEMA)

_In = Callable[[Any], Any]


def _plain(value: Any) -> Any:
    return read(value) if isinstance(value, str) else value


def _registrering(said: dict[str, Any] | None) -> Registrering | None:
    return None if said is None else Registrering(**said | {"livscyklus": Livscyklus(said["livscyklus"])})


_TEXTS = ("beskedtyper", "foelsomheder", "forvaltningsomraader", "afsendende_myndigheder", "tilladte_myndigheder")
_INTO: dict[str, _In] = {
    "service": Service,
    "tilstand": Tilstand,
    "registrering": _registrering,
    "modtagende_dueslag": tuple,
    **dict.fromkeys(_TEXTS, tuple),
}
_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "gyldig_fra": sa.Double(),
    "gyldig_til": sa.Double(),
    "godkendt": sa.Boolean(),
    "registrering": sa.JSON(none_as_null=True),
    "modtagende_dueslag": ARRAY(sa.Text()),
    **dict.fromkeys(_TEXTS, ARRAY(sa.Text())),
}
_NULLABLE = ("gyldig_fra", "gyldig_til", "adgangskode", "certifikat", "callback", "registrering")


def _out(value: Any) -> Any:
    """As JSON and PostgreSQL have it."""
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Registrering):
        return asdict(value)
    return written(str(value)) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of item as a table."""

    kind: type[Item]
    section: str
    table: sa.Table
    key: str
    put: sa.Executable
    delete: sa.Executable
    clear: sa.Executable
    load: sa.Executable
    into: tuple[_In, ...]

    def row(self, item: Item) -> dict[str, Any]:
        """The columns of an item, as JSON values; raises AttributeError for what is none."""
        return {name: _out(getattr(item, name)) for name in item.__dataclass_fields__}

    def item(self, row: Any) -> Item:
        """The item that values stand for, in the order of its fields."""
        return self.kind(*[into(value) for into, value in zip(self.into, row, strict=True)])


def _kind(kind: type[Item], section: str) -> Kind:
    names = [field.name for field in fields(kind)]
    table = sa.Table(
        kind.__name__.lower(),
        METADATA,
        sa.Column("nr", sa.BigInteger, sa.Identity(always=True), unique=True),
        *(
            sa.Column(name, _TYPES.get(name, sa.Text()), nullable=name in _NULLABLE, primary_key=name == names[0])
            for name in names
        ),
    )
    key = table.c[names[0]]
    new = insert(table)
    put = new.on_conflict_do_update(index_elements=[key], set_={name: new.excluded[name] for name in names[1:]})
    return Kind(
        kind,
        section,
        table,
        names[0],
        put,
        sa.delete(table).where(key == sa.bindparam("key")),
        sa.delete(table),
        sa.select(*(table.c[name] for name in names)).order_by(table.c.nr),
        tuple(_INTO.get(name, _plain) for name in names),
    )


KINDS: dict[type[Item], Kind] = {kind: _kind(kind, section) for kind, section in SECTIONS.items()}
BY_SECTION: dict[str, Kind] = {kind.section: kind for kind in KINDS.values()}
ANY_ITEM = sa.select(sa.or_(*(sa.exists(sa.select(1).select_from(kind.table)) for kind in KINDS.values())))
