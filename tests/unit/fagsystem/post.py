"""A post without a network: parties, a calendar, and letters that the test carries, keeps back, doubles or refuses."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from consumers.client import Endpoint
from consumers.fagsystem import (
    PROFILES,
    Citizen,
    Event,
    Kind,
    Myndighed,
    Profile,
    Sagsgang,
    SteppedCalendar,
    Store,
    Tilbud,
)
from consumers.kuvert import Kuvert, read_kuvert
from consumers.part import Part
from consumers.retur import StandardRetur

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
NOWHERE = Endpoint("127.0.0.1", 1, "ingen")
TAKEN = StandardRetur(20, "")
BY_HAND = Sagsgang(automatisk=False)
AUTOMATIC = Sagsgang()


def part(navn: str, cvr: str, p_nummer: str | None = None) -> Part:
    """A party with ids made of its name."""
    ids = [str(uuid.uuid5(uuid.NAMESPACE_URL, f"{navn}/{what}")) for what in ("aktoer", "dueslag")]
    return Part(f"{navn} (syntetisk)", cvr, ids[0], ids[1], p_nummer, er_tilbud=p_nummer is not None)


NORDBY = part("Nordby Kommune", "99001001")
BIRKELY = part("Botilbuddet Birkely", "99001001", "1999000001")
HAVBLIK = part("Bostedet Havblik", "99001002", "1999000002")
KILDEN = part("Værestedet Kilden", "99001003", "1999000003")
PARTS = (NORDBY, BIRKELY, HAVBLIK, KILDEN)


def citizen(number: int = 1) -> Citizen:
    """Somebody made up, with an active samtykke."""
    return Citizen.synthetic(Random(number), NORDBY, START.date())


@dataclass(frozen=True, slots=True)
class Letter:
    """On its way: from whom, the whole message, and to whom it is still to come."""

    fra: Part
    message: bytes
    til: Part

    @property
    def kuvert(self) -> Kuvert:
        return read_kuvert(self.message)


@dataclass
class Post:
    """``pick`` chooses which of the letters under way arrives next: the oldest, unless told otherwise."""

    calendar: SteppedCalendar = field(default_factory=lambda: SteppedCalendar(START))
    events: list[Event] = field(default_factory=list)
    parties: dict[str, Myndighed | Tilbud] = field(default_factory=dict)
    under_way: list[Letter] = field(default_factory=list)
    sent: list[Kuvert] = field(default_factory=list)
    pick: Callable[[list[Letter]], int] = lambda _letters: 0
    stores: dict[str, str] = field(default_factory=dict)
    """Files of parties that are to be restarted; the others are in memory."""

    def myndighed(self, *, sagsgang: Sagsgang = AUTOMATIC, profile: Profile = PROFILES["prompt"]) -> Myndighed:
        made = Myndighed(
            NORDBY,
            PARTS,
            NOWHERE,
            self._store(NORDBY),
            self.calendar,
            profile,
            sagsgang=sagsgang,
            on_event=self.events.append,
        )
        self.parties[NORDBY.aktoer] = made
        return made

    def tilbud(
        self, where: Part = BIRKELY, profile: str | Profile = "prompt", *, pladser: int = 3, seed: int = 1
    ) -> Tilbud:
        made = Tilbud(
            where,
            PARTS,
            NOWHERE,
            self._store(where),
            self.calendar,
            PROFILES[profile] if isinstance(profile, str) else profile,
            pladser=pladser,
            seed=seed,
            on_event=self.events.append,
        )
        self.parties[where.aktoer] = made
        return made

    def _store(self, where: Part) -> Store:
        return Store(self.stores.get(where.aktoer, ":memory:"), where.aktoer)

    def collect(self, party: Myndighed | Tilbud, retur: StandardRetur = TAKEN) -> bool:
        """Take one letter from an outbox, answer it, and have it under way; False where there is none."""
        taken = party.outgoing.take()
        if taken is None:
            return False
        number, forloeb = taken
        message = party.fix(number)
        if message is not None:
            if retur.ok:
                self._post(party.part, message)
            party.answered(number, retur)
        party.outgoing.settled(forloeb)
        return True

    def _post(self, fra: Part, message: bytes) -> None:
        kuvert = read_kuvert(message)
        self.sent.append(kuvert)
        keys = {relation.objekt_id for relation in kuvert.relateret}
        for other in self.parties.values():
            if other.part.aktoer in keys:
                self.under_way.append(Letter(fra, message, other.part))

    def deliver(self) -> bool:
        """One letter arrives; False where none is under way."""
        if not self.under_way:
            return False
        letter = self.under_way.pop(self.pick(self.under_way))
        self.parties[letter.til.aktoer].receive(letter.kuvert)
        return True

    def settle(self) -> None:
        """Until nothing is to be sent, nothing is under way and nothing is due."""
        while True:
            done = [self.collect(party) for party in self.parties.values()]
            done += [party.run_due() for party in self.parties.values()]
            if not any((self.deliver(), *done)):
                return

    def until(self, when: Callable[[], object], *, steps: int = 300) -> None:
        """Let the days go by until something holds; asserts that it comes to hold."""
        for _ in range(steps):
            self.settle()
            if when():
                return
            due = [day for party in self.parties.values() if (day := party.next_due()) is not None]
            if not due:
                break
            self.calendar.advance(max(min(due), self.calendar.now()))
        told = "\n".join(f"{one.at:%F} {one.kind} {one.part} {one.standard} {one.text}" for one in self.events)
        raise AssertionError(f"it does not come to hold; what happened:\n{told}")

    def close(self) -> None:
        for party in self.parties.values():
            party.store.close()

    def told(self, kind: Kind) -> list[Event]:
        return [event for event in self.events if event.kind is kind]
