"""What it takes for all municipalities, for 10 and for 100 times that.  Pure arithmetic over named assumptions.

No figure of the real Beskedfordeler's traffic is public: the assumptions are ours, to be replaced by whoever knows
better.  What a part can do was measured on two cores, on which clients, fronts and stores ran together; what is derived
from that, or assumed, says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

KIB = 1024
GIB = 1024**3


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Of the traffic (ours)."""

    municipalities: int = 98
    messages_a_day: int = 20_000
    """Accepted, a municipality: every change of a case, a benefit, a document that somebody subscribes to."""
    matches: float = 4.0
    """Abonnementer that a message goes to."""
    peak: float = 12.0
    """Of the busiest minute, against the mean over 24 hours: office hours are 3 to 4 times that, batch runs more."""
    size: int = 5 * KIB
    """Bytes of a message."""
    systems: int = 20
    """Systems with a dueslag, a municipality."""
    connections: float = 2.0
    """AMQP connections of a system."""
    pushed: float = 0.3
    """Share of the dueslag that have a callback."""
    away: float = 0.02
    """Share of the systems that fetch nothing for days."""
    days_away: float = 3.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """Of one part; where it comes from stands in docs/cluster.md."""

    embedded: float = 10_000.0
    """Deliveries/s of a single emulator (docs/load.md: messages of one delivery each, the generator beside it)."""
    front: float = 2_400.0
    """Deliveries/s of a front over RabbitMQ, accepted, published and fetched, with a core of its own.  Measured: two
    fronts kept up with 600/s each, held to a quarter of a core; the cost falls as batches grow (530/s with 0.15)."""
    quorum: float = 12_000.0
    """Publishes/s that a cluster of three nodes writes to quorum queues, and delivers.  Derived: three nodes, together
    on two cores, took 4,200/s, 130 us of CPU at each node; on two cores each that is 15,000/s, less a fifth for the
    network."""
    postgres: float = 25_000.0
    """BeskedIds/s that one PostgreSQL remembers, claimed and done.  Measured: 28,000 to 31,000/s from two fronts in
    batches of 100 to 400."""
    connections: int = 4_000
    """Of one front, in memory and in turns of its loop."""
    queues: int = 10_000
    """Quorum queues of one cluster: each is a Raft group of its own, with two processes and a log on every node.
    Derived: 2,000 of them, in which nothing happened, took 0.14 of a core and 0.22 GB at each of three nodes; 10,000
    are 0.7 of two cores for nothing."""
    load: float = 0.5
    """Share of a capacity that is planned with: what is left takes over when a part dies."""


class Plan(NamedTuple):
    """For one scale."""

    scale: int
    mean: float
    """Messages/s accepted."""
    peak: float
    deliveries: float
    """A second, in the peak."""
    inbound: float
    """Mbit/s into the fronts, in the peak; out of them ``matches`` times as much."""
    alone: float
    """What share of a single emulator's capacity the peak is."""
    dueslag: int
    connections: int
    pushed: int
    fronts: int
    clusters: int
    """RabbitMQ clusters of three nodes."""
    stored: float
    """GiB of messages that wait for systems that are away, in three copies."""
    known: float
    """GiB of BeskedIds of 7 days in PostgreSQL."""
    database: float
    """Share of one PostgreSQL's BeskedIds/s in the peak."""
    bottleneck: str


KNOWN_ROW = 220
"""Bytes of a BeskedId in PostgreSQL, with its two indexes."""
KNOWN_DAYS = 7
DAY = 86_400


def plan(scale: int, assumed: Assumptions = Assumptions(), capacity: Capacity = Capacity()) -> Plan:
    """What it takes for ``scale`` times all municipalities."""
    systems = assumed.municipalities * scale * assumed.systems
    daily = assumed.municipalities * scale * assumed.messages_a_day
    mean = daily / DAY
    peak = mean * assumed.peak
    deliveries = peak * assumed.matches
    connections = round(systems * assumed.connections)
    needs = {
        "fronts (CPU)": deliveries / (capacity.front * capacity.load),
        "fronts (connections)": connections / (capacity.connections * capacity.load),
        "RabbitMQ (publishes)": deliveries / (capacity.quorum * capacity.load),
        "RabbitMQ (queues)": systems / (capacity.queues * capacity.load),
        "PostgreSQL (BeskedIds)": peak / (capacity.postgres * capacity.load),
    }
    fronts = max(2, math.ceil(max(needs["fronts (CPU)"], needs["fronts (connections)"])) + 1)
    clusters = max(1, math.ceil(max(needs["RabbitMQ (publishes)"], needs["RabbitMQ (queues)"])))
    waiting = daily * assumed.matches * assumed.away * assumed.days_away
    return Plan(
        scale,
        mean,
        peak,
        deliveries,
        peak * assumed.size * 8 / 1e6,
        deliveries / capacity.embedded,
        systems,
        connections,
        round(systems * assumed.pushed),
        fronts,
        clusters,
        waiting * assumed.size * 3 / GIB,
        daily * KNOWN_DAYS * KNOWN_ROW / GIB,
        peak / capacity.postgres,
        _bottleneck(needs),
    )


def _bottleneck(needs: dict[str, float]) -> str:
    """What cannot be had more of by starting one more: fronts can, the others are one."""
    shared = {name: need for name, need in needs.items() if not name.startswith("fronts")}
    name = max(shared, key=lambda one: shared[one])
    return f"{name}, at {shared[name]:.0%} of what is planned with"


_ROWS = (
    ("messages/s accepted, mean over 24 hours", lambda one: f"{one.mean:,.0f}"),
    ("messages/s accepted, in the peak", lambda one: f"{one.peak:,.0f}"),
    ("deliveries/s, in the peak", lambda one: f"{one.deliveries:,.0f}"),
    ("Mbit/s in, in the peak", lambda one: f"{one.inbound:,.0f}"),
    ("load of a single emulator, without any of what follows", lambda one: f"{one.alone:.0%}"),
    ("dueslag (quorum queues)", lambda one: f"{one.dueslag:,}"),
    ("of them pushed", lambda one: f"{one.pushed:,}"),
    ("AMQP connections", lambda one: f"{one.connections:,}"),
    ("fronts (one of them to spare)", lambda one: f"{one.fronts:,}"),
    ("RabbitMQ clusters of three nodes", lambda one: f"{one.clusters:,}"),
    ("GiB on RabbitMQ's disks for systems that are away", lambda one: f"{one.stored:,.0f}"),
    ("GiB in PostgreSQL for BeskedIds of 7 days", lambda one: f"{one.known:,.0f}"),
    ("load of one PostgreSQL by BeskedIds, in the peak", lambda one: f"{one.database:.0%}"),
    ("the next bottleneck", lambda one: one.bottleneck),
)


def table(scales: tuple[int, ...] = (1, 10, 100)) -> str:
    """Markdown."""
    plans = [plan(scale) for scale in scales]
    municipalities = Assumptions().municipalities
    heads = [f"all {municipalities}" if one.scale == 1 else f"{one.scale} times" for one in plans]
    lines = [f"| | {' | '.join(heads)} |", "|---|" + "---|" * len(plans)]
    lines += [f"| {name} | {' | '.join(show(one) for one in plans)} |" for name, show in _ROWS]
    return "\n".join(lines)
