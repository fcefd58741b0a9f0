"""One party's view of a forløb: a frozen value that holds all that the rules ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated

from pydantic import PlainSerializer

from consumers.forloeb.gemt_brev import GemtBrev
from consumers.forloeb.regler import Regel
from consumers.forloeb.tilstand import Tilstand
from consumers.standards.letters import BestillingSvar, Handling, MatchSvar, Venteliste
from consumers.standards.standard import Rolle, Standard

Ids = Annotated[frozenset[str], PlainSerializer(sorted)]


@dataclass(frozen=True, slots=True)
class MatchForespoergsel:
    """One tilbud asked by one match, and its newest answer."""

    tilbud: str
    besked_id: str
    tidspunkt: datetime
    svar: MatchSvar | None = None
    svar_id: str | None = None
    svar_tidspunkt: datetime | None = None
    venteliste: Venteliste | None = None

    @property
    def aaben(self) -> bool:
        """Whether an answer may still come: none yet, or VENTELISTE."""
        return self.svar in (None, MatchSvar.VENTELISTE)


@dataclass(frozen=True, slots=True)
class BestillingStand:
    """A bestilling and its answer; ``startdato`` is the agreed one once there is one."""

    udfoerer: str
    besked_id: str
    tidspunkt: datetime
    startdato: date
    svar: BestillingSvar | None = None
    svar_id: str | None = None


@dataclass(frozen=True, slots=True)
class AnmodningStand:
    """An anmodning, its statusnotat, and the opfølgning that names that statusnotat."""

    udfoerer: str
    besked_id: str
    tidspunkt: datetime
    svarfrist: date
    statusnotat: str | None = None
    opfoelgning: str | None = None


@dataclass(frozen=True, slots=True)
class Aendring:
    """A markant ændring; open while it has no kvittering.  The one that received it owes the kvittering."""

    afsender: str
    modtager: str
    besked_id: str
    tidspunkt: datetime
    kvittering: str | None = None
    handling: Handling | None = None


@dataclass(frozen=True, slots=True)
class HoldtBrev:
    """A letter kept until what it needs has come."""

    brev: GemtBrev
    regel: Regel
    grund: str
    siden: date


@dataclass(frozen=True, slots=True)
class Trin:
    """One step of the history: an applied letter, or (``standard`` None) a day that moved the state."""

    dag: date
    regel: Regel
    fra: Tilstand
    til: Tilstand
    standard: Standard | None = None
    besked_id: str = ""
    afsender: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Forloeb:
    """A forløb as ``egen`` (an organisation's UUID), on ``side``, sees it.

    A myndighed sees every tilbud's part; a tilbud its own only.  The tuples are ordered by their letter's
    data_tidspunkt, so that they do not depend on the order in which letters came.
    """

    id: str
    side: Rolle
    egen: str
    tilstand: Tilstand = Tilstand.AFGJORT
    myndighed: str | None = None
    sagsnummer: str | None = None
    sag_id: str | None = None
    cpr: str | None = field(default=None, repr=False)
    matches: tuple[MatchForespoergsel, ...] = ()
    bestillinger: tuple[BestillingStand, ...] = ()
    anmodninger: tuple[AnmodningStand, ...] = ()
    aendringer: tuple[Aendring, ...] = ()
    bestilling_id: str | None = None
    """The bestilling that counts."""
    anmodning_id: str | None = None
    """The anmodning that counts; None once a bestilling or opfølgning came after it."""
    bevaeget: datetime | None = None
    """data_tidspunkt of the myndighed's letter that last moved the state: its own clock orders its letters (L1)."""
    varslet: datetime | None = None
    """data_tidspunkt of the myndighed's newest kvittering with NY_BESTILLING."""
    egen_seneste: datetime | None = None
    """data_tidspunkt of the newest letter that ``egen`` sent."""
    hvilede: Tilstand | None = None
    """The state in which the forløb ran out (U1); a letter that this state can take wakes it."""
    sidst: date | None = None
    """Day of the newest applied letter."""
    kendte: Ids = field(default=frozenset(), repr=False)
    holdte: tuple[HoldtBrev, ...] = ()
    historik: tuple[Trin, ...] = field(default=(), repr=False)

    @property
    def bestilling(self) -> BestillingStand | None:
        """The bestilling that counts."""
        return next((stand for stand in self.bestillinger if stand.besked_id == self.bestilling_id), None)

    @property
    def udfoerer(self) -> str | None:
        """Who was ordered from last."""
        return stand.udfoerer if (stand := self.bestilling) else None

    @property
    def anmodning(self) -> AnmodningStand | None:
        """The anmodning that counts."""
        return next((stand for stand in self.anmodninger if stand.besked_id == self.anmodning_id), None)

    @property
    def statusnotat(self) -> str | None:
        """BeskedId of the statusnotat that answers the anmodning that counts."""
        return stand.statusnotat if (stand := self.anmodning) else None

    @property
    def aabne(self) -> tuple[Aendring, ...]:
        """Markante ændringer without kvittering, both sides'."""
        return tuple(aendring for aendring in self.aendringer if aendring.kvittering is None)

    @property
    def aabne_aendringer(self) -> tuple[str, ...]:
        """Their BeskedIds."""
        return tuple(aendring.besked_id for aendring in self.aabne)

    @property
    def ny_bestilling_varslet(self) -> bool:
        """Whether a kvittering has announced a bestilling that has not come (T13)."""
        if self.varslet is None:
            return False
        return (stand := self.bestilling) is None or self.varslet > stand.tidspunkt

    def aftale(self, part: str) -> bool:
        """Whether ``part`` ever accepted a bestilling of this forløb."""
        return any(s.udfoerer == part and s.svar is BestillingSvar.ACCEPT for s in self.bestillinger)

    def match_svar(self, tilbud: str) -> MatchForespoergsel | None:
        """The newest match to ``tilbud``, with its answer if there is one."""
        return next((match for match in reversed(self.matches) if match.tilbud == tilbud), None)

    def stempel(self, nu: datetime) -> datetime:
        """The data_tidspunkt for the next own letter: ``nu``, or just after the last one where the clock stands still.

        Two letters of one sender with the same time have no order (L1).
        """
        if self.egen_seneste is None or nu > self.egen_seneste:
            return nu
        return self.egen_seneste + timedelta(microseconds=1)
