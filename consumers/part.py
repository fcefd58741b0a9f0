"""A party: a municipality, a tilbud or a feed, as others address it and as it logs in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Who takes part.  ``navn`` is also the name of its anvendersystem, with which it logs in.

    A tilbud is addressed by its P-nummer or SOR code where it has one, because a municipal one shares the CVR number
    of its kommune; the real Beskedfordeler knows the CVR number only, so these keys in RelateretObjekt are ours.
    """

    navn: str
    cvr: str
    aktoer: str
    """UUID of the organisation, for BeskedAnsvarligAktoer."""
    dueslag: str = ""
    """UUID of its dueslag, the name of its AMQP queue; empty for one that only sends."""
    p_nummer: str | None = None
    sor: str | None = None
    er_tilbud: bool = False
    """It gets what is meant for udførere, else what is meant for myndigheder."""

    @property
    def p_urn(self) -> str | None:
        return f"urn:oio:p-nr:{self.p_nummer}" if self.p_nummer else None

    @property
    def sor_urn(self) -> str | None:
        return f"urn:oio:sor:{self.sor}" if self.sor else None
