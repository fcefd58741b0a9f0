"""The requests of the eleven operations, read.

UUIDs are canonical, times are seconds since the epoch, and None where there is no limit: the element is missing, or
holds a GraenseIndikator, or (in a search or filter; ours) a year beyond 9999.  Texts that are optional are "" where
missing.  Values are as sent: repeats and white space included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from adapters.soap.documents.operation import Operation
from broker.core.model import Livscyklus, Registrering


@dataclass(frozen=True, slots=True)
class Virkning:
    """When something is in force, and who says so: Virkning; in a search SoegVirkning, where each may be missing."""

    fra: float | None = None
    til: float | None = None
    aktoer: str | None = None
    """AktoerRef: a UUID or URN."""
    aktoer_type: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Egenskab:
    """The one attribute of a list: its key, its name and its values."""

    noegle: str
    """BrugervendtNoegleTekst."""
    navn: str
    """1 to 256 characters, without white space at its ends."""
    vaerdier: tuple[str, ...]
    virkning: Virkning


@dataclass(frozen=True, slots=True)
class RegistreringIn:
    """A registration as an import brings it."""

    tidspunkt: float | None
    livscyklus: Livscyklus
    bruger: str | None
    """BrugerRef: a UUID or URN."""
    egenskaber: tuple[Egenskab, ...]
    """Exactly one (ours)."""

    @property
    def egenskab(self) -> Egenskab:
        """The one there is."""
        return self.egenskaber[0]


@dataclass(frozen=True, slots=True)
class Tidsfiltre:
    """The four filters of laes and list: periods [fra, til), None = no limit."""

    virkning_fra: float | None = None
    virkning_til: float | None = None
    registrering_fra: float | None = None
    registrering_til: float | None = None
    oejebliksbillede: bool = False
    """VirkningFraFilter or VirkningTilFilter was given: the answer is a FiltreretOejebliksbillede (ours)."""

    def meets(self, registrering: Registrering | None) -> bool:
        """Whether a registration, and the period its Virkning states, meet the periods asked for.

        A list without one (it was not made by VærdilisteRediger) meets every filter (ours).
        """
        if registrering is None:
            return True
        return _meet(self.virkning_fra, self.virkning_til, registrering.virkning_fra, registrering.virkning_til) and (
            self.registrering_til is None or registrering.tidspunkt < self.registrering_til
        )


def _meet(fra: float | None, til: float | None, other_fra: float | None, other_til: float | None) -> bool:
    return (fra is None or other_til is None or other_til > fra) and (
        til is None or other_fra is None or other_fra < til
    )


@dataclass(frozen=True, slots=True)
class Opret:
    """OpretInput: a new list."""

    operation: ClassVar[Operation] = Operation.OPRET
    note: str
    egenskaber: tuple[Egenskab, ...]
    """Exactly one (ours)."""

    @property
    def egenskab(self) -> Egenskab:
        """The one there is."""
        return self.egenskaber[0]


@dataclass(frozen=True, slots=True)
class Import:
    """ImportInput: a list with its UUID and its registrations, one at least."""

    operation: ClassVar[Operation] = Operation.IMPORT
    note: str
    uuid: str
    registreringer: tuple[RegistreringIn, ...]

    @property
    def newest(self) -> RegistreringIn:
        """The registration with the latest FraTidspunkt, the last of those alike; one without is the earliest."""
        return max(
            reversed(self.registreringer), key=lambda one: float("-inf") if one.tidspunkt is None else one.tidspunkt
        )


@dataclass(frozen=True, slots=True)
class Ret:
    """RetInput: a list's note, and its attribute in place of the old one."""

    operation: ClassVar[Operation] = Operation.RET
    uuid: str
    note: str
    egenskaber: tuple[Egenskab, ...] | None
    """Exactly one (ours), or None where no AttributListe was sent: the attribute stays as it is."""

    @property
    def egenskab(self) -> Egenskab | None:
        """The one there is, or None."""
        return self.egenskaber[0] if self.egenskaber else None


@dataclass(frozen=True, slots=True)
class Laes:
    """LaesInput: one list."""

    operation: ClassVar[Operation] = Operation.LAES
    uuid: str
    filtre: Tidsfiltre


@dataclass(frozen=True, slots=True)
class Slet:
    """SletInput: a list goes."""

    operation: ClassVar[Operation] = Operation.SLET
    uuid: str
    note: str


@dataclass(frozen=True, slots=True)
class Passiver:
    """PassiverInput: a list stays, but counts no more."""

    operation: ClassVar[Operation] = Operation.PASSIVER
    uuid: str
    note: str


@dataclass(frozen=True, slots=True)
class List:
    """ListInput: some lists, one at least, in the order asked for."""

    operation: ClassVar[Operation] = Operation.LIST
    uuids: tuple[str, ...]
    filtre: Tidsfiltre


@dataclass(frozen=True, slots=True)
class Soeg:
    """SoegInput: lists by what is known of them; what is None or empty is not asked for, all else must hold."""

    operation: ClassVar[Operation] = Operation.SOEG
    foerste: int = 0
    """FoersteResultatReference: how many hits to leave out (ours: counted from 0)."""
    maksimalt: int | None = None
    uuid: str | None = None
    livscyklus: Livscyklus | None = None
    bruger: str | None = None
    registrering_fra: float | None = None
    """FraTidspunkt of SoegRegistrering."""
    noegle: str | None = None
    navn: str | None = None
    vaerdier: tuple[str, ...] = ()
    virkninger: tuple[Virkning, ...] = ()
    """SoegVirkning of the object and of the attribute, where given."""


@dataclass(frozen=True, slots=True)
class TilfoejVaerdier:
    """TilfoejVaerdierInput: values that a list is to hold too."""

    operation: ClassVar[Operation] = Operation.TILFOEJ_VAERDIER
    uuid: str
    vaerdier: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FjernVaerdier:
    """FjernVaerdierInput: values that a list is to hold no more."""

    operation: ClassVar[Operation] = Operation.FJERN_VAERDIER
    uuid: str
    vaerdier: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlytTilFejlkoe:
    """FlytBeskedTilFejlkoeInput: a message that its receiver cannot handle."""

    operation: ClassVar[Operation] = Operation.FLYT_TIL_FEJLKOE
    besked: bytes
    """The Haendelsesbesked as a document of its own: the namespaces that were in scope are declared in it."""
    besked_id: str
    """BeskedId, canonical."""


Request = Opret | Import | Ret | Laes | Slet | Passiver | List | Soeg | TilfoejVaerdier | FjernVaerdier | FlytTilFejlkoe
