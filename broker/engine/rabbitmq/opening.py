"""A RabbitMQ engine ready to open."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Callable

from broker.clock import Clock
from broker.engine.rabbitmq.address import Address
from broker.engine.rabbitmq.engine import RabbitmqEngine
from broker.engine.rabbitmq.known import Known, MemoryKnown
from broker.engine.rabbitmq.names import Names
from broker.ports import Died

MEMORY_LIMIT = 64 * 1024 * 1024
PREFETCH = 200
PATIENCE = 30.0
SHARE = 16 * 1024
"""Bytes of the memory limit for each delivery that a dueslag has read ahead."""


def open_rabbitmq_engine(
    url: str,
    clock: Clock,
    *,
    known: Known | None = None,
    on_died: Died | None = None,
    on_blocked: Callable[[str | None], None] | None = None,
    prefix: str = "bf",
    group: int | None = None,
    prefetch: int = PREFETCH,
    memory_limit: int = MEMORY_LIMIT,
    redelivery_limit: int = 0,
    heartbeat: int = 5,
    patience: float = PATIENCE,
    tls: ssl.SSLContext | None = None,
    name: str | None = None,
) -> RabbitmqEngine:
    """An engine over RabbitMQ, still to be opened; call on the running loop.

    ``url``: amqp[s]://user:password@host:port,host:port/vhost, the nodes of one cluster.  ``known`` remembers
    BeskedIds; without, in memory, which is for a single front and forgets when it stops.  ``prefix``: of the queues'
    names.  ``group``: members of a quorum queue, None = RabbitMQ's default.  ``prefetch``: deliveries of a dueslag
    that this front takes ahead while somebody fetches.  ``heartbeat``: seconds; a RabbitMQ that says nothing for
    twice as long is given up.  ``patience``: seconds that a sender waits for its answer while RabbitMQ, or what
    remembers BeskedIds, is away; then it is told to send again.  ``name``: of the connections, for RabbitMQ's lists.
    Raises StoreError (the url).
    """
    return RabbitmqEngine(
        Address.parse(url, tls),
        clock,
        known if known is not None else MemoryKnown(),
        Names(prefix, group),
        on_died=on_died,
        on_blocked=on_blocked,
        prefetch=max(1, min(prefetch, memory_limit // SHARE)),
        memory_limit=memory_limit,
        redelivery_limit=redelivery_limit,
        name=name or f"beskedfordeler {socket.gethostname()} {os.getpid()}",
        heartbeat=heartbeat,
        patience=patience,
    )
