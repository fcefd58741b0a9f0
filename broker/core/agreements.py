"""Serviceaftaler as the judge of who may send and receive what; compiled once per change of the register.

Source: the public pages on SF1461/SF1462 and their versions 1.0 and 2.0; what they leave open is ours and
marked so at the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from broker.core.besked import Besked
from broker.core.identifiers import cvr_number
from broker.core.model import ALLE, Service, Serviceaftale

_KLE_URN = "urn:oio:kle:"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A Serviceaftale with its tuples as sets and its KLE patterns as one expression; None = any."""

    aftale: Serviceaftale
    foelsomheder: frozenset[str] | None
    omraader: re.Pattern[str] | None
    afsendende: frozenset[str] | None
    tilladte: frozenset[str] | None

    def covers(self, besked: Besked, now: float) -> bool:
        """Whether the agreement stands now and fits følsomhed, forvaltningsområde and afsendende myndighed.

        A message without Sikkerhedsklassificering, OpgaveEmne or ObjektAnsvarligMyndighed is not held back by
        the limit it does not state (ours); of several OpgaveEmne one must fit, of several myndigheder all.
        """
        aftale = self.aftale
        if not aftale.godkendt:
            return False
        if (aftale.gyldig_fra is not None and now < aftale.gyldig_fra) or (
            aftale.gyldig_til is not None and now >= aftale.gyldig_til
        ):
            return False
        if (
            self.foelsomheder is not None
            and besked.sikkerhedsklassificering is not None
            and besked.sikkerhedsklassificering not in self.foelsomheder
        ):
            return False
        if self.omraader is not None and besked.opgave_emne and not any(map(self.omraader.match, besked.opgave_emne)):
            return False
        return self.afsendende is None or all(
            cvr_number(myndighed) in self.afsendende for myndighed in besked.ansvarlig_myndighed
        )


class Agreements:
    """All Serviceaftaler, by system and service, then by beskedtype."""

    def __init__(self, aftaler: Iterable[Serviceaftale] = ()) -> None:
        self._by_type: dict[tuple[str, Service], dict[str, list[Agreement]]] = {}
        for aftale in aftaler:
            compiled = _compile(aftale)
            types = self._by_type.setdefault((aftale.anvendersystem, aftale.service), {})
            for beskedtype in aftale.beskedtyper:
                types.setdefault(beskedtype, []).append(compiled)

    def covering(self, system: str, service: Service, besked: Besked, now: float) -> list[Agreement]:
        """The agreements that let this system send or receive this message now."""
        types = self._by_type.get((system, service))
        if types is None:
            return []
        candidates = types.get(besked.beskedtype, []) + types.get(ALLE, [])
        return [agreement for agreement in candidates if agreement.covers(besked, now)]

    def for_type(self, system: str, service: Service, beskedtype: str) -> list[Serviceaftale]:
        """The agreements on a beskedtype, whether they cover a given message or not: to say why not."""
        types = self._by_type.get((system, service), {})
        return [agreement.aftale for agreement in types.get(beskedtype, []) + types.get(ALLE, [])]


def permitted(agreements: Iterable[Agreement], tilladt_modtager: tuple[str, ...]) -> tuple[int, ...]:
    """Positions of the TilladtModtager that at least one of the agreements names.

    A TilladtModtager that is no CVR number is permitted only by an agreement for all (ours).
    """
    numbers: set[str] = set()
    for agreement in agreements:
        if agreement.tilladte is None:
            return tuple(range(len(tilladt_modtager)))
        numbers |= agreement.tilladte
    return tuple(i for i, modtager in enumerate(tilladt_modtager) if cvr_number(modtager) in numbers)


def _compile(aftale: Serviceaftale) -> Agreement:
    return Agreement(
        aftale,
        _set(aftale.foelsomheder),
        _kle(aftale.forvaltningsomraader),
        _set(aftale.afsendende_myndigheder),
        _set(aftale.tilladte_myndigheder),
    )


def _set(values: tuple[str, ...]) -> frozenset[str] | None:
    return None if ALLE in values else frozenset(values)


def _kle(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    """KLE patterns as ``27.*`` or ``27.18.02`` against ``urn:oio:kle:27.18.02``; None where ``*`` is among them."""
    if ALLE in patterns:
        return None
    branches = "|".join(re.escape(p).replace(r"\*", ".*") for p in patterns)
    return re.compile(f"(?:{re.escape(_KLE_URN)})?(?:{branches})\\Z")
