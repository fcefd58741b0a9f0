"""A register's file written by an older version of the beskedfordeler."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from broker.core.model import ALLE, Anvendersystem, Myndighed, Service, Serviceaftale
from broker.errors import StoreError
from broker.register import SqliteRegister
from broker.register.tables import APPLICATION_ID, SCHEMA_VERSION
from tests.unit.register.contents import DUESLAG, LISTE, REGISTRERING

VERSION_1 = """
CREATE TABLE myndighed (nr INTEGER PRIMARY KEY, cvr TEXT NOT NULL, navn TEXT NOT NULL, UNIQUE (cvr));
CREATE TABLE anvendersystem (nr INTEGER PRIMARY KEY, id TEXT NOT NULL, navn TEXT NOT NULL, cvr TEXT NOT NULL,
  adgangskode TEXT, UNIQUE (id));
CREATE TABLE beskedtype (nr INTEGER PRIMARY KEY, id TEXT NOT NULL, navn TEXT NOT NULL, UNIQUE (id));
CREATE TABLE serviceaftale (nr INTEGER PRIMARY KEY, id TEXT NOT NULL, anvendersystem TEXT NOT NULL,
  service TEXT NOT NULL, version TEXT NOT NULL, beskedtyper TEXT NOT NULL, foelsomheder TEXT NOT NULL,
  forvaltningsomraader TEXT NOT NULL, afsendende_myndigheder TEXT NOT NULL, tilladte_myndigheder TEXT NOT NULL,
  gyldig_fra REAL, gyldig_til REAL, godkendt INTEGER NOT NULL, UNIQUE (id));
CREATE TABLE dueslag (nr INTEGER PRIMARY KEY, id TEXT NOT NULL, navn TEXT NOT NULL, anvendersystem TEXT NOT NULL,
  UNIQUE (id));
CREATE TABLE abonnement (nr INTEGER PRIMARY KEY, id TEXT NOT NULL, navn TEXT NOT NULL, dueslag TEXT NOT NULL,
  filter TEXT NOT NULL, tilstand TEXT NOT NULL, gyldig_fra REAL, gyldig_til REAL, UNIQUE (id));
CREATE TABLE vaerdiliste (nr INTEGER PRIMARY KEY, id TEXT NOT NULL, navn TEXT NOT NULL, anvendersystem TEXT NOT NULL,
  UNIQUE (id));
CREATE TABLE vaerdi (liste INTEGER NOT NULL, vaerdi TEXT NOT NULL, PRIMARY KEY (liste, vaerdi)) WITHOUT ROWID;
"""
"""As the first released schema made them."""

VERSION_2 = f"""
ALTER TABLE anvendersystem ADD COLUMN certifikat TEXT;
ALTER TABLE serviceaftale ADD COLUMN modtagende_dueslag TEXT NOT NULL DEFAULT '["*"]';
UPDATE anvendersystem SET certifikat = 'CVR:11111111-FID:1234567890123';
UPDATE serviceaftale SET modtagende_dueslag = '["{DUESLAG.id}"]';
PRAGMA user_version = 2;
"""
"""What version 2 added, and something in it."""

KOMMUNE = Myndighed("11111111", "Eksempelby Kommune")
SYSTEM = Anvendersystem(DUESLAG.anvendersystem, "Fagsystem", "11111111", "hemmelig")
AFTALE = Serviceaftale(
    "bbbbbbbb-0000-4000-8000-000000000001",
    SYSTEM.id,
    Service.MODTAG,
    "2.0",
    forvaltningsomraader=("27.*",),
    tilladte_myndigheder=("11111111",),
    gyldig_fra=1_700_000_000.25,
    godkendt=False,
)


def write_version_1(path: Path, version: int = 1) -> None:
    """A register with an item of some kinds, as a beskedfordeler of schema version 1 left it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1)
        connection.execute("INSERT INTO myndighed VALUES (1, '11111111', 'Eksempelby Kommune')")
        connection.execute(
            "INSERT INTO anvendersystem VALUES (1, ?, 'Fagsystem', '11111111', 'hemmelig')", (SYSTEM.id,)
        )
        connection.execute(
            "INSERT INTO serviceaftale VALUES (1, ?, ?, 'modtag', '2.0', '[\"*\"]', '[\"*\"]', '[\"27.*\"]', '[\"*\"]',"
            " '[\"11111111\"]', 1700000000.25, NULL, 0)",
            (AFTALE.id, SYSTEM.id),
        )
        connection.execute("INSERT INTO dueslag VALUES (1, ?, 'Indbakke', ?)", (DUESLAG.id, SYSTEM.id))
        connection.execute("INSERT INTO vaerdiliste VALUES (1, ?, 'Borgere', ?)", (LISTE.id, SYSTEM.id))
        connection.execute("INSERT INTO vaerdi VALUES (1, 'urn:oio:cpr-nr:0101010000')")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()


def version_of(path: Path) -> int:
    """The schema version that a file says it has."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def columns_of(path: Path) -> dict[str, list[tuple[str, str, int]]]:
    """Table → name, type and NOT NULL of each column."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: [
                (name, kind, needed)
                for _, name, kind, needed, _, _ in connection.execute(f"PRAGMA table_info({table})")
            ]
            for table in tables
        }


async def test_a_register_of_version_1_is_taken_over_whole(tmp_path: Path) -> None:
    """After an upgrade every item is there as it was; what is new has its default, and can be set and kept."""
    path = tmp_path / "register.sqlite"
    write_version_1(path)
    register = SqliteRegister(path)
    await register.open()
    content = await register.load()
    assert content.myndigheder == {KOMMUNE.cvr: KOMMUNE}
    assert content.anvendersystemer == {SYSTEM.id: SYSTEM}
    assert content.serviceaftaler == {AFTALE.id: AFTALE}
    assert content.dueslag == {DUESLAG.id: DUESLAG}
    assert content.vaerdier == {LISTE.id: {"urn:oio:cpr-nr:0101010000"}}
    assert (content.anvendersystemer[SYSTEM.id].certifikat, AFTALE.modtagende_dueslag) == (None, (ALLE,))
    changed = (
        replace(SYSTEM, certifikat="CVR:11111111-FID:1234567890123"),
        replace(AFTALE, modtagende_dueslag=(DUESLAG.id,)),
    )
    await register.put(changed)
    await register.close()
    assert version_of(path) == SCHEMA_VERSION
    await register.open()
    content = await register.load()
    await register.close()
    assert (*content.anvendersystemer.values(), *content.serviceaftaler.values()) == changed


async def test_a_register_of_version_2_is_taken_over_whole(tmp_path: Path) -> None:
    """What was set with version 2 stays; callback and registrering are not set, and can be set and kept."""
    path = tmp_path / "register.sqlite"
    write_version_1(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_2)
    register = SqliteRegister(path)
    await register.open()
    content = await register.load()
    assert content.anvendersystemer == {SYSTEM.id: replace(SYSTEM, certifikat="CVR:11111111-FID:1234567890123")}
    assert content.serviceaftaler == {AFTALE.id: replace(AFTALE, modtagende_dueslag=(DUESLAG.id,))}
    assert (content.dueslag, content.vaerdilister) == ({DUESLAG.id: DUESLAG}, {LISTE.id: LISTE})
    assert content.vaerdier == {LISTE.id: {"urn:oio:cpr-nr:0101010000"}}
    changed = (replace(DUESLAG, callback="http://127.0.0.1:8081/"), replace(LISTE, registrering=REGISTRERING))
    await register.put(changed)
    await register.close()
    assert version_of(path) == SCHEMA_VERSION == 3
    await register.open()
    content = await register.load()
    await register.close()
    assert (*content.dueslag.values(), *content.vaerdilister.values()) == changed
    assert content.vaerdier == {LISTE.id: {"urn:oio:cpr-nr:0101010000"}}


async def test_an_old_register_and_a_new_one_have_the_same_columns(tmp_path: Path) -> None:
    """After an upgrade a register is as one made today: no column is missing, none comes in another place."""
    old, new = tmp_path / "old.sqlite", tmp_path / "new.sqlite"
    write_version_1(old)
    for path in (old, new):
        register = SqliteRegister(path)
        await register.open()
        await register.close()
    assert columns_of(old) == columns_of(new)


async def test_a_new_register_has_the_newest_version(tmp_path: Path) -> None:
    """A file made today is not taken for an old one tomorrow."""
    path = tmp_path / "register.sqlite"
    register = SqliteRegister(path)
    for _ in range(2):
        await register.open()
        await register.close()
        assert version_of(path) == SCHEMA_VERSION


async def test_a_version_that_never_was_is_damage(tmp_path: Path) -> None:
    """A register that says it has version 0 is told to be damaged in one line, and left as it is."""
    path = tmp_path / "register.sqlite"
    write_version_1(path, version=0)
    with pytest.raises(StoreError, match=r"is damaged .*schema version 0") as caught:
        await SqliteRegister(path).open()
    assert "\n" not in str(caught.value)
    assert version_of(path) == 0
