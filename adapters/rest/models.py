"""The bodies of the admin API, in and out.  Times are XML dateTimes in UTC, as 2026-11-21T08:00:00.000Z."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Fejl(BaseModel):
    """Why something was refused."""

    error: str
    kode: int = Field(description="StatusKode: 40 refused, 44 not found, 50 unexpected, 53 not available, 55 version.")


class Change(BaseModel):
    """Bodies that come in: what is not known is refused, so that a misspelt name is noticed."""

    model_config = ConfigDict(extra="forbid")


class FilterChange(Change):
    filter: str = Field(description="Filter expression; empty = every message.")


class Values(Change):
    values: list[str] = Field(description="Identifiers, as urn:oio:cpr-nr:NNNNNNNNNN.")


class Selection(Change):
    """Which deliveries of a fejlkø; all that is given must hold, nothing given = all."""

    ids: list[int] | None = None
    besked_id: str | None = None
    abonnement: str | None = Field(default=None, description="Id or navn.")
    reason: str | None = Field(default=None, description="Part of the reason, upper or lower case.")


class Counted(BaseModel):
    """How many were touched, or are now held."""

    count: int


class Health(BaseModel):
    ready: bool
    reason: str = ""


class Listener(BaseModel):
    host: str
    port: int


class DepthView(BaseModel):
    """Deliveries by state."""

    ready: int
    out: int = Field(description="Handed to a consumer, not yet settled.")
    held: int = Field(description="Kept back by an abonnement on pause.")
    dead: int = Field(description="In the fejlkø.")
    consumers: int


class StatusView(BaseModel):
    version: str
    pid: int
    ready: bool
    reason: str
    started: str
    uptime: float = Field(description="Seconds.")
    data: str
    durability: str
    amqp: Listener | None
    amqps: Listener | None
    https: Listener | None = Field(description="Where the STS and VærdilisteRediger are.")
    http: Listener | None = Field(description="Where VærdilisteRediger is without TLS.")
    auth: str = Field(description="open, plain or token.")
    ca: str | None = Field(description="Path of the CA bundle that clients are to trust, on the emulator's machine.")
    connections: list[dict[str, Any]]
    accepted: int = Field(description="Messages answered 20 since the start.")
    refused: int
    delivered: int
    acked: int
    depth: DepthView
    register_: dict[str, int] = Field(serialization_alias="register", description="How many of each kind.")
    register_lost: str | None = Field(
        description="Why the database of the register does not answer, while it does not: what is known holds on."
    )
    trace_dropped: int = Field(description="Records of the trace that could not be written since the start.")


class DueslagView(BaseModel):
    id: str
    navn: str
    anvendersystem: str
    anvendersystem_navn: str
    callback: str | None = Field(description="Where it is pushed to; null = it is fetched only.")
    depth: DepthView


class DueslagPage(BaseModel):
    dueslag: list[DueslagView]
    total: int


class AbonnementView(BaseModel):
    id: str
    navn: str
    dueslag: str
    dueslag_navn: str
    anvendersystem_navn: str
    tilstand: Literal["aktiv", "stoppet", "pause"]
    filter: str
    gyldig_fra: str | None
    gyldig_til: str | None


class AbonnementPage(BaseModel):
    abonnementer: list[AbonnementView]
    total: int


class BeskedView(BaseModel):
    """A stored message."""

    besked_id: str
    transaktions_id: str
    beskedtype: str
    beskedtype_navn: str | None
    afsender: str
    afsender_navn: str | None
    received: str
    expires: str | None
    bytes: int
    body: str | None = Field(description="As stored, where asked for.")


class LeveranceView(BaseModel):
    """One delivery in a dueslag or its fejlkø."""

    id: int
    state: Literal["ready", "out", "held", "dead"]
    abonnement: str
    abonnement_navn: str | None
    attempts: int
    redelivered: bool
    reason: str | None
    died: str | None
    besked: BeskedView


class LeverancePage(BaseModel):
    dueslag: str
    beskeder: list[LeveranceView]
    next: int | None = Field(description="Give it as `after` for the next page; null = this is the last.")


class TermView(BaseModel):
    """One comparison of a filter, or AND, OR, NOT over others."""

    term: str = Field(description="The comparison; AND, OR, NOT; empty for the filter that accepts everything.")
    holds: bool
    seen: list[str] | None = Field(description="A comparison: the values in the message; empty = it has none.")
    liste: str | None = Field(description="IN VAERDILISTE: the name.")
    size: int | None = Field(description="IN VAERDILISTE: how many values; null = there is no such list.")
    passive: bool = Field(description="IN VAERDILISTE: the list is passive, and so empty.")
    terms: list[TermView]


class LimitView(BaseModel):
    """What of a serviceaftale stops a message."""

    field: str = Field(description="As serviceaftaler[] of a register file has it.")
    text: str


class StandingView(BaseModel):
    """One serviceaftale before the message."""

    id: str
    version: str
    covers: bool
    limits: list[LimitView] = Field(description="Empty = it covers the message.")


class RulingView(BaseModel):
    """What the serviceaftaler of one system make of the message."""

    service: Literal["afsend", "modtag"]
    allowed: bool
    reason: str = Field(description="Why not; empty = allowed.")
    aftaler: list[StandingView] = Field(description="All of the system's on this service, those that cover it first.")
    stays: list[str] = Field(description="TilladtModtager that go on; none where the message does not, or has none.")
    trimmed: list[str] = Field(description="TilladtModtager that are taken away.")
    text: str = Field(description="All that in a line.")


class JudgementView(BaseModel):
    abonnement: str
    navn: str
    dueslag: str
    dueslag_navn: str
    tilstand: str
    matches: bool = Field(description="Whether the filter accepts the message.")
    delivered: bool = Field(description="Whether the message goes to the dueslag.")
    reason: str = Field(description="Why not, or why later; empty = at once.")
    filter: str
    explanation: TermView
    text: str = Field(description="The explanation, a line for each term.")
    afsend: RulingView | None = Field(description="The sender's serviceaftaler; null = no sender was given.")
    modtag: RulingView | None = Field(description="The receiver's; null = the filter does not accept the message.")


class JudgementPage(BaseModel):
    delivered: list[JudgementView]
    not_delivered: list[JudgementView]
    total: int = Field(description="Abonnementer in the register; those beyond `limit` are not explained.")


class SporView(BaseModel):
    """One line of the trace."""

    time: str
    what: str
    seqs: list[int]
    besked_id: str | None
    transaktions_id: str | None
    system: str | None
    system_navn: str | None
    dueslag: str | None
    dueslag_navn: str | None
    abonnement: str | None
    abonnement_navn: str | None
    detail: Any
    names: dict[str, str] = Field(description="The navn of each id in the detail that is in the register.")


class VaerdilisteView(BaseModel):
    id: str
    navn: str
    anvendersystem: str
    anvendersystem_navn: str
    count: int
    livscyklus: str | None = Field(description="LivscyklusKode; null = made without VærdilisteRediger.")
    passiv: bool = Field(description="Filters see it as empty.")


class ValuePage(BaseModel):
    values: list[str]
    total: int


class ValuesTaken(BaseModel):
    """What became of the values that were sent; their order does not matter."""

    added: int
    removed: int = Field(description="Held before, and not among those sent.")
    unchanged: int = Field(description="Held before, and among those sent.")
    duplicate: int = Field(description="Sent more than once, in canonical form.")
    blank: int
    count: int = Field(description="How many the list now holds.")


class Imported(BaseModel):
    """What a register file brought."""

    put: dict[str, int]
    values: int
