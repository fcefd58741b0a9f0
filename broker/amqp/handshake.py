"""connection.start as RabbitMQ sends it, and what clients send on channel 0."""

from __future__ import annotations

import sys

from pamqp import commands, frame

from broker.amqp import tables
from broker.amqp.events import LoginAsked, SecretUpdated
from broker.amqp.settings import AmqpSettings

CAPABILITIES = (
    "publisher_confirms",
    "exchange_exchange_bindings",
    "basic.nack",
    "consumer_cancel_notify",
    "connection.blocked",
    "consumer_priorities",
    "authentication_failure_close",
    "per_consumer_qos",
    "direct_reply_to",
)
"""What RabbitMQ 3.10 announces; aio-pika fails without the table, pika's confirms want two of them."""


def start(settings: AmqpSettings, mechanisms: tuple[str, ...]) -> bytes:
    """The connection.start frame."""
    properties: dict[str, object] = {
        "capabilities": dict.fromkeys(CAPABILITIES, True),
        "cluster_name": settings.cluster_name,
        "copyright": "Beskedfordeler emulator contributors",
        "emulator": settings.emulator,
        "information": "An emulator of KOMBIT's Beskedfordeler, not RabbitMQ",
        "platform": f"Python {sys.version_info.major}.{sys.version_info.minor}",
        "product": settings.product,
        "version": settings.version,
        **settings.extra_properties,
    }
    method = commands.Connection.Start(
        server_properties=properties,  # type: ignore[arg-type]  # pamqp's FieldTable is invariant in its values
        mechanisms=" ".join(mechanisms),
        locales="en_US",
    )
    return frame.marshal(method, 0)


def read_start_ok(data: bytes, start: int, end: int) -> LoginAsked:
    """start-ok with its arguments in ``data[start:end]``.  Raises ValueError or IndexError where malformed.

    Read by hand: the peer is not yet known, and pamqp's cost for a table grows with its square.
    """
    table_start = start + 4
    table_end = table_start + int.from_bytes(data[start:table_start], "big")
    if table_end >= end:
        raise ValueError("client properties go beyond their frame")
    properties = tables.decode(data, table_start, table_end)
    mechanism_end = table_end + 1 + data[table_end]
    mechanism = data[table_end + 1 : mechanism_end].decode()
    response_start = mechanism_end + 4
    response_end = response_start + int.from_bytes(data[mechanism_end:response_start], "big")
    if response_end >= end:
        raise ValueError("the response goes beyond its frame")
    return LoginAsked(mechanism, data[response_start:response_end], properties)


def read_secret(data: bytes, start: int, end: int) -> SecretUpdated:
    """connection.update-secret: a long string and a reason.  Raises ValueError or IndexError where malformed."""
    secret_end = start + 4 + int.from_bytes(data[start : start + 4], "big")
    if secret_end >= end:
        raise ValueError("the secret goes beyond its frame")
    reason = data[secret_end + 1 : end].decode(errors="replace")
    return SecretUpdated(data[start + 4 : secret_end], reason)


def read_reason(data: bytes, start: int, end: int) -> tuple[int, str]:
    """Reply code and text of a close method.  Raises ValueError or IndexError where malformed."""
    text_end = start + 3 + data[start + 2]
    if text_end > end:
        raise ValueError("the reply text goes beyond its frame")
    return int.from_bytes(data[start : start + 2], "big"), data[start + 3 : text_end].decode(errors="replace")
