"""A workload turned into a cast: ids, shares and rounds.  Pure; how systems log in is the target's to say."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from consumers.load.cast import Cast, Destination, Kind, Login, Stream, drain_of, pieces
from consumers.load.mix import rounds
from consumers.load.schedule import Profile, Schedule
from consumers.load.workload import Besked, Churn, Receiver, Sender, SizeShare, Workload

NAMESPACE = uuid.UUID("5d3c2a1e-6c0f-5e5a-9b61-1f0a6c6f0ad0")
MARK = "syntetisk belastning"
"""In the name of everything that a run puts into a register."""


@dataclass(frozen=True, slots=True)
class Names:
    """Ids and names of one run: the same for the same run, other ones for another."""

    run: int

    def id(self, *parts: object) -> str:
        return str(uuid.uuid5(NAMESPACE, "/".join(map(str, (self.run, *parts)))))

    def navn(self, text: str) -> str:
        return f"{text} ({MARK} {self.run:04x})"


@dataclass(frozen=True, slots=True)
class System:
    """One sending or receiving anvendersystem of the workload."""

    navn: str
    sender: Sender | None = None
    receiver: Receiver | None = None


def sending(workload: Workload) -> Iterator[System]:
    """Every sender, as often as its count says."""
    for sender in workload.senders:
        for number in range(sender.count):
            yield System(sender.name if sender.count == 1 else f"{sender.name} {number + 1}", sender=sender)


def receiving(workload: Workload) -> Iterator[System]:
    """Every receiver, as often as its count says."""
    for receiver in workload.receivers:
        for number in range(receiver.count):
            yield System(receiver.name if receiver.count == 1 else f"{receiver.name} {number + 1}", receiver=receiver)


def make_cast(
    workload: Workload,
    run: int,
    *,
    login: Callable[[System], Login],
    queue: Callable[[System], str],
    exchange: str,
    answers: bool,
    routed: bool = False,
    abonnement: Callable[[System], str] = lambda system: "",
    myndighed: str = "99000900",
) -> Cast:
    """``routed``: each type has a routing key of its own, for a broker that knows no envelopes."""
    names = Names(run)
    kinds = [(besked, kind) for besked in workload.types for kind in _kinds(besked, names, routed)]
    profile = Profile(pieces(workload))
    systems = list(sending(workload))
    weights = sum(system.sender.weight for system in systems if system.sender)
    streams: list[Stream] = []
    count = sum(system.sender.connections for system in systems if system.sender)
    for system in systems:
        assert system.sender is not None
        cycle = _cycle(system.sender, kinds)
        for _ in range(system.sender.connections):
            index = len(streams)
            share = system.sender.weight / weights / system.sender.connections
            offset = (index + 0.5) / count
            seed = None if workload.arrivals == "even" else index
            streams.append(
                Stream(
                    index,
                    system.navn,
                    login(system),
                    system.sender.aktoer or names.id("aktoer", system.navn),
                    system.sender.myndighed or myndighed,
                    cycle,
                    share,
                    offset,
                    seed,
                    Schedule(profile, share, offset, seed).total,
                )
            )
    destinations = tuple(
        Destination(
            index,
            system.navn,
            system.receiver,
            queue(system),
            login(system),
            frozenset(
                n for n, (besked, _) in enumerate(kinds) if besked.to is None or system.receiver.name in besked.to
            ),
            abonnement(system),
        )
        for index, system in enumerate(receiving(workload))
        if system.receiver is not None
    )
    warm = frozenset(n for n, phase in enumerate(workload.phases) if phase.phase == "warm-up")
    return Cast(
        run,
        exchange,
        answers,
        tuple(kind for _, kind in kinds),
        tuple(streams),
        destinations,
        pieces(workload),
        labels_of(workload),
        warm,
        drain_of(workload),
    )


def labels_of(workload: Workload) -> tuple[str, ...]:
    """Names of the phases that send, no two alike."""
    return tuple(_unique([phase.label for phase in workload.phases if phase.phase != "drain"]))


def type_kinds(cast: Cast, types: tuple[str, ...] | None) -> frozenset[int]:
    """The kinds of these message types; of all where none are given."""
    return frozenset(n for n, kind in enumerate(cast.kinds) if types is None or kind.type in types)


def beskedtype(besked: Besked, names: Names) -> str:
    """The UUID of a message type."""
    return besked.beskedtype or names.id("beskedtype", besked.name)


def _kinds(besked: Besked, names: Names, routed: bool) -> Iterator[Kind]:
    sizes = besked.size if isinstance(besked.size, tuple) else (SizeShare(bytes=besked.size),)
    weights = sum(size.weight for size in sizes)
    for size in sizes:
        yield Kind(
            besked.name,
            beskedtype(besked, names),
            size.bytes,
            besked.weight * size.weight / weights,
            beskedtype(besked, names) if routed else "",
            besked.tilladt_modtager,
            besked.opgave_emne,
        )


def _cycle(sender: Sender, kinds: list[tuple[Besked, Kind]]) -> tuple[int, ...]:
    chosen = [n for n, (besked, _) in enumerate(kinds) if sender.types is None or besked.name in sender.types]
    return tuple(chosen[place] for place in rounds([kinds[n][1].weight for n in chosen]))


def _unique(labels: list[str]) -> Iterator[str]:
    for number, label in enumerate(labels):
        before = labels[:number].count(label)
        yield f"{label} {before + 1}" if before else label


class Standing:
    """What each abonnement lets through, as churn changes it: narrowed or not, stopped or not."""

    def __init__(self, cast: Cast) -> None:
        self._cast = cast
        self._filters = {destination.index: destination.kinds for destination in cast.destinations}
        self._stopped: set[int] = set()

    def change(self, destination: Destination, churn: Churn) -> frozenset[int]:
        """The filter as it now stands, stopped or not."""
        index = destination.index
        if churn.do == "stop":
            self._stopped.add(index)
        elif churn.do == "start":
            self._stopped.discard(index)
        else:
            types = churn.types if churn.do == "filter" else None
            self._filters[index] = destination.kinds & type_kinds(self._cast, types)
        return self._filters[index]

    def through(self, destination: Destination) -> frozenset[int]:
        """What comes."""
        return frozenset() if destination.index in self._stopped else self._filters[destination.index]
