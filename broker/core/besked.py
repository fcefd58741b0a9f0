"""A Haendelsesbesked as routing sees it: a value, Beskeddata opaque."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FILTRERINGSDATA = "Beskedkuvert.Filtreringsdata."
SIKKERHEDSKLASSIFICERING = "Beskedkuvert.Leveranceinformation.Sikkerhedsklassificering"


@dataclass(slots=True)
class Besked:
    """The parts of one envelope that agreements, filters and expiry look at; never changed.

    Not frozen, as one is made for each message: that takes 0.2 µs, frozen 1.0.

    ``felter`` maps a full leaf path as the filter grammar writes it, for example
    ``Beskedkuvert.Filtreringsdata.RelateretObjekt.ObjektId.URNIdentifikator``, to the values of all
    occurrences in document order, each in canonical form (`broker.core.identifiers.canonical`).
    A path that does not occur is absent.  Source: Beskedkuvert.xsd, elements Filtreringsdata and
    Leveranceinformation/Sikkerhedsklassificering.
    """

    besked_id: str
    """Canonical BeskedId: a lower-case UUID or a URN."""
    beskedtype: str
    """Canonical Beskedtype: a lower-case UUID or a URN."""
    felter: Mapping[str, tuple[str, ...]]
    tilladt_modtager: tuple[str, ...] = ()
    """Canonical TilladtModtager values in document order (repeats kept: positions matter for trimming)."""
    ansvarlig_myndighed: tuple[str, ...] = ()
    """Canonical ObjektAnsvarligMyndighed of every ObjektRegistrering that has one."""
    opgave_emne: tuple[str, ...] = ()
    sikkerhedsklassificering: str | None = None
    gyldig_til: float | None = None
    """GyldighedTil as seconds since the epoch (UTC; a time without offset is read as UTC); None = no limit."""
