"""What the emulator does, in the form that Prometheus reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest
from prometheus_client.registry import Collector

from adapters.rest.context import Emulator
from adapters.rest.depths import depths
from adapters.rest.version import version
from broker.core.model import Tilstand
from broker.engine.embedded import EmbeddedEngine
from broker.errors import BeskedfordelerError
from broker.meters import Distribution, Meters
from broker.ports import Depth, Engine

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0
MOST_DUESLAG = 500
"""Dueslag that have series of their own: those that hold the most.  All others are in the totals."""
MOST_AGES = 50
"""Of these, those whose oldest message is looked up, which is a reading of the store each."""
_STATES = ("ready", "out", "held", "dead")
_P = "beskedfordeler_"


@dataclass(frozen=True, slots=True)
class Box:
    """One dueslag as it stands."""

    id: str
    navn: str
    depth: Depth
    oldest: float | None = None
    """Seconds since its oldest message was accepted, where that was looked up."""

    @property
    def held(self) -> int:
        return self.depth.ready + self.depth.out + self.depth.held + self.depth.dead


async def exposition(emulator: Emulator) -> bytes:
    """Counters since the start, depths and ages as they are."""
    registry = CollectorRegistry()
    registry.register(_Collected(list(_families(emulator, await _boxes(emulator)))))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return generate_latest(registry)


class _Collected(Collector):
    """Families that were made before: looking up ages needs the event loop."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


async def _boxes(emulator: Emulator) -> list[Box]:
    """Every dueslag; the deepest first, and of these the age of the oldest message.

    Only where looking is reading: RabbitMQ shows a message by handing it out and taking it back, for which its dueslag
    stands still, on all fronts; a scrape must not do that.
    """
    service = emulator.service
    engine, now = service.engine, service.clock.now()
    held = await depths(engine, service.content.dueslag)
    boxes = [
        Box(key, dueslag.navn, held[key]) for key, dueslag in service.content.dueslag.items() if key in held
    ]  # one may have come meanwhile
    boxes.sort(key=lambda box: (-box.held, box.navn))
    if not isinstance(engine, EmbeddedEngine):
        return boxes
    return [
        Box(box.id, box.navn, box.depth, await _oldest(engine, box.id, now)) if box.held and n < MOST_AGES else box
        for n, box in enumerate(boxes)
    ]


async def _oldest(engine: Engine, dueslag: str, now: float) -> float | None:
    """None where the store does not tell now: that must not take the counters away, which say why."""
    try:
        first = await engine.peek(dueslag, limit=1, body=False)
    except BeskedfordelerError:
        return None
    return max(0.0, now - first[0].besked.received) if first else None


def _families(emulator: Emulator, boxes: list[Box]) -> Iterator[Metric]:
    service = emulator.service
    yield _info()
    yield GaugeMetricFamily(_P + "blocked", "1 while nothing can be stored.", float(service.engine.blocked is not None))
    lost = getattr(service.register, "lost", None) is not None  # a register of one front cannot be
    yield GaugeMetricFamily(_P + "register_lost", "1 while the database of the register does not answer.", float(lost))
    yield CounterMetricFamily(
        _P + "trace_dropped", "Records of the trace that could not be written.", service.trace.dropped
    )
    yield GaugeMetricFamily(_P + "start_time_seconds", "When it started.", service.started)
    yield GaugeMetricFamily(_P + "connections", "AMQP connections.", float(len(emulator.server.connections())))
    yield from _counts(service.meters)
    yield from _dueslag(boxes)
    yield _abonnementer([abonnement.tilstand for abonnement in service.content.abonnementer.values()])


def _info() -> Metric:
    family = GaugeMetricFamily(_P + "info", "1; the version is in the label.", labels=["version"])
    family.add_metric([version()], 1.0)
    return family


def _counts(meters: Meters) -> Iterator[Metric]:
    yield CounterMetricFamily(_P + "accepted", "Messages answered 20.", meters.accepted)
    yield CounterMetricFamily(_P + "known", "Messages sent again, and answered as before.", meters.known)
    yield CounterMetricFamily(_P + "routed", "Deliveries that accepted messages made.", meters.routed)
    yield _by(_P + "refused", "Messages refused, by StatusKode.", "status_kode", meters.refused.items())
    yield CounterMetricFamily(_P + "delivered", "Deliveries handed to a consumer.", meters.delivered)
    yield CounterMetricFamily(_P + "redelivered", "Of these, what may have been delivered before.", meters.redelivered)
    yield _by(_P + "settled", "Deliveries settled: ack, requeue, reject.", "how", meters.settled.items())
    yield _by(_P + "ended", "Deliveries ended without an ack: expired, dead.", "how", meters.died.items())
    yield _by(_P + "pushed", "Pushes answered: taken, failed, rejected.", "how", meters.pushed.items())
    yield _histogram(_P + "match_seconds", "Finding the abonnementer of a message.", meters.matching)
    yield _histogram(_P + "accept_seconds", "From a message's judgement to its answer 20.", meters.answering)
    yield _histogram(_P + "commit_messages", "Messages accepted in one commit (group commit).", meters.commits)
    yield _histogram(_P + "commit_seconds", "Writing one commit.", meters.committing)
    yield _histogram(_P + "push_seconds", "From a push to its answer.", meters.pushing)


def _dueslag(boxes: list[Box]) -> Iterator[Metric]:
    total = GaugeMetricFamily(_P + "deliveries", "Deliveries in all dueslag, by state.", labels=["state"])
    for state in _STATES:
        total.add_metric([state], sum(getattr(box.depth, state) for box in boxes))
    yield total
    yield GaugeMetricFamily(_P + "consumers", "Consumers of all dueslag.", sum(box.depth.consumers for box in boxes))
    names = ["dueslag", "navn"]
    depth = GaugeMetricFamily(
        _P + "dueslag_deliveries", f"The same of the {MOST_DUESLAG} deepest that hold any.", labels=[*names, "state"]
    )
    age = GaugeMetricFamily(
        _P + "dueslag_oldest_seconds", f"Age of the oldest message of the {MOST_AGES} deepest.", labels=names
    )
    for box in boxes[:MOST_DUESLAG]:
        if box.held:
            for state in _STATES:
                depth.add_metric([box.id, box.navn, state], getattr(box.depth, state))
        if box.oldest is not None:
            age.add_metric([box.id, box.navn], box.oldest)
    yield depth
    yield age


def _abonnementer(states: list[Tilstand]) -> Metric:
    family = GaugeMetricFamily(_P + "abonnementer", "Abonnementer, by tilstand.", labels=["tilstand"])
    for tilstand in Tilstand:
        family.add_metric([tilstand.value], states.count(tilstand))
    return family


def _by(name: str, about: str, label: str, counts: Iterable[tuple[object, int]]) -> Metric:
    family = CounterMetricFamily(name, about, labels=[label])
    for key, count in sorted(counts, key=str):
        family.add_metric([str(key)], count)
    return family


def _histogram(name: str, about: str, values: Distribution) -> Metric:
    buckets: list[tuple[str, float]] = []
    below = 0
    for bound, count in zip((*values.bounds, float("inf")), values.counts, strict=True):
        below += count
        buckets.append(("+Inf" if bound == float("inf") else repr(float(bound)), below))
    return HistogramMetricFamily(name, about, buckets=buckets, sum_value=values.sum)
