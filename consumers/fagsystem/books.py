"""The books of a party: its forløb, journal, tasks and address book, and how a piece of work is done on them."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from random import Random

from consumers.fagsystem import journal, outbox, records, tasks
from consumers.fagsystem.calendar import Calendar
from consumers.fagsystem.events import Event, Kind
from consumers.fagsystem.journal import JournalEntry
from consumers.fagsystem.outbox import Waiting
from consumers.fagsystem.profile import Profile
from consumers.fagsystem.store import Store
from consumers.fagsystem.tasks import Task
from consumers.fagsystem.work import About, Work
from consumers.forloeb.apply import Udfald, apply
from consumers.forloeb.dage import day
from consumers.forloeb.forloeb import Forloeb
from consumers.forloeb.form import from_json, to_json
from consumers.part import Part
from consumers.standards.letters import Brev
from consumers.standards.standard import Rolle

KEPT = 10_000
"""Forløb, or citizens, kept in memory beside the database."""


class Books(ABC):
    """See `Fagsystem` for the arguments."""

    side: Rolle

    def __init__(
        self,
        part: Part,
        address_book: Sequence[Part],
        store: Store,
        calendar: Calendar,
        profile: Profile,
        seed: int | str,
        on_event: Callable[[Event], None],
    ) -> None:
        self.part = part
        self.store = store
        self.calendar = calendar
        self.profile = profile
        self._seed = seed
        self._on_event = on_event
        self._parts = {other.aktoer: other for other in address_book}
        self.outgoing = Waiting()
        """What is to be sent, in order."""
        self._load()
        self._views: dict[str, Forloeb] = {}
        self._task = tasks.first(store)

    def _load(self) -> None:
        """What is in the outbox is to be sent."""
        self.outgoing.clear()
        for number, forloeb in outbox.unsent(self.store):
            self.outgoing.add(number, forloeb)

    @abstractmethod
    def _perform(self, piece: Work, task: Task, forloeb: Forloeb | None) -> None:
        """Do what has become due.  It may have been overtaken by events: then do nothing."""

    # What there is to read.

    def forloeb(self, id: str) -> Forloeb | None:
        """As it stands today; None where there is none."""
        forloeb = self._forloeb(id)
        return None if forloeb is None else day(forloeb, self.calendar.now().date())

    def alle_forloeb(self) -> dict[str, str]:
        """Id to tilstand, in the order in which they were opened."""
        return {id: records.tilstand(self.store, id) or "" for id in records.forloeb_ids(self.store)}

    def journal(self, forloeb: str | None = None) -> list[JournalEntry]:
        """All entries, or those of one forløb, oldest first."""
        return journal.entries(self.store, forloeb)

    def letters(self, forloeb: str | None = None) -> list[Brev]:
        """All letters that came or went and were applied, oldest first."""
        return records.letters(self.store, forloeb)

    def next_due(self) -> datetime | None:
        """When the first task of all is due; it may be now."""
        return None if self._task is None else self._task.due

    # How work is done.

    @contextmanager
    def _work(self) -> Iterator[Work]:
        """A transaction; what is told of it is told when it is committed."""
        piece = Work(self.store, self.part.navn, self.calendar.now())
        try:
            with self.store.transaction():
                yield piece
        except BaseException:
            self._forget()
            raise
        self._finished(piece)

    def _forget(self) -> None:
        """What is kept in memory beside the database: nothing of it holds after a failed transaction."""
        self._views.clear()

    def _finished(self, piece: Work) -> None:
        """It is committed: see to what is to be sent and done, and tell of it."""
        for number, forloeb in piece.drafted:
            self.outgoing.add(number, forloeb)
        first = tasks.first(self.store) if piece.tasked else self._task
        moved = first is not None and (self._task is None or first.due != self._task.due)
        self._task = first
        if piece.drafted:
            self._more_to_send()
        if moved:
            self._task_moved()
        for event in piece.events:
            self._on_event(event)

    @abstractmethod
    def _more_to_send(self) -> None: ...

    @abstractmethod
    def _task_moved(self) -> None: ...

    def run_due(self) -> bool:
        """Do the first task where it is due, in one transaction; False where none is."""
        task = self._task
        if task is None or task.due > self.calendar.now():
            return False
        with self._work() as piece:
            piece.done(task.key)
            self._perform(piece, task, self._forloeb(task.forloeb))
        return True

    def _forloeb(self, id: str) -> Forloeb | None:
        if (kept := self._views.get(id)) is not None:
            return kept
        document = records.forloeb_json(self.store, id)
        if document is None:
            return None
        forloeb = self._views[id] = from_json(document)
        return forloeb

    def _judge(self, piece: Work, brev: Brev) -> Udfald:
        """What becomes of a letter in its forløb; nothing is kept yet."""
        return apply(
            self._forloeb(brev.forloebs_id), brev, egen=self.part.aktoer, side=self.side, today=piece.at.date()
        )

    def _keep(self, piece: Work, udfald: Udfald) -> None:
        """Keep the forløb as a letter left it."""
        before = self._forloeb(udfald.forloeb.id)
        if before is None:
            records.open_forloeb(self.store, udfald.forloeb.id, None, udfald.forloeb.tilstand)
        self._put(piece, before, udfald.forloeb)

    def _day(self, piece: Work, forloeb: Forloeb) -> Forloeb:
        """The forløb as it is today: its start date may have been reached."""
        today = day(forloeb, piece.at.date())
        self._put(piece, forloeb, today)
        return today

    def _open(self, piece: Work, id: str, cpr: str | None) -> Forloeb:
        """A forløb of which no letter has gone."""
        forloeb = Forloeb(id, self.side, self.part.aktoer.lower())
        records.open_forloeb(self.store, id, cpr, forloeb.tilstand)
        self._put(piece, None, forloeb)
        return forloeb

    def _put(self, piece: Work, before: Forloeb | None, after: Forloeb) -> None:
        if after != before:
            records.put_forloeb(self.store, after.id, after.tilstand, to_json(after))
            if len(self._views) >= KEPT:
                self._views.clear()
            self._views[after.id] = after
        if before is None or after.tilstand is not before.tilstand:
            piece.tell(Kind.STATE, About(after.id), after.tilstand)

    def _restore(self, piece: Work, id: str, before: str) -> None:
        """The forløb as it was before a letter that the Beskedfordeler refused."""
        self._put(piece, self._forloeb(id), from_json(before))

    def _new_id(self) -> str:
        """Not of the seed: two runs of one seed against one Beskedfordeler must not use the same BeskedIds."""
        return str(uuid.uuid4())

    def _chance(self, what: str) -> Random:
        """Chance of this party's seed; after a restart it goes on, and does not begin again."""
        return Random(f"{self._seed}/{self.part.aktoer}/{what}/{self.store.count(f'chance/{what}')}")  # noqa: S311

    def _name(self, aktoer: str) -> str:
        other = self._parts.get(aktoer.lower())
        return aktoer if other is None else other.navn

    def _names(self, aktoerer: Iterable[str]) -> str:
        return ", ".join(self._name(aktoer) for aktoer in aktoerer)
