"""The rules, each with its id: reasons, documentation and tests use the same ones.

All are ours, save where ``kilde`` names the seed (S0): the standards say what the letters are for, not what a system
does with one that comes double, late or from the wrong side.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from consumers.forloeb.tilstand import Hvad

OURS = "ours"
S0 = "seed S0"


class Regel(StrEnum):
    """A rule: its value is its id, ``hvad`` what becomes of the letter, ``tekst`` what it says."""

    hvad: Hvad
    tekst: str
    kilde: str

    def __new__(cls, id: str, hvad: Hvad, tekst: str, kilde: str = OURS) -> Self:
        regel = str.__new__(cls, id)
        regel._value_ = id
        regel.hvad, regel.tekst, regel.kilde = hvad, tekst, kilde
        return regel

    T1 = "T1", Hvad.ANVENDT, "match: each tilbud asked may answer; moves AFGJORT only, to MATCH_SENDT", S0
    T2 = "T2", Hvad.ANVENDT, "svar på match: noted with the tilbud that gave it; binds nobody (R9), moves nothing", S0
    T3 = "T3", Hvad.ANVENDT, "bestilling: BESTILT, with or without a match before it", S0
    T4 = "T4", Hvad.ANVENDT, "svar på bestilling, ACCEPT: AFTALT (R10)", S0
    T5 = "T5", Hvad.ANVENDT, "svar på bestilling, AFVIS: AFVIST; a new bestilling may follow"
    T6 = "T6", Hvad.ANVENDT, "the start date is reached: I_GANG"
    T7 = "T7", Hvad.ANVENDT, "anmodning: STATUS_ANMODET", S0
    T8 = "T8", Hvad.ANVENDT, "statusnotat: STATUS_MODTAGET", S0
    T9 = "T9", Hvad.ANVENDT, "opfølgning, the indsats goes on: I_GANG", S0
    T10 = "T10", Hvad.ANVENDT, "opfølgning with ny bestilling: NY_BESTILLING_VENTES", S0
    T11 = "T11", Hvad.ANVENDT, "opfølgning that ends the indsats, no ny bestilling: AFSLUTTET"
    T12 = "T12", Hvad.ANVENDT, "markant ændring: open until its kvittering, beside the state", S0
    T13 = (
        "T13",
        Hvad.ANVENDT,
        "kvittering: closes its markant ændring; the myndighed's NY_BESTILLING lets a bestilling follow",
    )
    L1 = (
        "L1",
        Hvad.ANVENDT,
        "overtaken: older, by the myndighed's own clock, than what has moved the state; noted, moves nothing",
    )
    L2 = "L2", Hvad.ANVENDT, "the answer to a question that is no longer the newest: noted with it, moves nothing"
    L3 = "L3", Hvad.ANVENDT, "an answer to a match that is older than the tilbud's newest one: noted, changes nothing"
    V1 = "V1", Hvad.ANVENDT, "a later answer to a match takes the place of VENTELISTE"
    U1 = (
        "U1",
        Hvad.ANVENDT,
        "a tilbud's resting forløb (MATCH_SENDT, AFVIST, NY_BESTILLING_VENTES) runs out: AFSLUTTET",
    )
    K1 = "K1", Hvad.KENDT, "this BeskedId was seen before: nothing changes"
    H1 = "H1", Hvad.HOLDT, "the letter that it answers has not come"
    H2 = "H2", Hvad.HOLDT, "there is no agreement yet (no bestilling with an accepting answer)"
    H3 = "H3", Hvad.HOLDT, "nothing has announced a new bestilling, or the one before is not answered"
    H4 = "H4", Hvad.HOLDT, "the status asked for before has not been followed up"
    H5 = "H5", Hvad.HOLDT, "the statusnotat asked for has not come"
    A1 = "A1", Hvad.AFVIST, "of another forløb, case or citizen"
    A2 = "A2", Hvad.AFVIST, "this side does not write such a letter"
    A3 = "A3", Hvad.AFVIST, "not addressed as such a letter must be"
    A4 = "A4", Hvad.AFVIST, "from a party that was not asked, or has no part in the forløb"
    A5 = "A5", Hvad.AFVIST, "the letter that it answers was answered before"
    A6 = "A6", Hvad.AFVIST, "the letter that it answers is of another kind than such a letter may answer"
    A7 = "A7", Hvad.AFVIST, "the forløb is closed"
    A8 = "A8", Hvad.AFVIST, "no room: too many letters are held already"
    A9 = "A9", Hvad.AFVIST, "held too long: what it needs has not come"
    S1 = "S1", Hvad.AFVIST, "may not be sent as the forløb stands"
    S2 = "S2", Hvad.AFVIST, "data_tidspunkt is not after that of the letter which this party sent before"
    S3 = "S3", Hvad.AFVIST, "this tilbud answered AFSLAG; send it a new match first"
    S4 = (
        "S4",
        Hvad.AFVIST,
        "a bestilling on the ground of a markant ændring goes to the udfører at work; "
        "send an opfølgning with ny bestilling first, to order from another",
    )
