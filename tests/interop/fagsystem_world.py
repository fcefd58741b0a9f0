"""A municipality and some tilbud over a real emulator, on a calendar that the test moves."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from consumers.addressing import register_document
from consumers.client import Endpoint
from consumers.fagsystem import (
    PROFILES,
    Citizen,
    Event,
    Myndighed,
    Profile,
    PushEndpoint,
    Sagsgang,
    SteppedCalendar,
    Store,
    Tilbud,
)
from consumers.part import Part
from consumers.standards.standard import Standard
from tests.support.emulator import Emulator, running

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
SAGSGANG = Sagsgang()
PATIENCE = 60.0
"""Seconds within which anything here happens, on a loaded machine too."""


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
    return Citizen.synthetic(Random(number), NORDBY, START.date())


@contextmanager
def emulating(
    data: Path, *arguments: str, callbacks: dict[str, str] | None = None, without: Standard | None = None
) -> Iterator[Emulator]:
    """An emulator in whose register the parties meet; ``callbacks``: dueslag to URL; ``without``: not agreed on."""
    document = register_document(PARTS)
    for aftale in document["serviceaftaler"]:
        if without is not None and without.beskedtype in aftale.get("beskedtyper", ()):
            aftale["beskedtyper"].remove(without.beskedtype)
    for dueslag in document["dueslag"]:
        if callbacks and dueslag["id"] in callbacks:
            dueslag["callback"] = callbacks[dueslag["id"]]
    register = data.with_name("register.yaml")
    register.write_text(json.dumps(document))
    with running(data, *arguments, register=register) as emulator:
        yield emulator


@dataclass
class World:
    """What all parties of a test share: the emulator and the calendar, and what they told."""

    emulator: Emulator
    folder: Path
    calendar: SteppedCalendar = field(default_factory=lambda: SteppedCalendar(START))
    events: list[Event] = field(default_factory=list)
    parties: list[Myndighed | Tilbud] = field(default_factory=list)

    def store(self, party: Part) -> Store:
        return Store(self.folder / f"{party.aktoer}.db", party.aktoer)

    def myndighed(self, party: Part = NORDBY, *, sagsgang: Sagsgang = SAGSGANG) -> Myndighed:
        made = Myndighed(
            party, PARTS, self._endpoint(party), self.store(party), self.calendar, sagsgang=sagsgang, on_event=self.tell
        )
        self.parties.append(made)
        return made

    def tilbud(
        self,
        party: Part,
        profile: str | Profile = "prompt",
        *,
        pladser: int = 3,
        endpoint: PushEndpoint | None = None,
        seed: int = 1,
    ) -> Tilbud:
        made = Tilbud(
            party,
            PARTS,
            endpoint or self._endpoint(party),
            self.store(party),
            self.calendar,
            PROFILES[profile] if isinstance(profile, str) else profile,
            pladser=pladser,
            seed=seed,
            on_event=self.tell,
        )
        self.parties.append(made)
        return made

    def tell(self, event: Event) -> None:
        self.events.append(event)

    def _endpoint(self, party: Part) -> Endpoint:
        return self.emulator.endpoint(party.navn)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """All parties run within the block; what fails in one fails the test."""
        async with AsyncExitStack() as stack:
            for party in self.parties:
                await stack.enter_async_context(party)
            async with asyncio.TaskGroup() as group:
                for party in self.parties:
                    group.create_task(party.run())
                try:
                    yield
                finally:
                    for party in self.parties:
                        party.stop()

    async def quiet(self) -> None:
        """Wait until nobody has anything to do today, and nothing is on its way."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if self._all_quiet() and await self._drained() and self._all_quiet():
                    return
                await asyncio.sleep(0.01)

    async def until(self, when: Callable[[], object], *, steps: int = 200) -> None:
        """Let the days go by, from one task to the next, until something holds; asserts that it comes to hold."""
        for _ in range(steps):
            await self.quiet()
            if when():
                return
            due = [day for party in self.parties if (day := party.next_due()) is not None]
            if not due:
                break
            self.calendar.advance(max(min(due), self.calendar.now()))
        told = "\n".join(
            f"{event.at:%F} {event.kind} {event.part} {event.standard} {event.text}" for event in self.events
        )
        raise AssertionError(f"it does not come to hold; what happened:\n{told}")

    async def told(self, what: Callable[[Event], bool]) -> None:
        """Wait until somebody tells of something."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if any(map(what, self.events)):
                    return
                await asyncio.sleep(0.01)

    def _all_quiet(self) -> bool:
        return all(party.quiet() for party in self.parties)

    async def _drained(self) -> bool:
        depths = await self.emulator.admin.depths()
        return not any(depth["ready"] or depth["out"] for depth in depths.values())
