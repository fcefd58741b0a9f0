"""Sagsgang: how a myndighed goes on with a forløb by itself.  A value, and decisions without side effects."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from consumers.forloeb.forloeb import Forloeb, MatchForespoergsel
from consumers.standards.letters import Handling, Hastegrad, MatchSvar


@dataclass(frozen=True, slots=True)
class Sagsgang:
    """All days are of the simulated calendar; the defaults are ours."""

    automatisk: bool = True
    """Without it each step after a command needs another one; markante ændringer are not receipted by themselves."""
    svarfrist_dage: int = 14
    """For the answer to a match or a bestilling."""
    start_dage: int = 14
    """From the bestilling to the first day of the indsats."""
    opfoelgning_dage: tuple[int, ...] = (90, 365)
    """From the first day to the first follow-up, from there to the next, …; the last repeats."""
    status_dage: int = 21
    """So long before a follow-up the statusnotat is asked for."""
    opfoelgninger: int = 2
    """The last one ends the indsats; 0 = it goes on for ever."""
    ny_bestilling_ved: frozenset[int] = frozenset()
    """The follow-ups, from 1, that lead to a new bestilling; never the last."""
    akut_aendring: Handling = Handling.NY_BESTILLING
    aendring: Handling = Handling.OPFOELGNING_PLANLAGT
    """What is done about a markant ændring: an AKUT one, and any other."""
    aendring_dage: int = 14
    """To the follow-up that a markant ændring leads to."""
    servicepakker: bool = False
    """Whether a bestilling asks for servicepakker."""

    def handling(self, hastegrad: Hastegrad | None) -> Handling:
        return self.akut_aendring if hastegrad is Hastegrad.AKUT else self.aendring

    def next_follow_up(self, since: date, held: int) -> date:
        """The day of the follow-up after ``held`` ones: counted from ``since``."""
        days = self.opfoelgning_dage[min(held, len(self.opfoelgning_dage) - 1)]
        return since + timedelta(days=days)

    def is_last(self, number: int) -> bool:
        """Whether the follow-up with this number, from 1, ends the indsats."""
        return self.opfoelgninger > 0 and number >= self.opfoelgninger


def newest_answers(forloeb: Forloeb) -> dict[str, MatchForespoergsel]:
    """By tilbud, in the order in which it was asked first: its newest match, with the answer so far."""
    return {match.tilbud: match for match in forloeb.matches}


def all_answered(forloeb: Forloeb) -> bool:
    return all(match.svar is not None for match in newest_answers(forloeb).values())


def choose(forloeb: Forloeb, declined: Collection[str]) -> MatchForespoergsel | None:
    """Who accepted first, of those that have not declined a bestilling."""
    accepted = [
        match
        for match in newest_answers(forloeb).values()
        if match.svar is MatchSvar.ACCEPT and match.tilbud not in declined
    ]
    return min(accepted, key=lambda match: (match.svar_tidspunkt or match.tidspunkt, match.svar_id or ""), default=None)


def is_waited_for(forloeb: Forloeb, declined: Collection[str]) -> bool:
    """Whether a tilbud with the citizen on its waiting list may still accept."""
    return any(
        match.svar is MatchSvar.VENTELISTE and match.tilbud not in declined
        for match in newest_answers(forloeb).values()
    )
