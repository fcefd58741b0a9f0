"""A batch as plain values: what a store writes, and what goes to a process that writes.  Pure.

Nothing but numbers, text, octets and tuples of them, so that `marshal` takes it: 0.4 µs for a message.
"""

from __future__ import annotations

import marshal
from typing import NamedTuple

from broker.engine.store import Batch
from broker.ports import StoredBesked

FORMAT = 2

Routed = tuple[str, str, tuple[int, ...] | None, bool]
"""dueslag, abonnement, keep, held."""


Head = tuple[
    int, int, int, float | None, bytes, str, str, str, str, float, bytes, int, tuple[Routed, ...]
]  # fmt: skip
"""A message but for its body: seq, offset, length, expires, digest, afsender, BeskedId, TransaktionsId, Beskedtype,
received, cuts, first, routing.

The body lies at ``offset`` (from 0) among the bodies of the batch; ``length`` is -1 where it is not to be kept, since
nobody gets it.  The deliveries, in order of ``routing``, have the ids ``first`` and up.
"""


class Flat(NamedTuple):
    """`broker.engine.store.Batch` without its bodies."""

    heads: list[Head]
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


class Slice(NamedTuple):
    """A batch, its bodies, the hashes of its BeskedIds, and when the generations of BeskedIds in it began."""

    flat: Flat
    bodies: bytes | bytearray | memoryview
    hashes: list[int]
    began: dict[int, float]


def pack(flat: Flat) -> bytes:
    """In the form of `marshal` that every Python since 3.4 reads."""
    return marshal.dumps(tuple(flat), FORMAT)


def unpack(packed: bytes | bytearray | memoryview) -> Flat:
    """Of `pack`.  Raises ValueError, EOFError or TypeError."""
    return Flat(*marshal.loads(packed))  # noqa: S302 - from our own end of a socket, or a file under a checksum


def flat_head(besked: StoredBesked, offset: int, length: int) -> Head:
    """Of a message with no deliveries but those that it has already."""
    return (
        besked.seq, offset, length, besked.expires, besked.digest, besked.afsender, besked.besked_id,
        besked.transaktions_id, besked.beskedtype, besked.received, besked.cuts, 0, ()
    )  # fmt: skip


def flatten(batch: Batch, retained: bool) -> tuple[Flat, list[bytes]]:
    """The batch, and the bodies that are to be kept; with ``retained`` also of messages that nobody gets."""
    heads: list[Head] = []
    bodies: list[bytes] = []
    offset = 0
    for pending in batch.beskeder:
        besked, routing = pending.besked, pending.routing
        if routing or retained:
            length = len(besked.data)
            bodies.append(besked.data)
        else:
            length = -1
        heads.append(
            (besked.seq, offset, length, besked.expires, besked.digest, besked.afsender, besked.besked_id,
             besked.transaktions_id, besked.beskedtype, besked.received, besked.cuts, pending.first,
             tuple([(to.dueslag, to.abonnement, to.keep, to.held) for to in routing]))
        )  # fmt: skip
        if length > 0:
            offset += length
    flat = Flat(
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
