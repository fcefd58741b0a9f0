"""Names of queues, exchanges and consumer tags, as clients may write them."""

from __future__ import annotations

SYSTEM_EXCHANGES = {
    "amq.direct": "direct",
    "amq.fanout": "fanout",
    "amq.headers": "headers",
    "amq.match": "headers",
    "amq.rabbitmq.trace": "topic",
    "amq.topic": "topic",
}
EXCHANGE_TYPES = frozenset({"direct", "fanout", "headers", "topic"})


def strip(name: str) -> str:
    """Without CR and LF, which RabbitMQ strips from every name."""
    return name.replace("\r", "").replace("\n", "") if "\n" in name or "\r" in name else name


def strip_octets(name: bytes) -> bytes:
    """The same for a name as octets."""
    return name.replace(b"\r", b"").replace(b"\n", b"") if b"\n" in name or b"\r" in name else name
