"""Fixtures: a PostgreSQL, and fronts that share a database of it."""

from tests.support.postgres import postgres_cluster, postgres_url
from tests.unit.postgres.fronts import fronts

__all__ = ["fronts", "postgres_cluster", "postgres_url"]
