"""What a day does without a letter: the start date, and how a tilbud's resting forløb runs out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from consumers.forloeb.forloeb import Forloeb, Trin
from consumers.forloeb.regler import Regel
from consumers.forloeb.tilstand import Tilstand
from consumers.standards.standard import Rolle

HVILER = frozenset({Tilstand.MATCH_SENDT, Tilstand.AFVIST, Tilstand.NY_BESTILLING_VENTES})
"""Where a tilbud hears no more if the myndighed goes elsewhere: no letter says so."""


@dataclass(frozen=True, slots=True)
class Frister:
    """How much and how long a party waits (ours)."""

    holdte_breve: int = 50
    holdte_dage: int = 30
    hvile_dage: int = 365


FRISTER = Frister()


def day(forloeb: Forloeb, today: date) -> Forloeb:
    """``forloeb`` on ``today``: I_GANG once the start date is reached (T6)."""
    stand = forloeb.bestilling
    if forloeb.tilstand is not Tilstand.AFTALT or stand is None or stand.startdato > today:
        return forloeb
    return _moved(forloeb, today, Regel.T6, Tilstand.I_GANG)


def rest(forloeb: Forloeb, today: date, frister: Frister = FRISTER) -> Forloeb:
    """``forloeb`` closed where it is a tilbud's and has rested too long (U1); a letter may wake it."""
    if forloeb.side is Rolle.MYNDIGHED or forloeb.tilstand not in HVILER or forloeb.sidst is None:
        return forloeb
    if today - forloeb.sidst <= timedelta(days=frister.hvile_dage):
        return forloeb
    return replace(_moved(forloeb, today, Regel.U1, Tilstand.AFSLUTTET), hvilede=forloeb.tilstand)


def woken(forloeb: Forloeb) -> Forloeb:
    """``forloeb`` as it rested before it ran out."""
    return forloeb if forloeb.hvilede is None else replace(forloeb, tilstand=forloeb.hvilede, hvilede=None)


def _moved(forloeb: Forloeb, today: date, regel: Regel, til: Tilstand) -> Forloeb:
    trin = Trin(today, regel, forloeb.tilstand, til)
    return replace(forloeb, tilstand=til, historik=(*forloeb.historik, trin))
