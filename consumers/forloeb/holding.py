"""How long a letter is held."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from consumers.forloeb.dage import FRISTER, Frister, day, rest
from consumers.forloeb.forloeb import Forloeb
from consumers.forloeb.regler import Regel
from consumers.forloeb.skridt import reason
from consumers.standards.letters import Brev


@dataclass(frozen=True, slots=True)
class Udloeb:
    """A view after its time limits; ``afviste``: letters held too long, with reasons (A9)."""

    forloeb: Forloeb
    afviste: tuple[tuple[Brev, str], ...] = ()


def expire(forloeb: Forloeb, today: date, frister: Frister = FRISTER) -> Udloeb:
    """``forloeb`` on ``today``: letters held too long refused, a tilbud's rested forløb closed, the start date seen."""
    limit = timedelta(days=frister.holdte_dage)
    old = tuple(row for row in forloeb.holdte if today - row.siden > limit)
    if old:
        forloeb = replace(forloeb, holdte=tuple(row for row in forloeb.holdte if row not in old))
    afviste = tuple((row.brev, reason(Regel.A9, row.grund)) for row in old)
    return Udloeb(rest(day(forloeb, today), today, frister), afviste)
