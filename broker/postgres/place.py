"""Which PostgreSQL a URL names, as people are told of it.  Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from broker.errors import StoreError

_SCHEMES = ("postgresql", "postgres")
EXPECTED = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"


def checked(url: str) -> str:
    """The URL as asyncpg takes it.  Raises StoreError."""
    scheme, colon, rest = url.partition("://")
    scheme = scheme.removesuffix("+asyncpg")
    if not colon or scheme not in _SCHEMES:
        raise StoreError(f"the database is not named by a URL of PostgreSQL; expected {EXPECTED}")
    return f"{scheme}://{rest}"


def place_of(url: str) -> str:
    """Hosts and database, without user, password and options: for log lines and errors."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2] or "localhost"
    return f"{hosts}{parts.path}"
