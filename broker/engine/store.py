"""The port between the queue logic and what keeps it: values both sides speak, and the Store protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

from broker.core.stored import StoredBesked
from broker.errors import StoreError
from broker.ports import Glimpse, Leverance, Outcome, Routing


class State(IntEnum):
    """Where a delivery stands in the store.  What is out is READY there: an ack removes it."""

    READY = 0
    HELD = 1
    DEAD = 2


STATE_NAMES = {State.READY: "ready", State.HELD: "held", State.DEAD: "dead"}


OVERHEAD = 400
"""Bytes that a delivery in memory is counted for beside its body."""


class StoreFull(StoreError):
    """There is no room for more messages; what was not stored may be tried again."""


class Entry(Leverance):
    """A delivery in memory: the handle, and what the engine needs when the body is not in memory."""

    __slots__ = ("besked_id", "expires", "size")

    besked_id: str
    expires: float | None
    size: int
    """Bytes of the body."""


@dataclass(slots=True, eq=False)
class Pending:
    """One accept that is not yet durable.  Its deliveries have the ids first, first + 1, … in order of routing."""

    besked: StoredBesked
    routing: Sequence[Routing]
    done: Callable[[Outcome], None]
    first: int
    twins: list[tuple[bytes, Callable[[Outcome], None]]] | None = None
    """Resends that came while this one was under way: digest and whom to tell."""


@dataclass(slots=True)
class Dead:
    """A delivery on its way to the fejlkø."""

    entry: Entry
    reason: str
    died: float
    state: State = State.READY
    """Where it comes from; it is to be in ``Batch.gone`` there."""


@dataclass(slots=True)
class Batch:
    """What one transaction writes."""

    beskeder: list[Pending] = field(default_factory=list)
    gone: list[tuple[str, int, int, int]] = field(default_factory=list)
    """Settled deliveries: dueslag, State, id, seq."""
    touched: dict[int, Entry] = field(default_factory=dict)
    """Deliveries, by id, that came back: attempts and redelivered are to be written."""
    dead: list[Dead] = field(default_factory=list)
    handed: set[str] = field(default_factory=set)
    """Dueslag that are about to hand something out for the first time in this run."""
    last_id: int = 0
    last_seq: int = 0
    now: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.beskeder or self.gone or self.touched or self.dead or self.handed)


@dataclass(slots=True)
class Opened:
    """What a store held when it was opened."""

    counts: dict[str, list[int]] = field(default_factory=dict)
    """Deliveries by dueslag: [ready, held, dead]."""
    last_id: int = 0
    last_seq: int = 0
    next_expiry: float | None = None


@dataclass(slots=True)
class Page:
    """Deliveries in order of id, with their bodies where they fitted."""

    entries: list[Entry]
    complete: bool
    """There was nothing more when the page was read."""


@dataclass(slots=True)
class Located:
    """One message as a store knows it."""

    deliveries: list[tuple[State, Entry]] = field(default_factory=list)
    """Those in the dueslag that was asked for, without bodies."""
    seq: int | None = None
    """Under which its bytes are kept, for whatever dueslag; None = they are gone."""


@dataclass(slots=True)
class Due:
    """A delivery whose message has expired, as `Store.expired` finds it."""

    dueslag: str
    state: State
    id: int
    seq: int
    besked_id: str


@dataclass(slots=True)
class Moved:
    """What one slice of a move or removal did: how many deliveries, and where to go on."""

    count: int = 0
    after: int | None = None
    """Continue after this id; None = finished."""


@dataclass(slots=True)
class Selection:
    """Which deliveries of a dueslag a slice is about, in order of id."""

    dueslag: str
    state: State
    upto: int
    abonnement: str | None = None
    ids: frozenset[int] | None = None
    spared: frozenset[int] = frozenset()
    """Left alone: they are out."""


class Store(Protocol):
    """Keeps messages and deliveries.  The engine calls one method at a time.  All raise StoreError."""

    async def open(self) -> Opened: ...
    async def close(self, clean: bool) -> None:
        """Release files; ``clean`` notes that nothing was out without being written down."""
        ...

    async def commit(self, batch: Batch) -> dict[int, bytes]:
        """Write it all or nothing, durably.  Messages known before are left out: their position in
        ``batch.beskeder`` → the digest they had.  Raises StoreFull."""
        ...

    async def page(self, dueslag: str, after: int, limit: int, size: int) -> Page:
        """Ready deliveries with id > ``after``, at most ``limit`` and (but for the first) ``size``
        bytes, each counted for its body and OVERHEAD."""
        ...

    async def load(self, seqs: Sequence[int]) -> dict[int, StoredBesked]:
        """Messages by seq; those no longer kept are absent."""
        ...

    async def glimpse(
        self, dueslag: str, states: Sequence[State], after: int, limit: int, body: bool
    ) -> list[Glimpse]: ...
    async def find(self, besked_id: str) -> list[StoredBesked]: ...
    async def locate(self, dueslag: str, afsender: str, besked_id: str) -> Located:
        """The message of this sender ("" = of any)."""
        ...

    async def add_dead(self, dead: Dead, besked: StoredBesked | None, last_id: int, last_seq: int) -> None:
        """Put a new delivery into the fejlkø, durably, with its message where that is not kept; all or nothing.  The
        message is not known by that: whoever sent it may send it (again).  Raises StoreFull."""
        ...

    async def remove(self, selection: Selection, after: int) -> Moved:
        """Delete a slice of deliveries."""
        ...

    async def make_ready(self, selection: Selection, after: int, redelivered: bool) -> Moved:
        """Move a slice of deliveries to READY."""
        ...

    async def expired(self, now: float, after: tuple[float, int], limit: int) -> tuple[list[Due], tuple[float, int]]:
        """READY and HELD deliveries of messages with ``after`` < (expires, seq) and expires <= ``now``, a slice of
        ``limit`` messages; and how far it came."""
        ...

    async def next_expiry(self, after: float) -> float | None:
        """The earliest expiry later than ``after`` among stored messages."""
        ...

    async def tidy(self, now: float, newest: bool = False) -> float | None:
        """One small slice of housekeeping (old idempotency records, bodies past retention), with ``newest`` also of
        what was stored a moment ago; seconds until the next makes sense, None = not before more is stored or settled.
        """
        ...

    async def clear(self) -> None:
        """Forget every message."""
        ...
