"""One piece of work of a party: what it writes in one transaction, and what it tells when that is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from consumers.fagsystem import journal, outbox, tasks
from consumers.fagsystem.draft import Draft
from consumers.fagsystem.events import Event, Kind
from consumers.fagsystem.journal import JournalEntry, Outcome, Retning
from consumers.fagsystem.store import Store
from consumers.fagsystem.tasks import Task
from consumers.standards.findings import masked
from consumers.standards.letters import Brev
from consumers.standards.standard import Standard


@dataclass(frozen=True, slots=True)
class About:
    """What an event or an entry is about."""

    forloeb: str
    besked_id: str = ""
    standard: Standard | None = None
    other: str = ""
    """Name of the party at the other end."""

    @classmethod
    def letter(cls, brev: Brev, other: str) -> About:
        return cls(brev.forloebs_id, brev.besked_id, brev.standard, other)

    @classmethod
    def draft(cls, draft: Draft, other: str) -> About:
        return cls(draft.forloeb, draft.besked_id, draft.standard, other)


@dataclass(slots=True)
class Work:
    """Open while its transaction is."""

    store: Store
    part: str
    """Name of the party."""
    at: datetime
    events: list[Event] = field(default_factory=list)
    drafted: list[tuple[int, str]] = field(default_factory=list)
    """Numbers in the outbox, each with its forløb."""
    tasked: bool = False
    """Tasks were put or taken out."""

    def tell(self, kind: Kind, about: About, text: str = "") -> None:
        """An event, when the work is done."""
        self.events.append(
            Event(kind, self.at, self.part, about.standard, about.besked_id, about.forloeb, about.other, masked(text))
        )

    def draft(self, draft: Draft) -> None:
        """Into the outbox."""
        self.drafted.append((outbox.put(self.store, draft), draft.forloeb))

    def task(self, key: str, due: datetime, kind: str, forloeb: str, **data: str) -> None:
        self.tasked = True
        tasks.put(self.store, Task(key, due, kind, forloeb, data))

    def done(self, key: str) -> None:
        """A task is done, or not to be done any more."""
        self.tasked = True
        tasks.done(self.store, key)

    def enter(
        self,
        retning: Retning,
        udfald: Outcome,
        about: About,
        *,
        forfatter: str = "",
        text: str = "",
        flags: tuple[str, ...] = (),
    ) -> bool:
        """Into the journal; False where the letter has its entry already."""
        entry = JournalEntry(
            0,
            self.at,
            about.forloeb,
            about.besked_id,
            retning,
            about.standard,
            about.other,
            forfatter,
            udfald,
            masked(text),
            flags,
        )
        if not journal.enter(self.store, entry):
            return False
        said = f"{udfald}: {text}" if text else str(udfald)
        if flags:
            said += f" [{'; '.join(flags)}]"
        self.tell(Kind.JOURNAL, about, said)
        return True
