"""The ports of the Beskedfordeler: what the pure core and the fronts ask of the world.

Engine      where messages live (`broker.engine`)
Consumer    who takes deliveries from a dueslag (an AMQP consumer, later the push outlet)
Register    where systems, agreements and abonnementer are kept (`broker.register`)
Front       what the AMQP server asks of the Beskedfordeler (`broker.service`)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

from broker.core.model import (
    Abonnement,
    Anvendersystem,
    Beskedtype,
    Dueslag,
    Myndighed,
    Serviceaftale,
    Vaerdiliste,
)
from broker.core.stored import StoredBesked
from broker.errors import BeskedfordelerError
from broker.lease import Lease
from broker.tokens import Token

# --- Engine: where messages live -------------------------------------------------------------------


class Routing(NamedTuple):
    """One delivery that a plan asks for: to ``dueslag`` by way of ``abonnement``."""

    dueslag: str
    abonnement: str
    keep: tuple[int, ...] | None = None
    """Positions of the TilladtModtager that stay (0-based, in the stored bytes); None = all of them."""
    held: bool = False
    """The abonnement is on pause: store the delivery, hand it out only after `Engine.release`."""


class Outcome(Enum):
    """What became of `Engine.accept`."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    """Same sender, BeskedId and digest as before: same answer, nothing delivered again."""
    CONFLICT = "conflict"
    """Same sender and BeskedId, another digest: to be refused with 40."""
    UNAVAILABLE = "unavailable"
    """It could not be made durable in good time (`Engine.blocked` says why): to be refused with 53.  The same message
    may be sent again at any time; what of it was stored is then not delivered twice without being flagged."""


class Condemned(Enum):
    """What became of `Engine.condemn`."""

    MOVED = "moved"
    KNOWN = "known"
    """It was in the fejlkø already."""
    ADDED = "added"


@dataclass(slots=True, eq=False)
class Leverance:
    """One message in one dueslag; the handle with which it is settled."""

    id: int
    """Order within the dueslag; unique over all dueslag."""
    dueslag: str
    abonnement: str
    keep: tuple[int, ...] | None
    attempts: int
    """Deliveries begun before this one."""
    redelivered: bool
    seq: int
    besked: StoredBesked | None = None
    """Always set when a consumer or `Engine.get` hands it out; the engine may drop it when out."""


class Consumer(Protocol):
    """Takes deliveries of one dueslag.  All calls come on the loop thread and must not raise."""

    priority: int

    def has_room(self) -> bool:
        """Whether one more delivery may be handed over right now (prefetch, write buffer, flow)."""
        ...

    def deliver(self, leverance: Leverance) -> None:
        """Take the delivery; it is out until acked, requeued or rejected."""
        ...

    def dueslag_gone(self) -> None:
        """The dueslag was removed: no more deliveries (AMQP: consumer-cancel-notify)."""
        ...


@dataclass(frozen=True, slots=True)
class Depth:
    """How many deliveries a dueslag holds, by state."""

    ready: int = 0
    out: int = 0
    held: int = 0
    dead: int = 0
    consumers: int = 0


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One delivery as `Engine.peek` shows it; looking changes nothing."""

    id: int
    dueslag: str
    abonnement: str
    state: str
    """"ready", "out", "held" or "dead"."""
    attempts: int
    redelivered: bool
    keep: tuple[int, ...] | None
    besked: StoredBesked
    reason: str | None = None
    """Why it is in the fejlkø."""
    died: float | None = None
    size: int = 0
    """Bytes of the message's ``data``, also where that was not asked for."""


class Died(Protocol):
    """Told when a delivery ends without an ack, before that is durable: ``what`` is "expired" or "dead"."""

    def __call__(self, what: str, leverance_id: int, dueslag: str, besked_id: str, reason: str) -> None: ...


class Engine(Protocol):
    """Durable dueslag.  Synchronous methods change state on the loop thread and return at once; what they
    promise is on disk only when the callback of a later `accept` or `flushed` says so."""

    async def open(self) -> None: ...
    async def close(self) -> None:
        """Flush, note a clean shutdown, release files."""
        ...

    # the way in
    def accept(self, besked: StoredBesked, routing: Sequence[Routing], done: Callable[[Outcome], None]) -> None:
        """Store once, queue for each routing; ``done`` is called on the loop thread when durable."""
        ...

    async def flushed(self) -> None:
        """Returns when everything asked for so far is durable."""
        ...

    # the way out
    def attach(self, dueslag: str, consumer: Consumer) -> None: ...
    def detach(self, dueslag: str, consumer: Consumer) -> None:
        """No more deliveries to it; what it has out stays out until settled."""
        ...

    def kick(self, dueslag: str) -> None:
        """A consumer of this dueslag has room again."""
        ...

    async def get(self, dueslag: str) -> Leverance | None:
        """The next ready delivery (it is then out), or None."""
        ...

    def ack(self, leverancer: Iterable[Leverance]) -> None: ...
    def requeue(self, leverancer: Iterable[Leverance], *, counted: bool = True) -> None:
        """Back to their places by order of acceptance, redelivered set, attempts counted.  With ``counted`` those that
        are at the redelivery limit, where there is one, go to the fejlkø instead.

        The same objects are handed out again: whoever requeues forgets what it knew them by first.
        """
        ...

    def reject(self, leverancer: Iterable[Leverance], reason: str) -> None:
        """To the fejlkø of their dueslag."""
        ...

    def sole(self, dueslag: str) -> AbstractAsyncContextManager[Lease]:
        """Be the only one of all fronts that works this dueslag: waits for it, holds it until the block is left."""
        ...

    # the caretaker's side
    def depth(self, dueslag: str) -> Depth: ...
    async def peek(
        self, dueslag: str, *, state: str | None = None, after: int = 0, limit: int = 100, body: bool = True
    ) -> list[Glimpse]:
        """Deliveries in order of id > ``after``; without ``state`` all but the dead ones; without ``body`` their
        messages have no data."""
        ...

    async def find(self, besked_id: str) -> list[StoredBesked]:
        """Stored messages with this BeskedId (of any sender) whose bytes are still kept."""
        ...

    async def purge(self, dueslag: str) -> int:
        """Drop what is ready or held (not what is out, not the fejlkø); how many."""
        ...

    async def drop(self, dueslag: str) -> None:
        """Remove the dueslag with all it holds; attached consumers are told."""
        ...

    async def release(self, dueslag: str, abonnement: str) -> int:
        """Make what is held for an abonnement ready, in order of acceptance; how many."""
        ...

    async def revive(self, dueslag: str, ids: Sequence[int] | None = None) -> int:
        """Move deliveries from the fejlkø back (None = all), redelivered set; how many."""
        ...

    async def bury(self, dueslag: str, ids: Sequence[int] | None = None) -> int:
        """Delete deliveries from the fejlkø for good; how many."""
        ...

    async def condemn(self, dueslag: str, abonnement: str, besked: StoredBesked, reason: str) -> Condemned:
        """See that a message is in the fejlkø of a dueslag: moved there from wherever it is in the dueslag, or, where
        it has left already, put there anew by way of ``abonnement``.  Durable when it returns."""
        ...

    async def reset(self) -> None:
        """Forget every message; consumers stay attached."""
        ...

    @property
    def blocked(self) -> str | None:
        """Why nothing can be stored now (disk full), or None."""
        ...


# --- Register: systems, agreements, abonnementer ----------------------------------------------------

Item = Myndighed | Anvendersystem | Beskedtype | Serviceaftale | Dueslag | Abonnement | Vaerdiliste


@dataclass(slots=True)
class RegisterContent:
    """Everything in a register, by canonical id; Vaerdiliste values as sets of canonical values."""

    myndigheder: dict[str, Myndighed] = field(default_factory=dict)
    anvendersystemer: dict[str, Anvendersystem] = field(default_factory=dict)
    beskedtyper: dict[str, Beskedtype] = field(default_factory=dict)
    serviceaftaler: dict[str, Serviceaftale] = field(default_factory=dict)
    dueslag: dict[str, Dueslag] = field(default_factory=dict)
    abonnementer: dict[str, Abonnement] = field(default_factory=dict)
    vaerdilister: dict[str, Vaerdiliste] = field(default_factory=dict)
    vaerdier: dict[str, set[str]] = field(default_factory=dict)
    revision: int = field(default=0, compare=False)
    """How many changes led to it, where several fronts share the register (`broker.sharing`)."""


class Register(Protocol):
    """Keeps the register; each method is durable when it returns."""

    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def load(self) -> RegisterContent: ...
    async def put(self, items: Sequence[Item]) -> None:
        """Insert or replace, all or none."""
        ...

    async def delete(self, items: Sequence[Item]) -> None:
        """Remove, all or none; unknown ones are passed over.  A Vaerdiliste goes with its values."""
        ...

    async def add_values(self, vaerdiliste: str, values: Iterable[str]) -> None: ...
    async def remove_values(self, vaerdiliste: str, values: Iterable[str]) -> None: ...
    async def change_list(self, liste: Vaerdiliste, add: Iterable[str], remove: Iterable[str]) -> None:
        """Put the head of a list, take values out of it and then add others, all or none."""
        ...

    async def replace(self, content: RegisterContent) -> None:
        """Everything anew, in one transaction."""
        ...

    async def is_empty(self) -> bool: ...


# --- Front: what the AMQP server asks ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of a connection."""

    host: str
    port: int
    tls: bool = False
    certificate: bytes | None = None
    """DER of the client certificate, where one was presented."""


@dataclass(frozen=True, slots=True, eq=False)
class Login:
    """Who is logged in on a connection: an anvendersystem, from a peer.  One object per login, compared as such."""

    system: Anvendersystem
    peer: Peer
    mechanism: str
    token: Token | None = None
    """EXTERNAL: the token it was done with, as it held at that time."""


class Publication(NamedTuple):
    """What a basic.publish to AFSEND_BESKED_EXCHANGE carried."""

    body: bytes
    message_id: str | None
    token: bytes | None
    """The header ``token``, where there is one: a decoded SAML assertion, as the sender wrote it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to a sender: StatusKode, FejlbeskedTekst, and the StandardRetur document that says so."""

    status_kode: int
    text: str
    document: bytes


class Rendered(NamedTuple):
    """A delivery as it goes on the wire."""

    body: bytes
    message_id: str
    timestamp: int


class Front(Protocol):
    """The Beskedfordeler as the AMQP server sees it.  Refusals are `broker.errors`."""

    engine: Engine

    def mechanisms(self, peer: Peer) -> tuple[str, ...]:
        """SASL mechanisms on offer to this peer, for example ("PLAIN", "AMQPLAIN")."""
        ...

    def login(self, mechanism: str, user: str, secret: bytes, peer: Peer) -> Login:
        """PLAIN/AMQPLAIN: user and password; EXTERNAL: user "" and the decoded response.
        Raises AccessDenied."""
        ...

    def renew(self, login: Login, secret: bytes) -> Login:
        """connection.update-secret: the same system with another token (EXTERNAL) or password.
        Raises AccessDenied."""
        ...

    def open_dueslag(self, login: Login, name: str) -> Dueslag:
        """The dueslag that an AMQP queue name means.  Raises NotFound or AccessDenied."""
        ...

    def submit(self, login: Login, publication: Publication, done: Callable[[Verdict], None]) -> bool:
        """Judge, route and store one message; ``done`` is called on the loop thread when the answer stands
        (20: durable).  False = more will be taken later: stop reading from this connection until ``done``."""
        ...

    def refuse(self, login: Login, message_id: str | None, error: BeskedfordelerError) -> Verdict:
        """The answer to a message that never got as far as `submit` (its body is over the limit); noted as such."""
        ...

    def render(self, leverance: Leverance) -> Rendered:
        """The bytes of one delivery, Leverancerute spliced in."""
        ...

    # witnesses for the trace; they cost nothing when off
    def denied(self, peer: Peer, reason: str) -> None:
        """A peer that got no further than TLS or the choice of a mechanism."""
        ...

    def delivered(self, leverance: Leverance, login: Login) -> None: ...
    def settled(self, leverancer: Sequence[Leverance], what: str, login: Login) -> None:
        """``what`` is "ack", "requeue" or "reject"."""
        ...
