"""Where an emulator keeps what it keeps: files of its own, or RabbitMQ and PostgreSQL that several fronts share.

What a start without RabbitMQ and PostgreSQL does not need is not loaded by it.
"""

from __future__ import annotations

from broker.clock import Clock
from broker.engine import open_engine
from broker.engine.limits import Limits as StoreLimits
from broker.engine.opening import Blocked, Lost
from broker.errors import StoreError
from broker.meters import Meters
from broker.ports import Died, Engine
from broker.register import SqliteRegister
from broker.settings import Settings
from broker.sharing import AnnouncingRegister, SharedRegister
from broker.trace import Trace


def check_storage(settings: Settings) -> None:
    """Raises StoreError for a choice that would lose or double messages."""
    if settings.rabbitmq is not None and settings.database is None:
        raise StoreError(
            "messages in RabbitMQ (--rabbitmq) need a database, too (--database postgresql://…): which messages were "
            "accepted before is kept there, and the register that all fronts go by"
        )
    if settings.database is not None and settings.rabbitmq is None:
        raise StoreError(
            "a register in PostgreSQL (--database) needs messages in RabbitMQ, too (--rabbitmq amqp://…): fronts that "
            "share a register must share its dueslag"
        )


def make_engine(settings: Settings, clock: Clock, meters: Meters, died: Died, blocked: Blocked, lost: Lost) -> Engine:
    """Still to be opened; ``lost`` hears why an open one can never store anything again.

    Raises StoreError (an address that is none).
    """
    if settings.rabbitmq is not None and settings.database is not None:
        from broker.engine.rabbitmq import open_rabbitmq_engine
        from broker.engine.rabbitmq.known_postgres import PostgresKnown

        return open_rabbitmq_engine(
            settings.rabbitmq.get_secret_value(),
            clock,
            known=PostgresKnown(settings.database.get_secret_value()),
            on_died=died,
            on_blocked=blocked,
            prefix=settings.rabbitmq_prefix,
            patience=settings.rabbitmq_patience,
            memory_limit=settings.memory_limit,
            redelivery_limit=settings.redelivery_limit,
        )
    return open_engine(
        settings.data,
        clock,
        settings.durability,
        on_died=died,
        on_blocked=blocked,
        memory_limit=settings.memory_limit,
        redelivery_limit=settings.redelivery_limit,
        limits=StoreLimits(
            retention=settings.retention, min_free_disk=settings.min_free_disk, max_bytes=settings.max_store
        ),
        meters=meters,
        on_lost=lost,
    )


def make_register(settings: Settings) -> SharedRegister:
    """Still to be opened.  Raises StoreError (an address that is none)."""
    if settings.database is None:
        return SqliteRegister(settings.data / "register.sqlite")
    return _announcing(settings.database.get_secret_value())


def _announcing(url: str) -> AnnouncingRegister:
    from broker.register.postgres import PostgresRegister

    return PostgresRegister(url)


def make_trace(settings: Settings) -> Trace:
    """Still to be opened."""
    if settings.database is None:
        return Trace(settings.data / "spor.sqlite", settings.trace_records)
    from broker.trace.archive_postgres import PostgresArchive

    archive = PostgresArchive(settings.database.get_secret_value(), settings.trace_records)
    return Trace(None, settings.trace_records, archive=archive)
