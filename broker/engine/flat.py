"""A batch as plain values: what a store writes, and what goes to a process that writes.  Pure.

Nothing but numbers, text, octets and tuples of them, so that `marshal` takes it: 0.4 µs for a message.
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from broker.core.sent import Changes, Octets, digest_before
from broker.core.stored import StoredBesked
from broker.engine.store import Batch
from broker.ports import Routing

FORMAT = 2

Routed = tuple[str, str, tuple[int, ...] | None, bool]
"""dueslag, abonnement, keep, held."""

Head: TypeAlias = tuple[
    int, int, int, float | None, bytes, str, str, str, str, float, bytes, int, tuple[Routed, ...]
]  # fmt: skip
"""A message but for its body: seq, offset, length, expires, digest, afsender, BeskedId, TransaktionsId, Beskedtype,
received, cuts, first, routing.

The body lies at ``offset`` (from 0) among the bodies of the batch; ``length`` is -1 where it is not to be kept, since
nobody gets it.  The deliveries, in order of ``routing``, have the ids ``first`` and up.
"""

RawHead: TypeAlias = tuple[
    int, int, int, float | None, bytes | Changes, str, str, str, str, float, bytes, int, tuple[Routed, ...]
]  # fmt: skip
"""The same before its digest is taken; for that it says how the body was changed."""
H = TypeVar("H", covariant=True)


class _Flat(NamedTuple, Generic[H]):
    """`broker.engine.store.Batch` without its bodies."""

    heads: Sequence[H]
    touched: list[tuple[str, int, int]]
    """dueslag, id, attempts."""
    dead: list[tuple[str, int, int, str, tuple[int, ...] | None, int, str, float]]
    """dueslag, id, seq, abonnement, keep, attempts, reason, died."""
    gone: list[tuple[str, int, int, int]]
    """dueslag, state, id, seq."""
    handed: list[str]
    last_id: int
    last_seq: int
    now: float


Flat: TypeAlias = _Flat[Head]
Raw: TypeAlias = _Flat[RawHead]
"""As it goes over the wire and into the journal: `with_digests` makes a `Flat` of it."""


class Slice(NamedTuple):
    """A batch, its bodies, the hashes of its BeskedIds, and when the generations of BeskedIds in it began."""

    flat: Flat
    bodies: Octets
    hashes: list[int]
    began: dict[int, float]


def pack(flat: Raw) -> bytes:
    """In the form of `marshal` that every Python since 3.4 reads."""
    plain: tuple[Any, ...] = tuple(flat)
    return marshal.dumps(plain, FORMAT)


def unpack(packed: Octets) -> Raw:
    """Of `pack`.  Raises ValueError, EOFError or TypeError."""
    return Raw(*marshal.loads(packed))  # noqa: S302 - from our own end of a socket, or a file under a checksum


def flat_head(besked: StoredBesked, offset: int, length: int) -> Head:
    """Of a message with no deliveries but those that it has already."""
    return (
        besked.seq, offset, length, besked.expires, besked.digest, besked.afsender, besked.besked_id,
        besked.transaktions_id, besked.beskedtype, besked.received, besked.cuts, 0, ()
    )  # fmt: skip


def flatten(batch: Batch, retained: bool) -> tuple[Raw, list[bytes]]:
    """The batch, and the bodies that are to be kept; with ``retained`` also of messages that nobody gets."""
    heads: list[RawHead] = []
    bodies: list[bytes] = []
    offset = 0
    routed: tuple[Routed, ...] = ()
    same: Sequence[Routing] = ()
    for pending in batch.beskeder:
        besked, routing = pending.besked, pending.routing
        if routing is not same:  # messages of one flow share theirs
            same, routed = routing, tuple([(to.dueslag, to.abonnement, to.keep, to.held) for to in routing])
        if routing or retained:
            length, sent = len(besked.data), besked.sent
            bodies.append(besked.data)
        else:
            length, sent = -1, besked.digest
        heads.append(
            (besked.seq, offset, length, besked.expires, sent, besked.afsender, besked.besked_id,
             besked.transaktions_id, besked.beskedtype, besked.received, besked.cuts, pending.first, routed)
        )  # fmt: skip
        if length > 0:
            offset += length
    flat = Raw(
        heads,
        [(one.dueslag, one.id, one.attempts) for one in batch.touched.values()],
        [
            (one.entry.dueslag, one.entry.id, one.entry.seq, one.entry.abonnement, one.entry.keep,
             one.entry.attempts, one.reason, one.died)
            for one in batch.dead
        ],
        [(dueslag, int(state), id, seq) for dueslag, state, id, seq in batch.gone],
        list(batch.handed),
        batch.last_id,
        batch.last_seq,
        batch.now,
    )  # fmt: skip
    return flat, bodies


def with_digests(raw: Raw, bodies: Octets) -> Flat:
    """The batch with the digest of each message."""
    return Flat([_with_digest(head, bodies) for head in raw.heads], *raw[1:])


def _with_digest(head: RawHead, bodies: Octets) -> Head:
    seq, offset, length, expires, sent, *rest = head
    if not isinstance(sent, bytes):
        sent = digest_before(bodies[offset : offset + length], sent)
    return (seq, offset, length, expires, sent, *rest)  # type: ignore[return-value]  # mypy loses count in ``rest``
