"""What becomes of a message, known by what became of its likes.

Messages of one flow differ in the citizen and the identifiers, and agree in what serviceaftaler and the state of
abonnementer are about: who sends what kind to whom, and which filters accept.  For these the plan is made once, and
made anew when the register changes, or an hour strikes at which an agreement or an abonnement begins or ends.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from math import inf
from time import perf_counter

from broker.catalogue import Catalogue
from broker.core.besked import Besked
from broker.core.model import Abonnement, Anvendersystem, Service
from broker.core.plan import Plan, make_plan
from broker.errors import Refused
from broker.meters import Meters

MOST = 4096
"""Plans remembered; then all are forgotten."""
WIDEST = 64
"""Abonnementer up to which a plan is remembered: of a longer one little is saved."""
LONGEST = 4096
"""Characters that a message may say of what a plan goes by: it is the sender's choice, and memory is bounded."""


class Planned:
    """A plan with the time [since, until) for which it stands, in seconds since the epoch."""

    __slots__ = ("plan", "since", "told", "until")

    def __init__(self, plan: Plan, since: float, until: float) -> None:
        self.plan = plan
        self.since = since
        self.until = until
        self.told = _told(plan)
        """What the trace says of it."""


class Planner:
    """Plans by a `Catalogue`, used on the loop thread."""

    def __init__(self, catalogue: Catalogue, meters: Meters) -> None:
        self._catalogue = catalogue
        self._meters = meters
        self._known: dict[object, Planned] = {}
        self._changes = catalogue.changes

    def plan(self, besked: Besked, sender: Anvendersystem, now: float) -> Planned:
        """As `make_plan`, for the abonnementer whose filter accepts the message.  Raises Refused."""
        catalogue = self._catalogue
        began = perf_counter()
        hits = catalogue.matcher.match(besked)
        self._meters.matching.observe(perf_counter() - began)
        if self._changes != catalogue.changes:
            self._changes = catalogue.changes
            self._known.clear()
        # All that `make_plan` looks at, beside the register and the time.
        likeness = (
            sender.id, besked.beskedtype, besked.tilladt_modtager, besked.ansvarlig_myndighed, besked.opgave_emne,
            besked.sikkerhedsklassificering, *hits,
        )  # fmt: skip
        known = self._known.get(likeness)
        if known is not None and known.since <= now < known.until:
            return known
        abonnementer = [catalogue.content.abonnementer[key] for key in hits]
        plan = make_plan(besked, sender, catalogue.agreements, abonnementer, catalogue.content.dueslag, now)
        check_beskedtype(besked, catalogue.content.beskedtyper)
        if len(hits) > WIDEST or _said(besked) > LONGEST:
            return Planned(plan, now, now)
        turns = [*self._turns(besked, sender, abonnementer)]
        since = max((turn for turn in turns if turn <= now), default=-inf)
        planned = Planned(plan, since, min((turn for turn in turns if turn > now), default=inf))
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[likeness] = planned
        return planned

    def _turns(self, besked: Besked, sender: Anvendersystem, hits: list[Abonnement]) -> Iterator[float]:
        """The times at which one of those that the plan rests on begins or ends."""
        agreements, owner = self._catalogue.agreements, self._catalogue.owner
        yield from agreements.turns(sender.id, Service.AFSEND, besked)
        for system in {owner(abonnement) for abonnement in hits}:
            yield from agreements.turns(system, Service.MODTAG, besked)
        for abonnement in hits:
            yield from (tid for tid in (abonnement.gyldig_fra, abonnement.gyldig_til) if tid is not None)


def check_beskedtype(besked: Besked, known: Container[str]) -> None:
    """An agreement on all beskedtyper means all in the register.  Raises Refused."""
    if besked.beskedtype not in known:
        raise Refused(
            f"Beskedkuvert/Filtreringsdata/Beskedtype: '{besked.beskedtype}' is not a beskedtype of the register; "
            "expected the id of one under beskedtyper"
        )


def _said(besked: Besked) -> int:
    """Characters, and about as many for each value as it takes beside them."""
    lists = (besked.tilladt_modtager, besked.ansvarlig_myndighed, besked.opgave_emne)
    values = [
        besked.beskedtype,
        besked.sikkerhedsklassificering or "",
        *(value for values in lists for value in values),
    ]
    return sum(map(len, values)) + 100 * len(values)


def _told(plan: Plan) -> dict[str, object]:
    told: dict[str, object] = {"til": [(r.dueslag, r.abonnement, "pause" if r.held else "klar") for r in plan.routing]}
    if plan.skipped:
        told["ikke"] = [(skipped.abonnement, skipped.reason) for skipped in plan.skipped]
    return told
