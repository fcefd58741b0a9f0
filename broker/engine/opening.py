"""Engines ready to open."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from broker.clock import Clock
from broker.engine.embedded import MEMORY_LIMIT, EmbeddedEngine
from broker.engine.limits import Limits
from broker.engine.store import Store
from broker.engine.store_journal import JournalStore
from broker.engine.store_memory import MemoryStore
from broker.engine.store_process import ProcessStore
from broker.engine.store_sqlite import FILE_NAME, SqliteStore
from broker.meters import Meters
from broker.ports import Died

Durability = Literal["full", "relaxed", "memory"]
Blocked = Callable[[str | None], None]
Lost = Callable[[str], None]

STANDARD = Limits()


def open_engine(
    directory: Path,
    clock: Clock,
    durability: Durability = "full",
    *,
    on_died: Died | None = None,
    on_blocked: Blocked | None = None,
    memory_limit: int = MEMORY_LIMIT,
    redelivery_limit: int = 0,
    limits: Limits = STANDARD,
    meters: Meters | None = None,
    on_lost: Lost | None = None,
) -> EmbeddedEngine:
    """The engine of a data directory, still to be opened.

    ``full`` survives a power cut; ``relaxed`` may then lose the last moments, but nothing when only the process is
    killed; ``memory`` keeps nothing.  ``on_died`` hears of deliveries that expired or went to the fejlkø, and
    ``on_blocked`` why nothing can be stored (None: it can again).  ``redelivery_limit``: times that a delivery may come
    back before it goes to the fejlkø, 0 = no limit.  ``on_lost`` hears, once, why nothing can be stored any more.
    """
    if durability == "memory":
        store = MemoryStore(limits)
        return EmbeddedEngine(
            store,
            clock,
            on_died=on_died,
            on_blocked=on_blocked,
            memory_limit=memory_limit,
            redelivery_limit=redelivery_limit,
            meters=meters,
        )
    path, full = directory / FILE_NAME, durability == "full"
    file: Store
    if sys.platform == "win32":  # has no socket that a process can be given, and no fdatasync
        file = SqliteStore(path, full=full, limits=limits)
    else:
        file = ProcessStore(path, full=full, limits=limits, lost=on_lost)
    return EmbeddedEngine(
        file,
        clock,
        on_died=on_died,
        on_blocked=on_blocked,
        memory_limit=memory_limit,
        redelivery_limit=redelivery_limit,
        meters=meters,
    )


def sqlite_engine(
    path: Path,
    clock: Clock,
    *,
    durability: Literal["full", "relaxed"] = "full",
    on_died: Died | None = None,
    on_blocked: Blocked | None = None,
    memory_limit: int = MEMORY_LIMIT,
    redelivery_limit: int = 0,
    retention: float = STANDARD.retention,
    retention_limit: int = STANDARD.retention_limit,
    idempotency_window: float = STANDARD.idempotency_window,
    idempotency_limit: int = STANDARD.idempotency_limit,
    min_free_disk: int = STANDARD.min_free_disk,
    max_bytes: int | None = STANDARD.max_bytes,
) -> EmbeddedEngine:
    """An engine over one SQLite file (made where missing), all in this process; the rest as `open_engine` and `Limits`
    say."""
    limits = Limits(retention, retention_limit, idempotency_window, idempotency_limit, min_free_disk, max_bytes)
    store = JournalStore(path, full=durability == "full", limits=limits)
    return EmbeddedEngine(
        store,
        clock,
        on_died=on_died,
        on_blocked=on_blocked,
        memory_limit=memory_limit,
        redelivery_limit=redelivery_limit,
    )


def memory_engine(
    clock: Clock,
    *,
    on_died: Died | None = None,
    on_blocked: Blocked | None = None,
    memory_limit: int = MEMORY_LIMIT,
    redelivery_limit: int = 0,
    retention: float = STANDARD.retention,
    retention_limit: int = STANDARD.retention_limit,
    idempotency_window: float = STANDARD.idempotency_window,
    idempotency_limit: int = STANDARD.idempotency_limit,
    max_bytes: int | None = STANDARD.max_bytes,
) -> EmbeddedEngine:
    """An engine that forgets everything when it is closed."""
    limits = Limits(retention, retention_limit, idempotency_window, idempotency_limit, max_bytes=max_bytes)
    return EmbeddedEngine(
        MemoryStore(limits),
        clock,
        on_died=on_died,
        on_blocked=on_blocked,
        memory_limit=memory_limit,
        redelivery_limit=redelivery_limit,
    )
