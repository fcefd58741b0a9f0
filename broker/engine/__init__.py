"""Where messages live: durable dueslag in SQLite, or in memory."""

from broker.engine.embedded import EmbeddedEngine
from broker.engine.opening import memory_engine, open_engine, sqlite_engine
from broker.engine.store import StoreFull

__all__ = ["EmbeddedEngine", "StoreFull", "memory_engine", "open_engine", "sqlite_engine"]
