"""The tables of `broker.engine.rabbitmq.known_postgres`, version by version."""

from __future__ import annotations

from broker.postgres.schema import SCHEMA, Versions

PART = "known"

VERSIONS: Versions = (
    (
        # Fronts made this table before it had a version: the same one, so that it is taken as it is.
        f"""CREATE TABLE IF NOT EXISTS {SCHEMA}.known (
            besked_id TEXT NOT NULL,
            afsender TEXT NOT NULL,
            digest BYTEA NOT NULL,
            done BOOLEAN NOT NULL DEFAULT FALSE,
            front INTEGER NOT NULL,
            received DOUBLE PRECISION NOT NULL,
            dueslag TEXT NOT NULL,
            PRIMARY KEY (besked_id, afsender)
        ) WITH (fillfactor = 80)""",
        f"CREATE INDEX IF NOT EXISTS known_received ON {SCHEMA}.known (received)",
    ),
)
"""``front``: whose it is while it is not ``done``; 0 = nobody's, whoever asks next takes it over.  ``dueslag``: a JSON
list."""
