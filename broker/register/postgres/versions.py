"""The tables of the register, version by version.  What is written here has run somewhere: add, never change."""

from __future__ import annotations

from broker.postgres.schema import SCHEMA, Versions

PART = "register"

_NR = "nr BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE"

VERSIONS: Versions = (
    (
        f"CREATE TABLE {SCHEMA}.myndighed ({_NR}, cvr TEXT PRIMARY KEY, navn TEXT NOT NULL)",
        f"""CREATE TABLE {SCHEMA}.anvendersystem ({_NR}, id TEXT PRIMARY KEY, navn TEXT NOT NULL, cvr TEXT NOT NULL,
            adgangskode TEXT, certifikat TEXT)""",
        f"CREATE TABLE {SCHEMA}.beskedtype ({_NR}, id TEXT PRIMARY KEY, navn TEXT NOT NULL)",
        f"""CREATE TABLE {SCHEMA}.serviceaftale ({_NR}, id TEXT PRIMARY KEY, anvendersystem TEXT NOT NULL,
            service TEXT NOT NULL, version TEXT NOT NULL, beskedtyper TEXT[] NOT NULL, foelsomheder TEXT[] NOT NULL,
            forvaltningsomraader TEXT[] NOT NULL, afsendende_myndigheder TEXT[] NOT NULL,
            tilladte_myndigheder TEXT[] NOT NULL, gyldig_fra DOUBLE PRECISION, gyldig_til DOUBLE PRECISION,
            godkendt BOOLEAN NOT NULL, modtagende_dueslag TEXT[] NOT NULL)""",
        f"""CREATE TABLE {SCHEMA}.dueslag ({_NR}, id TEXT PRIMARY KEY, navn TEXT NOT NULL,
            anvendersystem TEXT NOT NULL, callback TEXT)""",
        f"""CREATE TABLE {SCHEMA}.abonnement ({_NR}, id TEXT PRIMARY KEY, navn TEXT NOT NULL, dueslag TEXT NOT NULL,
            filter TEXT NOT NULL, tilstand TEXT NOT NULL, gyldig_fra DOUBLE PRECISION, gyldig_til DOUBLE PRECISION)""",
        f"""CREATE TABLE {SCHEMA}.vaerdiliste ({_NR}, id TEXT PRIMARY KEY, navn TEXT NOT NULL,
            anvendersystem TEXT NOT NULL, registrering JSON)""",
        f"""CREATE TABLE {SCHEMA}.vaerdi (liste BIGINT NOT NULL, noegle TEXT COLLATE "C" NOT NULL, lang TEXT,
            PRIMARY KEY (liste, noegle))""",
        f"CREATE TABLE {SCHEMA}.stand (revision BIGINT NOT NULL, tegn BIGINT NOT NULL)",
        f"INSERT INTO {SCHEMA}.stand VALUES (0, 0)",  # noqa: S608 - no input in it
        f"""CREATE TABLE {SCHEMA}.aendring (revision BIGINT NOT NULL, nr INTEGER NOT NULL, hvad TEXT NOT NULL,
            data TEXT NOT NULL, tegn BIGINT NOT NULL, PRIMARY KEY (revision, nr))""",
    ),
)
"""``stand`` is one row: how many changes there have been, and how many characters it took to tell of them.  ``tegn``
of an ``aendring`` is that sum up to it; by it and by ``revision`` old ones are pruned (`broker.register.postgres.log`).
``noegle`` of a ``vaerdi`` is `broker.register.postgres.values.key_of_value`."""
