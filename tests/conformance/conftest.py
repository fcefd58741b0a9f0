"""Fixtures of the conformance tests: servers that what we ship runs on."""

from tests.support.postgres import postgres_cluster, postgres_url

__all__ = ["postgres_cluster", "postgres_url"]
