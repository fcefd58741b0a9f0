"""What happens in a scenario: one model for each verb, and `Step`, which has exactly one of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from consumers.scenario.expectations import Expectation
from consumers.scenario.spec import Many, Name, Shorthand, Spec
from consumers.standards.letters import Handling, Hastegrad

Rule = Annotated[str, Field(pattern=r"^(R([1-9]|10)|tilstand|ukendt)$")]
Days = Annotated[int, Field(ge=0, le=3660)]


class Command(Spec):
    """What a caseworker does."""

    citizen: Name
    """Whose course: the newest one of this citizen."""
    refused: Rule | None = None
    """The system must refuse this: by the rule R1 to R10, or because of the course's `tilstand`.  Nothing is sent."""


class MatchStep(Command):
    """1 Match af borger: ask one or more tilbud.  Begins a new course."""

    to: Many[Name]
    """The tilbud that are asked."""


class BestilStep(Command):
    """3 Bestilling: order from a tilbud; begins a new course where there is none."""

    to: Name
    """The udfører."""
    start_in: Days | None = None
    """Days from today to the first day of the indsats."""


class AnmodStep(Command):
    """5 Anmodning om statusnotat: ask the udfører how it goes."""


class OpfoelgStep(Command):
    """8 Opfølgning: the follow-up is held."""

    ny_bestilling: bool = False
    """A new bestilling follows."""
    afslut: bool = False
    """The indsats ends."""


class AendringStep(Command):
    """7 Markant ændring hos borgeren."""

    by: Name
    """The party that tells of it: the udfører, or the myndighed."""
    text: Annotated[str, Field(min_length=1, max_length=10_000)] = "Borgerens situation er ændret (syntetisk)."
    """What has changed."""
    hastegrad: Hastegrad | None = None
    """How urgent: AKUT, SNAREST or RUTINE."""


class KvitterStep(Command):
    """7b Kvittering for the oldest markant ændring that has none."""

    handling: Handling
    """What is done about it."""


class ChangeStep(Spec):
    """The citizen's master data change in the myndighed's system.  Nothing is sent; later letters say it (R5)."""

    citizen: Name
    fornavn: str | None = None
    efternavn: str | None = None
    adresse: str | None = None
    """Street and number."""
    telefon: str | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set - {"citizen"}:
            raise ValueError("changes nothing; expected one of fornavn, efternavn, adresse, telefon")
        return self


class ConsentStep(Spec):
    """The citizen gives consent (R1)."""

    citizen: Name
    until: date | None = None
    """Last day on which it holds; left out, it holds on."""


class WithdrawStep(Spec):
    """The citizen withdraws the consent (R1)."""

    citizen: Name


class SubscriptionStep(Spec):
    """The party's abonnement, by the admin API."""

    party: Name
    do: Literal["stop", "start", "pause", "resume", "filter"]
    """stop: what is sent meanwhile does not come; pause: it is kept back and comes at resume."""
    filter: str | None = None
    """With filter: the expression.  Left out, the one that the party began with."""

    @model_validator(mode="after")
    def _only_with_filter(self) -> Self:
        if self.filter is not None and self.do != "filter":
            raise ValueError(f"a filter does not go with '{self.do}'; expected do: filter")
        return self


class PartyStep(Spec):
    """The party's own system."""

    party: Name
    do: Literal["stop", "start", "kill", "restart"]
    """stop: it ends in good order; kill: at once, in the middle of whatever it does; restart: kill and start."""


class PlaceStep(Spec):
    """Places at a tilbud become free: the first on the waiting list are told."""

    party: Name
    free: Annotated[int, Field(ge=1, le=1000)] = 1


class Step(Spec):
    """One thing that happens, when all is quiet after the one before it.  Exactly one of these."""

    match: MatchStep | None = None
    bestil: BestilStep | None = None
    anmod: Annotated[AnmodStep, Shorthand("citizen")] | None = None
    opfoelg: Annotated[OpfoelgStep, Shorthand("citizen")] | None = None
    markant_aendring: AendringStep | None = None
    kvitter: KvitterStep | None = None
    change: ChangeStep | None = None
    give_consent: Annotated[ConsentStep, Shorthand("citizen")] | None = None
    withdraw_consent: Annotated[WithdrawStep, Shorthand("citizen")] | None = None
    subscription: SubscriptionStep | None = None
    party: PartyStep | None = None
    places: Annotated[PlaceStep, Shorthand("party")] | None = None
    emulator: Literal["kill", "restart"] | None = None
    """kill: kill -9, and started again on the same data and ports; restart: in good order."""
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    """So many days pass."""
    until: date | None = None
    """The days pass until this one."""
    together: Annotated[tuple[Step, ...], Field(min_length=1)] | None = None
    """Several things at once: none waits until the one before it is done."""
    note: Annotated[str, Field(min_length=1)] | None = None
    """Nothing happens; whoever looks on reads this."""
    expect: Annotated[tuple[Expectation, ...], Field(min_length=1)] | None = None
    """What must hold now."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = sorted(self.model_fields_set)
        if len(given) != 1:
            found = " and ".join(given) or "nothing"
            raise ValueError(f"has {found}; expected exactly one verb: {', '.join(Step.model_fields)}")
        if getattr(self, given[0]) is None:
            raise ValueError(f"'{given[0]}' is empty; expected what it is about")
        return self

    @property
    def verb(self) -> str:
        return next(iter(self.model_fields_set))

    @property
    def about(self) -> object:
        """What stands behind the verb."""
        return getattr(self, self.verb)


def each(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """With what stands in `together`, in order."""
    return tuple(one for step in steps for one in ((step, *each(step.together)) if step.together else (step,)))
