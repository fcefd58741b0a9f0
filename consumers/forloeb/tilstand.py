"""Where a forløb stands, and what can become of a letter (domain facts 1.3; the states are assumed)."""

from __future__ import annotations

from enum import StrEnum


class Tilstand(StrEnum):
    """Where a forløb stands.  Open markante ændringer stand beside it and are no state."""

    AFGJORT = "AFGJORT"
    """Decided; no letter yet."""
    MATCH_SENDT = "MATCH_SENDT"
    BESTILT = "BESTILT"
    """Ordered, not answered."""
    AFVIST = "AFVIST"
    """The latest bestilling was refused; a new one may follow (assumed)."""
    AFTALT = "AFTALT"
    I_GANG = "I_GANG"
    STATUS_ANMODET = "STATUS_ANMODET"
    STATUS_MODTAGET = "STATUS_MODTAGET"
    NY_BESTILLING_VENTES = "NY_BESTILLING_VENTES"
    """An opfølgning said that a new bestilling follows."""
    AFSLUTTET = "AFSLUTTET"
    """Closed by an opfølgning, or, for a tilbud only, run out (assumed)."""


class Hvad(StrEnum):
    """What became of a letter."""

    ANVENDT = "ANVENDT"
    KENDT = "KENDT"
    HOLDT = "HOLDT"
    AFVIST = "AFVIST"


class Retning(StrEnum):
    """From the view's own party, or to it."""

    SENDT = "sendt"
    MODTAGET = "modtaget"
