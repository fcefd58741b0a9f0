"""What the parties' own systems hold at a moment: what expectations are judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from consumers.fagsystem import records
from consumers.fagsystem.journal import JournalEntry, Outcome, Retning
from consumers.fagsystem.myndighed import Myndighed
from consumers.fagsystem.tilbud import Tilbud
from consumers.scenario.cast import Cast
from consumers.standards.letters import Brev
from consumers.standards.standard import Standard

System = Myndighed | Tilbud
TAKEN = (Outcome.MODTAGET, Outcome.HOLDT)
"""What was received and not refused."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter that the Beskedfordeler took, and a party that it is for."""

    besked_id: str
    standard: Standard
    forloeb: str
    by: str
    to: str


class Picture:
    """Made once all is quiet, and thrown away before anything happens again: what it has read it keeps."""

    def __init__(self, cast: Cast, systems: Mapping[str, System], courses: Mapping[str, list[str]]) -> None:
        self.cast = cast
        self.systems = systems
        self.courses = courses
        """Forløb of each citizen, oldest first."""

    @cached_property
    def journals(self) -> dict[str, list[JournalEntry]]:
        return {name: system.journal() for name, system in self.systems.items()}

    @cached_property
    def inboxes(self) -> dict[str, dict[str, int]]:
        """BeskedIds that came to each party, with how often they came again."""
        return {
            name: dict(system.store.all("SELECT besked_id, again FROM inbox")) for name, system in self.systems.items()
        }

    @cached_property
    def sent(self) -> list[Sent]:
        """One for each letter and recipient."""
        names = {part.aktoer: name for name, part in self.cast.parts.items()}
        return [
            Sent(brev.besked_id, brev.standard, brev.forloebs_id, name, names[to.organisation_id])
            for name, system in self.systems.items()
            for brev in records.letters(system.store, retning=Retning.UD)
            for to in brev.modtagere
        ]

    @cached_property
    def unreceived(self) -> list[Sent]:
        """Taken by the Beskedfordeler, and not come to a party that they are for."""
        return [one for one in self.sent if one.besked_id not in self.inboxes[one.to]]

    def course(self, citizen: str) -> str | None:
        """The newest forløb; None before the first."""
        found = self.courses.get(citizen)
        return found[-1] if found else None

    def is_about(self, forloeb: str, citizen: str | None) -> bool:
        return citizen is None or forloeb in self.courses.get(citizen, ())

    def entries(
        self, by: str, retning: Retning, standard: Standard | None, citizen: str | None, *outcomes: Outcome
    ) -> list[JournalEntry]:
        return [
            entry
            for entry in self.journals[by]
            if entry.retning is retning
            and (standard is None or entry.standard is standard)
            and (not outcomes or entry.udfald in outcomes)
            and self.is_about(entry.forloeb, citizen)
        ]

    def myndighed(self, citizen: str) -> str:
        return self.cast.scenario.citizens[citizen].myndighed

    def udfoerer(self, citizen: str) -> str | None:
        """Who was ordered from last, as the myndighed has it."""
        course = self.course(citizen)
        forloeb = self.systems[self.myndighed(citizen)].forloeb(course) if course else None
        aktoer = forloeb.udfoerer if forloeb is not None else None
        return self.cast.name_of(aktoer) if aktoer else None

    def newest(self, at: str, citizen: str, standard: Standard) -> Brev | None:
        course = self.course(citizen)
        if course is None:
            return None
        found = records.letters(self.systems[at].store, course, standards=[standard], newest=True)
        return found[-1] if found else None
