"""One delivery as it lies in RabbitMQ: the message's bytes as body, all else in two headers of JSON.  Pure.

``b`` is about the message and the same in every dueslag; ``l`` is about this delivery.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any

import orjson

from broker.core.stored import StoredBesked
from broker.engine.rabbitmq import frames
from broker.engine.rabbitmq.names import Kind
from broker.engine.store import Entry

LONGEST_TTL = 2**32 - 1
"""Milliseconds that RabbitMQ takes as expiration at most (49 days); what expires later it is not told of."""


class Unreadable(ValueError):
    """Not a letter of ours."""


@dataclass(slots=True)
class Letter:
    """What is to be published."""

    id: int
    dueslag: str
    abonnement: str
    keep: tuple[int, ...] | None
    besked: StoredBesked
    kind: Kind = Kind.MAIN
    attempts: int = 0
    redelivered: bool = False
    """It may have been delivered before."""
    reason: str | None = None
    died: float | None = None
    head: bytes = b""
    """The header ``b``, where it is packed already."""

    def pack(self, now: float) -> tuple[int, bytes]:
        """Flags and values of the properties."""
        besked = self.besked
        own = [
            self.id, self.dueslag, self.abonnement, self.keep, besked.seq, self.attempts, int(self.redelivered),
            self.reason, self.died,
        ]  # fmt: skip
        headers = frames.table((b"b", self.head or pack_besked(besked)), (b"l", orjson.dumps(own)))
        ttl = None
        if besked.expires is not None and self.kind is not Kind.DEAD:
            left = max(1, round((besked.expires - now) * 1000))
            ttl = left if left <= LONGEST_TTL else None
        return frames.properties(headers, besked.besked_id, self.kind.value, ttl)


def pack_besked(besked: StoredBesked) -> bytes:
    """The header ``b``: afsender, BeskedId, TransaktionsId, beskedtype, digest, cuts, received, expires."""
    return orjson.dumps(
        [
            besked.afsender, besked.besked_id, besked.transaktions_id, besked.beskedtype, besked.digest.hex(),
            b64encode(besked.cuts).decode(), besked.received, besked.expires,
        ]
    )  # fmt: skip


class Delivery(Entry):
    """A delivery in the hands of this front: unsettled in RabbitMQ."""

    __slots__ = ("base", "channel", "count", "died", "kept", "origin", "reason", "tag", "why")

    channel: Any
    """The `Channel` on which RabbitMQ waits for word of it."""
    tag: int
    base: int
    """Attempts before it was put into this queue."""
    count: int
    """Times that RabbitMQ took it back."""
    kept: StoredBesked
    """The message, also when the consumer let go of it."""
    origin: str
    """Where RabbitMQ moved it from, as it says itself; "" = it did not."""
    why: str
    """Why it did, in its words."""
    reason: str | None
    died: float | None

    def offset_when_back(self) -> int:
        """Attempts less what RabbitMQ counts, once it has taken it back."""
        return self.attempts - (self.base + self.count + 1)


@dataclass(slots=True)
class Marks:
    """What this front knows of deliveries it gave back: by id, attempts less the times RabbitMQ took it back."""

    limit: int = 100_000
    offsets: dict[int, int] = field(default_factory=dict)

    def note(self, delivery: Delivery) -> None:
        """It goes back, which RabbitMQ counts as an attempt whatever it was."""
        self.set(delivery.id, delivery.offset_when_back())

    def set(self, id: int, offset: int) -> None:
        self.offsets[id] = offset
        if len(self.offsets) > self.limit:
            del self.offsets[next(iter(self.offsets))]

    def apply(self, delivery: Delivery) -> None:
        """It came, perhaps again."""
        offset = self.offsets.pop(delivery.id, 0) if self.offsets else 0
        delivery.attempts = max(delivery.base, delivery.base + delivery.count + offset)


def read(channel: Any, tag: int, header: bytes, body: bytes) -> Delivery:
    """Raises Unreadable."""
    try:
        headers: dict[str, Any] = frames.read_headers(header)
        id, dueslag, abonnement, keep, seq, attempts, redelivered, reason, died = orjson.loads(headers["l"])
        afsender, besked_id, transaktions_id, beskedtype, digest, cuts, received, expires = orjson.loads(headers["b"])
        count = headers.get("x-delivery-count", 0)
        besked = StoredBesked(
            afsender, besked_id, transaktions_id, beskedtype, bytes.fromhex(digest), body, b64decode(cuts), received,
            expires, seq,
        )  # fmt: skip
        found = Delivery(
            id, dueslag, abonnement, tuple(keep) if keep is not None else None, attempts, bool(redelivered), seq, besked
        )
        found.besked_id, found.expires, found.size = besked_id, expires, len(body)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise Unreadable(str(error)) from None
    found.channel, found.tag, found.kept, found.base = channel, tag, besked, attempts
    found.count = count if isinstance(count, int) else 0
    found.origin = headers.get("x-first-death-queue", b"").decode()
    found.why = headers.get("x-first-death-reason", b"").decode()
    found.reason, found.died = reason, died
    return found
