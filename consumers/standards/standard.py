"""The nine kinds of letter: who writes which to whom, and what is an answer to what.

Names, directions and purposes are KL's (seed S0).  The UUIDs are synthetic, because no public source has them, and so
are the short names.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rolle(StrEnum):
    """The two sides of a forløb."""

    MYNDIGHED = "myndighed"
    UDFOERER = "udfoerer"


class Standard(StrEnum):
    """Short names, as files and commands use them."""

    MATCH = "match"
    SVAR_MATCH = "svar-match"
    BESTILLING = "bestilling"
    SVAR_BESTILLING = "svar-bestilling"
    ANMODNING = "anmodning"
    STATUSNOTAT = "statusnotat"
    MARKANT_AENDRING = "markant-aendring"
    KVITTERING = "kvittering"
    OPFOELGNING = "opfoelgning"

    @property
    def facts(self) -> Facts:
        return _FACTS[self]

    @property
    def navn(self) -> str:
        return _FACTS[self].navn

    def is_called(self, text: str) -> bool:
        """Whether ``text`` is its short name, its number or its navn, in any case."""
        return text.lower() in (self.value, self.facts.nummer, self.navn.lower())

    @property
    def beskedtype(self) -> str:
        """UUID for Filtreringsdata/Beskedtype (synthetic)."""
        return f"00000000-ffb0-4000-8000-00000000000{list(Standard).index(self) + 1}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is fixed about a standard."""

    nummer: str
    """KL's order, "1" to "8"; the receipt that KL suggests is "7b"."""
    navn: str
    fra: Rolle
    """Who writes it; a markant ændring may come from either side (seed S0: "fortrinsvis" the udfører)."""
    besvarer: tuple[Standard, ...] = ()
    """What it answers."""
    skal_besvare: bool = False
    """Whether besvarerBeskedId is required."""
    flere_modtagere: bool = False
    fortrolig: bool = False
    """R1: needs an active samtykke or a stated legal ground."""


_FACTS = {
    Standard.MATCH: Facts("1", "Match af borger", Rolle.MYNDIGHED, flere_modtagere=True, fortrolig=True),
    Standard.SVAR_MATCH: Facts("2", "Svar på match af borger", Rolle.UDFOERER, (Standard.MATCH,), skal_besvare=True),
    Standard.BESTILLING: Facts("3", "Bestilling", Rolle.MYNDIGHED, (Standard.SVAR_MATCH,), fortrolig=True),
    Standard.SVAR_BESTILLING: Facts(
        "4", "Svar på bestilling", Rolle.UDFOERER, (Standard.BESTILLING,), skal_besvare=True
    ),
    Standard.ANMODNING: Facts("5", "Anmodning om statusnotat", Rolle.MYNDIGHED),
    Standard.STATUSNOTAT: Facts(
        "6", "Statusnotat", Rolle.UDFOERER, (Standard.ANMODNING,), skal_besvare=True, fortrolig=True
    ),
    Standard.MARKANT_AENDRING: Facts("7", "Markant ændring hos borgeren", Rolle.UDFOERER, fortrolig=True),
    Standard.KVITTERING: Facts(
        "7b", "Kvittering for markant ændring", Rolle.MYNDIGHED, (Standard.MARKANT_AENDRING,), skal_besvare=True
    ),
    Standard.OPFOELGNING: Facts("8", "Opfølgning", Rolle.MYNDIGHED, (Standard.STATUSNOTAT,)),
}
BY_BESKEDTYPE = {standard.beskedtype: standard for standard in Standard}
