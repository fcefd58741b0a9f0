"""Fixtures: a PostgreSQL for the trace that is kept in one."""

from tests.support.postgres import postgres_cluster, postgres_url

__all__ = ["postgres_cluster", "postgres_url"]
