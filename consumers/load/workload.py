"""A workload as its file describes it: phases, message types, senders, receivers and churn.

Times are seconds since the start of the first phase, sizes octets of the whole Haendelsesbesked, rates messages a
second of all senders together.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Kind = Literal["warm-up", "ramp", "hold", "spike", "drain"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
_UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
Uuid = Annotated[str, StringConstraints(pattern=_UUID)]
Cvr = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}$")]
Rate = Annotated[float, Field(ge=0, le=1_000_000)]
Moment = Annotated[float, Field(ge=0, le=86_400)]
Span = Annotated[float, Field(gt=0, le=86_400)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(gt=0, le=1_000_000)]
SMALLEST, LARGEST = 1_500, 16 * 1024 * 1024
Size = Annotated[int, Field(ge=SMALLEST, le=LARGEST)]


class Part(BaseModel):
    """What stands in a workload file: a name that it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, coerce_numbers_to_str=True)


class Phase(Part):
    """``rate``, or ``from`` and ``to`` where it changes evenly; drain sends nothing and waits at most ``seconds``."""

    phase: Kind
    seconds: Span
    name: Name | None = None
    rate: Rate | None = None
    start: Rate | None = Field(default=None, alias="from")
    end: Rate | None = Field(default=None, alias="to")

    @property
    def label(self) -> str:
        return self.name or self.phase


class SizeShare(Part):
    """One size among several."""

    bytes: Size
    weight: Weight = 1.0


class Besked(Part):
    """A message type: how often, how large, to whom.  The identifiers below ``to`` are for endpoints of others."""

    name: Name
    weight: Weight = 1.0
    size: Size | tuple[SizeShare, ...] = 4_700
    to: tuple[Name, ...] | None = None
    beskedtype: Uuid | None = None
    tilladt_modtager: tuple[Cvr, ...] = ()
    opgave_emne: str | None = None


class Sender(Part):
    """``count`` anvendersystemer with ``connections`` each; ``user`` and ``password`` for endpoints of others."""

    name: Name
    count: Annotated[int, Field(ge=1, le=1_000)] = 1
    connections: Annotated[int, Field(ge=1, le=100)] = 1
    weight: Weight = 1.0
    types: tuple[Name, ...] | None = None
    user: str | None = None
    password: str | None = None
    aktoer: Uuid | None = None
    myndighed: Cvr | None = None


class Stall(Part):
    """From ``at`` on nothing is read or acknowledged for ``seconds``."""

    at: Moment
    seconds: Span


class Receiver(Part):
    """``count`` dueslag, each with a consumer that behaves as told; ``user``, ``dueslag`` for endpoints of others."""

    name: Name
    count: Annotated[int, Field(ge=1, le=1_000)] = 1
    prefetch: Annotated[int, Field(ge=1, le=65_535)] = 500
    slow: Annotated[float, Field(ge=0, le=60)] = 0.0
    """Seconds of work on each message, one after the other."""
    stall: tuple[Stall, ...] = ()
    reconnect_every: Span | None = None
    """The connection is cut every so many seconds, with what is out unacknowledged."""
    requeue: Share = 0.0
    """The share of messages that are put back once before they are taken."""
    user: str | None = None
    password: str | None = None
    dueslag: Uuid | None = None


class Churn(Part):
    """At ``at``, and ``every`` so many seconds after it ``until``: what becomes of a receiver's abonnement.

    ``filter`` narrows it to the types under ``types``; ``widen`` gives it all of its own again.
    """

    receiver: Name
    do: Literal["stop", "start", "filter", "widen"]
    at: Moment
    every: Annotated[float, Field(ge=0.05, le=86_400)] | None = None
    until: Moment | None = None
    types: tuple[Name, ...] | None = None


class Processes(Part):
    """How many processes send and receive."""

    send: Annotated[int, Field(ge=1, le=64)] = 1
    receive: Annotated[int, Field(ge=1, le=64)] = 1


class Workload(Part):
    """One workload file; `consumers.load.reading` checks what a single field cannot."""

    name: Name
    description: str = ""
    arrivals: Literal["even", "poisson"] = "even"
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    types: Annotated[tuple[Besked, ...], Field(min_length=1)]
    senders: Annotated[tuple[Sender, ...], Field(min_length=1)]
    receivers: Annotated[tuple[Receiver, ...], Field(min_length=1)]
    churn: tuple[Churn, ...] = ()
    bystanders: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Abonnementer that match none of the messages, beside those of the receivers."""
    processes: Processes = Processes()
    max_unanswered: Annotated[int, Field(ge=1, le=1_000_000)] = 20_000
    """Messages of one connection without an answer, beyond which it sends none (and its schedule lags)."""
