"""What must hold in a scenario: one model for each question, and `Expectation`, which asks exactly one of them.

What always must hold stands in no file: `checks_always` of `consumers.scenario.checks`.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from consumers.scenario.spec import Count, Many, Name, Spec
from consumers.standards.standard import Standard

Tilstand = Literal[
    "AFGJORT",
    "MATCH_SENDT",
    "BESTILT",
    "AFVIST",
    "AFTALT",
    "I_GANG",
    "STATUS_ANMODET",
    "STATUS_MODTAGET",
    "NY_BESTILLING_VENTES",
    "AFSLUTTET",
]
Rule = Annotated[str, Field(pattern=r"^R([1-9]|10)$")]


class Counted(Spec):
    """How many: ``count``, or limits; without any of them at least one."""

    count: Count | None = None
    """Exactly so many."""
    at_least: Count | None = None
    at_most: Count | None = None

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.count is not None and (self.at_least is not None or self.at_most is not None):
            raise ValueError("has count and a limit; expected count, or at_least and at_most")
        return self

    def holds(self, number: int) -> bool:
        if self.count is not None:
            return number == self.count
        least = self.at_least if self.at_least is not None else 0 if self.at_most is not None else 1
        return least <= number and (self.at_most is None or number <= self.at_most)

    @property
    def allows_none(self) -> bool:
        """Whether exactly none is wanted."""
        return self.count == 0 or self.at_most == 0

    @property
    def wanted(self) -> str:
        """In words."""
        if self.count is not None:
            return f"{self.count}"
        least = f"at least {self.at_least}" if self.at_least is not None else ""
        most = f"at most {self.at_most}" if self.at_most is not None else ""
        return " and ".join(filter(None, (least, most))) or "at least 1"


class TilstandIs(Spec):
    """The state of the citizen's newest course."""

    citizen: Many[Name]
    """``all``: every citizen."""
    at: Many[Name] | None = None
    """As seen by these parties; left out, by the myndighed and by the udfører (where there is one)."""
    is_: Annotated[Many[Tilstand], Field(alias="is")]
    """One of these states."""


class Letters(Counted):
    """Letters in journals."""

    standard: Standard | None = None
    """Of this standard; left out, of any."""
    citizen: Name | None = None
    """About this citizen; left out, about anybody."""


class Sent(Letters):
    """Letters that the Beskedfordeler took from this party."""

    by: Name
    to: Name | None = None


class Received(Letters):
    """Letters that came to this party, each counted once however often it came."""

    by: Name
    sender: Annotated[Name | None, Field(alias="from")] = None


class Missed(Letters):
    """Letters for this party that never came, because its abonnement was stopped or filtered them out."""

    by: Name


class Withheld(Letters):
    """Letters that the party's own system did not send, because of a rule."""

    by: Name
    rule: Rule | None = None


class Refused(Letters):
    """Letters that came to this party and did not fit."""

    by: Name


class Flagged(Letters):
    """Letters that came to this party and are flagged by a rule, for example R8: an outdated FFB version."""

    by: Name
    rule: Rule


class Says(Spec):
    """The newest letter of a standard about the citizen has this text in it."""

    citizen: Name
    standard: Standard
    text: Annotated[str, Field(min_length=1)]
    at: Name | None = None
    """As this party has it; left out, as the myndighed does."""


class WaitingList(Counted):
    """Citizens on the waiting list of a tilbud."""

    at: Name


class PlacesTaken(Counted):
    """Places that are taken at a tilbud."""

    at: Name


class OpenChanges(Counted):
    """Markante ændringer without kvittering in the citizen's course, as the myndighed has it."""

    citizen: Name


class Expectation(Spec):
    """One thing that must hold.  Exactly one of these."""

    tilstand: TilstandIs | None = None
    sent: Sent | None = None
    received: Received | None = None
    missed: Missed | None = None
    withheld: Withheld | None = None
    refused: Refused | None = None
    flagged: Flagged | None = None
    says: Says | None = None
    waiting_list: WaitingList | None = None
    places_taken: PlacesTaken | None = None
    open_changes: OpenChanges | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = sorted(self.model_fields_set)
        if len(given) != 1:
            found = " and ".join(given) or "nothing"
            raise ValueError(f"has {found}; expected exactly one of {', '.join(Expectation.model_fields)}")
        if getattr(self, given[0]) is None:
            raise ValueError(f"'{given[0]}' is empty; expected what must hold")
        return self

    @property
    def question(self) -> str:
        return next(iter(self.model_fields_set))

    @property
    def about(self) -> object:
        return getattr(self, self.question)
