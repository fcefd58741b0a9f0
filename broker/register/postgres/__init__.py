"""The register in PostgreSQL, shared by any number of fronts (docs/postgres.md)."""

from broker.register.postgres.register import PostgresRegister

__all__ = ["PostgresRegister"]
