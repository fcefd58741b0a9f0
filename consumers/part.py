"""A party: a municipality, a tilbud or a feed, as others address it and as it logs in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """Who takes part.  ``navn`` is also the name of its anvendersystem, with which it logs in.

    A tilbud is addressed by its P-nummer, because a municipal one shares the CVR number of its kommune; the real
    Beskedfordeler knows the CVR number only, so this key in RelateretObjekt is ours.
    """

    navn: str
    cvr: str
    aktoer: str
    """UUID of the organisation, for BeskedAnsvarligAktoer."""
    dueslag: str = ""
    """UUID of its dueslag, the name of its AMQP queue; empty for one that only sends."""
    p_nummer: str | None = None

    @property
    def p_urn(self) -> str | None:
        return f"urn:oio:p-nr:{self.p_nummer}" if self.p_nummer else None
