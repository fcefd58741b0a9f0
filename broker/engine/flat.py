"""A batch as plain values: what a store writes, and what goes to a process that writes.  Pure.

Nothing but numbers, text, octets and tuples of them, so that `marshal` takes it: 0.4 µs for a message.
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from broker.core.sent import Changes, Octets, before, digest_unhurried
from broker.engine.store import Batch

FORMAT = 2

Routed: TypeAlias = tuple[str, str, tuple[int, ...] | None, bool]
"""dueslag, abonnement, keep, held."""

Flow: TypeAlias = tuple[str, str, bytes, tuple[Routed, ...]]
"""What messages have in common: afsender, Beskedtype, cuts, routing."""

Head: TypeAlias = tuple[int, int, float | None, bytes | Changes, str, str, float, int, int]
"""A message but for its body: seq, length, expires, sent, BeskedId, TransaktionsId, received, first, number of its
flow.

The bodies lie one after the other; ``length`` is -1 where one is not to be kept, since nobody gets it.  ``sent``: as in
`broker.core.stored.StoredBesked`.  The deliveries, in order of the routing, have the ids ``first`` and up.
"""


class Flat(NamedTuple):
    """`broker.engine.store.Batch` without its bodies."""

    flows: list[Flow]
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


Noted: TypeAlias = tuple[Head, Flow, bytes, int]
"""A message, its flow, its digest, and the hash of its BeskedId."""


class Slice(NamedTuple):
    """What goes to the tables in one statement."""

    noted: list[Noted]
    """Messages that are to be known again."""
    kept: list[Noted]
    """Those of them whose bodies are kept, too."""
    bodies: Octets
    """Of these, in order."""
    rest: Flat
    """Of this, everything but the messages."""
    began: dict[int, float]
    """When the generations of BeskedIds among them began."""


def pack(flat: Flat) -> bytes:
    """In the form of `marshal` that every Python since 3.4 reads."""
    plain: tuple[Any, ...] = tuple(flat)
    return marshal.dumps(plain, FORMAT)


def unpack(packed: Octets) -> Flat:
    """Of `pack`.  Raises ValueError, EOFError or TypeError."""
    return Flat(*marshal.loads(packed))  # noqa: S302 - from our own end of a socket, or a file under a checksum


def flatten(batch: Batch, retained: bool) -> tuple[Flat, list[bytes]]:
    """The batch, and the bodies that are to be kept; with ``retained`` also of messages that nobody gets."""
    flows: list[Flow] = []
    numbers: dict[tuple[int, bytes, str, str], int] = {}
    heads: list[Head] = []
    bodies: list[bytes] = []
    for pending in batch.beskeder:
        besked, routing = pending.besked, pending.routing
        flow = (id(routing), besked.cuts, besked.beskedtype, besked.afsender)
        number = numbers.get(flow)
        if number is None:
            number = numbers[flow] = len(flows)
            routed = tuple([(to.dueslag, to.abonnement, to.keep, to.held) for to in routing])
            flows.append((besked.afsender, besked.beskedtype, besked.cuts, routed))
        if routing or retained:
            length, sent = len(besked.data), besked.sent
            bodies.append(besked.data)
        else:
            length, sent = -1, besked.digest
        heads.append(
            (besked.seq, length, besked.expires, sent, besked.besked_id, besked.transaktions_id, besked.received,
             pending.first, number)
        )  # fmt: skip
    flat = Flat(
        flows,
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


def note(flat: Flat, bodies: Octets, hashes: Sequence[int]) -> list[tuple[Noted, memoryview | None]]:
    """Each message with its digest and its body, if that is to be kept; ``hashes`` of the BeskedIds.

    For a thread that may wait for others.
    """
    view, flows = memoryview(bodies), flat.flows
    noted: list[tuple[Noted, memoryview | None]] = []
    end = 0
    for head, hash in zip(flat.heads, hashes, strict=True):
        sent = head[3]
        body = None
        if head[1] >= 0:
            start, end = end, end + head[1]
            body = view[start:end]
        if not isinstance(sent, bytes):
            assert body is not None, "without a body there is a digest"
            sent = digest_unhurried(before(body, sent))
        noted.append(((head, flows[head[8]], sent, hash), body))
    return noted
