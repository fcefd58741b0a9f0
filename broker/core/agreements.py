"""Serviceaftaler as the judge of who may send and receive what; compiled once per change of the register.

Source: the public pages on SF1461/SF1462 and their versions 1.0 and 2.0; what they leave open is ours and
marked so at the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from broker.core.besked import Besked
from broker.core.model import ALLE, Service, Serviceaftale

_KLE_URN = "urn:oio:kle:"
_CVR_URN = "urn:oio:cvr:"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A Serviceaftale made ready for judging; CVR numbers as canonical URNs, None = any."""

    aftale: Serviceaftale
    fra: float
    til: float
    foelsomheder: frozenset[str] | None
    omraader: re.Pattern[str] | None
    afsendende: frozenset[str] | None
    tilladte: frozenset[str] | None
    dueslag: frozenset[str] | None

    def covers(self, besked: Besked, now: float) -> bool:
        """Whether an agreement that is approved stands now and fits følsomhed, forvaltningsområde and myndighed.

        A message without Sikkerhedsklassificering, OpgaveEmne or ObjektAnsvarligMyndighed is not held back by
        the limit it does not state (ours); of several OpgaveEmne one must fit, of several myndigheder all (ours).
        """
        if not self.fra <= now < self.til:
            return False
        if (
            self.foelsomheder is not None
            and besked.sikkerhedsklassificering is not None
            and besked.sikkerhedsklassificering not in self.foelsomheder
        ):
            return False
        if self.omraader is not None and besked.opgave_emne and not any(map(self.omraader.match, besked.opgave_emne)):
            return False
        return self.afsendende is None or self.afsendende.issuperset(besked.ansvarlig_myndighed)

    def acts_for(self, cvr: str, now: float) -> bool:
        """Whether it stands now, and lets its system act for the myndighed (ours): send for it, or receive for it."""
        named = self.afsendende if self.aftale.service is Service.AFSEND else self.tilladte
        in_time = self.aftale.godkendt and self.fra <= now < self.til
        return in_time and (named is None or f"urn:oio:cvr:{cvr}" in named)


_Types = tuple[dict[str, list[Agreement]], list[Agreement]]
"""The approved agreements on each beskedtype that one names, and those on any other; the former hold the latter."""


class Agreements:
    """All Serviceaftaler, by system and service, then by beskedtype."""

    def __init__(self, aftaler: Iterable[Serviceaftale] = ()) -> None:
        self._all: dict[tuple[str, Service], list[Agreement]] = {}
        for aftale in aftaler:
            self._all.setdefault((aftale.anvendersystem, aftale.service), []).append(_compile(aftale))
        self._approved: dict[tuple[str, Service], _Types] = {key: _by_type(found) for key, found in self._all.items()}
        self.per_dueslag = frozenset(
            system for (system, _), found in self._all.items() if any(one.dueslag is not None for one in found)
        )
        """The systems that have an agreement on named dueslag: others get the same in all of theirs."""

    def covering(
        self, system: str, service: Service, besked: Besked, now: float, dueslag: str | None = None
    ) -> list[Agreement]:
        """The agreements that let this system send or receive this message now; into this dueslag, where one is given.

        Without one an agreement on named dueslag counts like any other.
        """
        covering = [one for one in self._about(system, service, besked) if one.covers(besked, now)]
        if dueslag is not None and system in self.per_dueslag:
            return [one for one in covering if one.dueslag is None or dueslag in one.dueslag]
        return covering

    def turns(self, system: str, service: Service, besked: Besked) -> Iterator[float]:
        """The times at which `covering` may come to say something else of messages of this kind."""
        for one in self._about(system, service, besked):
            yield one.fra
            yield one.til

    def _about(self, system: str, service: Service, besked: Besked) -> Sequence[Agreement]:
        """The approved agreements on its beskedtype."""
        types = self._approved.get((system, service))
        if types is None:
            return ()
        by_type, others = types
        return by_type.get(besked.beskedtype, others)

    def of(self, system: str, service: Service) -> Sequence[Agreement]:
        """All that this system has on a service, approved or not: to say why none covers."""
        return self._all.get((system, service), ())


def permitted(agreements: Iterable[Agreement], tilladt_modtager: tuple[str, ...]) -> tuple[int, ...]:
    """Positions of the TilladtModtager that at least one of the agreements names.

    A TilladtModtager that is no CVR number is permitted only by an agreement for all (ours).
    """
    named: set[str] = set()
    for agreement in agreements:
        if agreement.tilladte is None:
            return tuple(range(len(tilladt_modtager)))
        named |= agreement.tilladte
    return tuple([i for i, modtager in enumerate(tilladt_modtager) if modtager in named])


def in_force(agreements: Iterable[Agreement]) -> str:
    """The version that covering agreements put in force: 2.0 as soon as one of them has it (ADR 0010)."""
    return "2.0" if any(agreement.aftale.version == "2.0" for agreement in agreements) else "1.0"


def _by_type(agreements: list[Agreement]) -> _Types:
    others: list[Agreement] = []
    named: dict[str, list[Agreement]] = {}
    for one in agreements:
        if not one.aftale.godkendt:
            continue
        if ALLE in one.aftale.beskedtyper:
            others.append(one)
            continue
        for beskedtype in dict.fromkeys(one.aftale.beskedtyper):
            named.setdefault(beskedtype, []).append(one)
    return {beskedtype: found + others for beskedtype, found in named.items()}, others


def _compile(aftale: Serviceaftale) -> Agreement:
    return Agreement(
        aftale,
        -inf if aftale.gyldig_fra is None else aftale.gyldig_fra,
        inf if aftale.gyldig_til is None else aftale.gyldig_til,
        _set(aftale.foelsomheder),
        _kle(aftale.forvaltningsomraader),
        _set(aftale.afsendende_myndigheder, _CVR_URN),
        _set(aftale.tilladte_myndigheder, _CVR_URN),
        _set(aftale.modtagende_dueslag),
    )


def _set(values: tuple[str, ...], prefix: str = "") -> frozenset[str] | None:
    return None if ALLE in values else frozenset(prefix + value for value in values)


def _kle(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    """KLE patterns as ``27.*`` or ``27.18.02`` against ``urn:oio:kle:27.18.02``; None where ``*`` is among them."""
    if ALLE in patterns:
        return None
    branches = "|".join(re.escape(pattern.removeprefix(_KLE_URN)).replace(r"\*", ".*") for pattern in patterns)
    return re.compile(f"(?:{re.escape(_KLE_URN)})?(?:{branches})\\Z")
