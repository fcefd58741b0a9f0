"""Who should get what, by the demo's own reckoning: the other column of the ledger.

It knows the subscriptions as plain Python and the messages as they were written, and nothing of what the
emulator says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from consumers.demo.cast import BORGERE, MYNDIGHEDER, TILBUD
from consumers.demo.journal import Sendt
from consumers.kuvert import Kuvert
from consumers.part import Part
from consumers.standards.standard import Rolle, Standard

CPR_HAENDELSE = "248ce14c-a863-4fb5-9e6f-7df9ea850809"
POSTSTATUS = "d2bed63c-4853-4008-b6e0-a74c15b15fbf"
_FRA_TILBUD = {standard.beskedtype for standard in Standard if standard.facts.fra is Rolle.UDFOERER}

Test = Callable[[Kuvert], bool]


class State(StrEnum):
    ACTIVE = "active"
    STOPPED = "stopped"
    PAUSED = "paused"


class Fate(StrEnum):
    """What should become of one message for one subscription that it is meant for."""

    DELIVERED = "delivered"
    STOPPED = "stopped"
    FILTERED = "filtered"
    HELD = "held"


@dataclass(slots=True)
class Subscription:
    """One abonnement: who it is for, what is meant for it, and what narrows it further at run time."""

    id: str
    navn: str
    part: Part
    meant: Test
    narrowed: Test | None = None
    note: str = ""
    """How it is narrowed, for people."""
    state: State = State.ACTIVE

    def fate(self, kuvert: Kuvert) -> Fate | None:
        """None where the message is not meant for it."""
        if not self.meant(kuvert):
            return None
        if self.narrowed is not None and not self.narrowed(kuvert):
            return Fate.FILTERED
        if self.state is State.STOPPED:
            return Fate.STOPPED
        return Fate.HELD if self.state is State.PAUSED else Fate.DELIVERED


@dataclass(slots=True)
class Expectation:
    """One message and one subscription that it is meant for."""

    sender: Part
    sendt: Sendt
    subscription: Subscription
    fate: Fate

    @property
    def counts(self) -> bool:
        """Whether the message was taken: one that is refused is nobody's."""
        return self.sendt.retur is None or self.sendt.retur.ok


@dataclass(slots=True)
class Model:
    """All subscriptions and all that was sent."""

    subscriptions: list[Subscription] = field(default_factory=lambda: list(_subscriptions()))
    expectations: list[Expectation] = field(default_factory=list)

    def sending(self, sender: Part, sendt: Sendt, kuvert: Kuvert) -> None:
        """A message is about to be sent: judge it by the subscriptions as they are now."""
        for subscription in self.subscriptions:
            fate = subscription.fate(kuvert)
            if fate is not None:
                self.expectations.append(Expectation(sender, sendt, subscription, fate))

    def letters_of(self, part: Part) -> Subscription:
        """The subscription to letters of a party: its first."""
        return next(subscription for subscription in self.subscriptions if subscription.part is part)

    def resume(self, subscription: Subscription) -> None:
        """Active again; what was kept back on pause is delivered."""
        subscription.state = State.ACTIVE
        for expectation in self.expectations:
            if expectation.subscription is subscription and expectation.fate is Fate.HELD:
                expectation.fate = Fate.DELIVERED

    def of(self, part: Part, fate: Fate | None = None) -> list[Expectation]:
        """What is meant for a party, of one fate or of all."""
        return [
            expectation
            for expectation in self.expectations
            if expectation.counts
            and expectation.subscription.part is part
            and (fate is None or expectation.fate is fate)
        ]


def _subscriptions() -> Iterator[Subscription]:
    """Those of ``register.yaml``."""
    for part in MYNDIGHEDER:
        navn = part.navn.removesuffix(" (syntetisk)")
        yield Subscription(_id(part, "e1"), f"{navn}: breve fra tilbud", part, _from_tilbud(part))
        yield Subscription(_id(part, "e2"), f"{navn}: CPR-hændelser", part, _about_citizen(part))
        yield Subscription(_id(part, "e3"), f"{navn}: PKO_PostStatus", part, _post_status(part))
    for part in TILBUD:
        navn = part.navn.removesuffix(" (syntetisk)")
        yield Subscription(_id(part, "e1"), f"{navn}: breve", part, _addressed(part))


def _id(part: Part, end: str) -> str:
    return part.dueslag[:-2] + end


def _cvr(part: Part) -> str:
    return f"urn:oio:cvr-nr:{part.cvr}"


def _from_tilbud(part: Part) -> Test:
    return lambda kuvert: _cvr(part) in kuvert.tilladt_modtager and kuvert.beskedtype in _FRA_TILBUD


def _about_citizen(part: Part) -> Test:
    borgere = {f"urn:oio:cpr-nr:{cpr}" for cpr in BORGERE[part]}
    return lambda kuvert: kuvert.beskedtype == CPR_HAENDELSE and any(r.objekt_id in borgere for r in kuvert.relateret)


def _post_status(part: Part) -> Test:
    return lambda kuvert: kuvert.beskedtype == POSTSTATUS and _cvr(part) in kuvert.tilladt_modtager


def _addressed(part: Part) -> Test:
    return lambda kuvert: any(relation.objekt_id == part.p_urn for relation in kuvert.relateret)
