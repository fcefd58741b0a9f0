"""Letters whose form is right and which break one rule: for each of RULES, how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from consumers.standards import breaking_content, breaking_head
from consumers.standards.breaking import Break, changed
from consumers.standards.chance import pick
from consumers.standards.letters import Brev
from consumers.standards.paths import Loc
from consumers.standards.rules import RULES

BREAKERS = breaking_head.BREAKERS | breaking_content.BREAKERS
BY_THE_DAY = frozenset({"TID-3"})
"""What no document breaks by itself: a validator must be told which day it is."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A letter that breaks a rule at a place; where ``today`` is set, on that day."""

    brev: Brev
    loc: Loc
    today: date | None = None


def breakable(brev: Brev) -> tuple[str, ...]:
    """The rules that this letter can be made to break on any day, in the order of RULES."""
    return tuple(rule.id for rule in RULES if rule.id not in BY_THE_DAY and _ways(brev, rule.id))


def break_rule(brev: Brev, rule: str, random: Random) -> Broken | None:
    """None where the rule is not about such letters, or this one has not what it takes."""
    ways = _ways(brev, rule)
    if not ways:
        return None
    way = pick(random, ways)
    today = brev.data_tidspunkt.date() - timedelta(days=30) if rule in BY_THE_DAY else None
    return Broken(changed(brev, way), way.loc, today)


def without_consent(brev: Brev) -> Broken | None:
    """R1, by there being neither samtykke nor hjemmel."""
    if not brev.standard.facts.fortrolig:
        return None
    way = breaking_head.without_consent(brev)
    return Broken(changed(brev, way), way.loc)


def _ways(brev: Brev, rule: str) -> list[Break]:
    about = next((one.standards for one in RULES if one.id == rule), ())
    return BREAKERS[rule](brev) if brev.standard in about and rule in BREAKERS else []
