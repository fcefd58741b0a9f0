"""A scenario as its file says it: who exists, how the case goes by itself, what happens, and what must hold."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from consumers.fagsystem.profile import PROFILES
from consumers.fagsystem.sagsgang import Sagsgang
from consumers.scenario.expectations import Expectation
from consumers.scenario.spec import Count, Name, Shorthand, Spec
from consumers.scenario.steps import Step
from consumers.standards.letters import Handling
from consumers.standards.standard import Standard

Cvr = Annotated[str, Field(pattern=r"^([0-9]{8}|[a-z0-9æøå][a-z0-9æøå_-]{0,39})$")]
Chance = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=0, le=3660)]
ProfileName = Literal["prompt", "slow", "flaky", "refusing", "waiting", "vanishing", "outdated"]
assert set(PROFILES) == set(get_args(ProfileName)), "the profiles of consumers.fagsystem and of scenario files"
START = date(2030, 1, 7)
"""The first simulated day, a Monday, unless a scenario says otherwise.

In the future: a letter's GyldighedTil is a simulated day, and the Beskedfordeler judges it by the real clock.
"""


class Behaviour(Spec):
    """A profile, with what is different here."""

    navn: ProfileName = "prompt"
    """prompt: answers at once, yes while it has places; slow: answers after 2 to 9 days; flaky: loses its thread now
    and then; refusing: says no; waiting: full, so all go on the waiting list; vanishing: answers one letter and none
    after; outdated: writes with an old FFB version."""
    answer_days: tuple[Days, Days] | None = None
    """Days from a letter to its answer, at least and at most."""
    accepts: Chance | None = None
    """Chance that it says yes."""
    full: bool | None = None
    """No place is free."""
    flaky: Chance | None = None
    """Chance, for each letter, that its handling goes wrong at first."""
    vanishes_after: Count | None = None
    """Answers so many letters, and none after."""
    changes_after_days: Days | None = None
    """So many days after the indsats has begun it tells of a markant ændring."""


class GangSpec(Spec):
    """How the cases of a myndighed go by themselves: the fields of `consumers.fagsystem.sagsgang.Sagsgang`.

    What is left out is as there.
    """

    automatisk: bool | None = None
    """true: orders from the first that accepts, from the next after a refusal, asks for statusnotater, holds the
    follow-ups, and receipts markante ændringer; false: all that is left to the steps."""
    svarfrist_dage: Days | None = None
    """For the answer to a match or a bestilling."""
    start_dage: Days | None = None
    """From the bestilling to the first day of the indsats."""
    opfoelgning_dage: Annotated[tuple[Days, ...], Field(min_length=1)] | None = None
    """From the first day to the first follow-up, from there to the next …; the last repeats."""
    status_dage: Days | None = None
    """So long before a follow-up the statusnotat is asked for."""
    opfoelgninger: Annotated[int, Field(ge=0, le=100)] | None = None
    """The last one ends the indsats; 0 = it goes on for ever."""
    ny_bestilling_ved: frozenset[Annotated[int, Field(ge=1)]] | None = None
    """The follow-ups, from 1, that lead to a new bestilling."""
    akut_aendring: Handling | None = None
    """What is done about an urgent (AKUT) markant ændring."""
    aendring: Handling | None = None
    """What is done about any other."""
    aendring_dage: Days | None = None
    """To the follow-up that a markant ændring leads to."""
    servicepakker: bool | None = None
    """Whether a bestilling asks for servicepakker."""

    @property
    def sagsgang(self) -> Sagsgang:
        return Sagsgang(**{name: getattr(self, name) for name in self.model_fields_set})


class PartySpec(Spec):
    """A party: its system, and how others find it."""

    kind: Literal["myndighed", "tilbud"]
    navn: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """Left out, made of its name here."""
    cvr: Cvr | None = None
    """Eight digits, or the name of the party whose number it shares; left out, one of its own."""
    p_nummer: Annotated[str, Field(pattern=r"^[0-9]{10}$")] | None = None
    """Of a tilbud; left out, one of its own."""
    profile: Annotated[Behaviour, Shorthand("navn")] = Behaviour()
    transport: Literal["amqp", "push"] = "amqp"
    """amqp: it fetches (BeskedHent); push: it is sent what comes (BeskedFåTilsendt)."""
    places: Count = 10
    """Places of a tilbud."""
    standards: Annotated[tuple[Standard, ...], Field(min_length=1)] | None = None
    """Its abonnement takes these letters only; left out, all that are addressed to it."""
    filter: Annotated[str, Field(min_length=1)] | None = None
    """The whole filter expression of its abonnement, in place of the one made from its address."""
    sagsgang: GangSpec = GangSpec()

    @property
    def own_cvr(self) -> bool:
        """It says its number, and does not name the party whose number it shares."""
        return self.cvr is not None and len(self.cvr) == 8 and self.cvr.isdigit()

    @model_validator(mode="after")
    def _goes_with_kind(self) -> Self:
        wrong = {"myndighed": ("p_nummer", "places", "profile"), "tilbud": ("sagsgang",)}[self.kind]
        if found := sorted(self.model_fields_set & set(wrong)):
            raise ValueError(f"a {self.kind} has no {found[0]}; expected it with the other kind of party only")
        if self.filter is not None and self.standards is not None:
            raise ValueError("has filter and standards; expected one of them")
        return self


class CitizenSpec(Spec):
    """A citizen, synthetic; what is left out is made from the seed."""

    myndighed: Name
    """Whose case it is."""
    fornavn: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    efternavn: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    samtykke: bool = True
    """Whether consent has been given (R1)."""
    samtykke_until: date | None = None
    """Last day on which the consent holds; left out, it holds on."""
    hjemmel: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Legal ground for sharing without consent (R1), for example "SEL § 109"."""


class Generate(Spec):
    """Many parties and citizens, made by rule: kommune-1 …, tilbud-1 …, borger-1 …; one match for each citizen.

    The municipalities' cases go by themselves as ``sagsgang`` says.
    """

    myndigheder: Annotated[int, Field(ge=1, le=98)]
    tilbud: Annotated[int, Field(ge=1, le=1000)]
    citizens: Annotated[int, Field(ge=1, le=100_000)]
    asked: Annotated[int, Field(ge=1, le=50)] = 3
    """Tilbud that each match asks."""
    private_every: Annotated[int, Field(ge=1)] = 4
    """Every so manieth tilbud is private, with a CVR number of its own; the others share that of a municipality."""
    places: Count = 100_000
    """At each tilbud."""
    sagsgang: GangSpec = GangSpec()


class Scenario(Spec):
    """A scenario file."""

    scenario: Annotated[str, Field(min_length=1, max_length=80)]
    """Its name."""
    about: str = ""
    """What it shows, in a sentence or two."""
    start: date = START
    """The first simulated day."""
    seed: Annotated[int, Field(ge=0, le=2**63)] = 1
    """For everything random; `--seed` is stronger."""
    parties: dict[Name, PartySpec] = Field(default_factory=dict)
    citizens: dict[Name, CitizenSpec] = Field(default_factory=dict)
    generate: Generate | None = None
    steps: tuple[Step, ...] = ()
    """What happens, in this order."""
    expect: tuple[Expectation, ...] = ()
    """What must hold at the end.  Always checked besides: nothing is lost, nothing comes twice, one journal entry for
    each letter."""
