"""The stage: every party connected and at work, the model beside them, and ways to wait and to let time pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from consumers.admin import Admin
from consumers.client import Afsend, Endpoint
from consumers.demo.cast import FEEDS, FYRTAARNET, HAVBLIK, KILDEN, MYNDIGHEDER, TILBUD
from consumers.demo.journal import Journal, Sendt
from consumers.demo.model import Fate, Model, State, Subscription
from consumers.demo.parties import DemoMyndighed, DemoTilbud, Feed
from consumers.fagsystem import PROFILES, Citizen, Event, SteppedCalendar, Store
from consumers.kuvert import read_kuvert
from consumers.part import Part

FIRST_DAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
SEED = 2026
_PROFILES = {HAVBLIK: PROFILES["slow"], FYRTAARNET: PROFILES["waiting"], KILDEN: PROFILES["refusing"]}
"""Of the tilbud that are not simply prompt."""


@dataclass(slots=True)
class Stage:
    """What the story acts with."""

    model: Model
    admin: Admin
    calendar: SteppedCalendar
    myndigheder: dict[Part, DemoMyndighed]
    tilbud: dict[Part, DemoTilbud]
    feeds: dict[Part, Feed]
    sent: dict[str, bytes]
    """What was sent, by BeskedId, as it went out."""
    events: list[Event]
    """What the parties told, in order."""
    citizens: dict[str, Citizen] = field(default_factory=dict)
    """By forløb: whom it is about."""
    given_up: bool = False
    """Whether it did not become quiet once: what did not come then is not waited for again."""
    _random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 - a story is to be the same each time

    def sheet(self, part: Part) -> Journal:
        """What a party sent and received."""
        party: DemoMyndighed | DemoTilbud | Feed
        if part in self.myndigheder:
            party = self.myndigheder[part]
        else:
            party = self.tilbud[part] if part in self.tilbud else self.feeds[part]
        return party.sheet

    def new_citizen(self, myndighed: Part) -> Citizen:
        """Somebody made up."""
        return Citizen.synthetic(self._random, myndighed, self.calendar.now().date())

    def match(self, myndighed: Part, til: list[Part]) -> str:
        """A new citizen's match; the forløb."""
        citizen = self.new_citizen(myndighed)
        forloeb = self.myndigheder[myndighed].match(citizen, til)
        self.citizens[forloeb] = citizen
        return forloeb

    def open(self, myndighed: Part) -> str:
        """A new citizen's forløb without a match."""
        citizen = self.new_citizen(myndighed)
        forloeb = self.myndigheder[myndighed].open(self.myndigheder[myndighed].enrol(citizen))
        self.citizens[forloeb] = citizen
        return forloeb

    async def feed(self, part: Part, message: tuple[str, str, bytes]) -> None:
        """Send something that is no letter."""
        await self.feeds[part].send(*message)

    async def stop(self, subscription: Subscription) -> None:
        await self.admin.set_state(subscription.id, "stop")
        subscription.state = State.STOPPED

    async def start(self, subscription: Subscription) -> None:
        await self.admin.set_state(subscription.id, "start")
        subscription.state = State.ACTIVE

    async def pause(self, subscription: Subscription) -> None:
        await self.admin.set_state(subscription.id, "pause")
        subscription.state = State.PAUSED

    async def resume(self, subscription: Subscription) -> None:
        await self.admin.set_state(subscription.id, "resume")
        self.model.resume(subscription)

    def quiet(self) -> bool:
        """Whether all is sent, answered and received that should be by now."""
        for expectation in self.model.expectations:
            if expectation.sendt.retur is None:
                return False
            due = expectation.fate is Fate.DELIVERED and expectation.counts
            if due and expectation.sendt.besked_id not in self.sheet(expectation.subscription.part).modtaget:
                return False
        return all(party.quiet() for party in (*self.myndigheder.values(), *self.tilbud.values()))

    async def settle(self, longest: float = 5.0, grace: float = 0.1) -> bool:
        """Wait until it is quiet, then ``grace`` seconds more, in which nothing may come; whether it became quiet."""
        deadline = time.monotonic() + (0.0 if self.given_up else longest)
        while not self.quiet():
            if time.monotonic() > deadline:
                self.given_up = True
                return False
            await asyncio.sleep(0.01)
        await asyncio.sleep(grace)
        return True

    async def live(self, days: int, pace: float) -> bool:
        """Let days pass: from one thing that somebody has to do to the next, as soon as all is quiet.

        False where it did not become quiet.
        """
        end = self.calendar.now() + timedelta(days=days)
        while await self.settle(grace=0.0):
            due = [party.next_due() for party in (*self.myndigheder.values(), *self.tilbud.values())]
            soonest = min((when for when in due if when is not None), default=end)
            self.calendar.advance(max(self.calendar.now(), min(soonest, end)))
            if soonest >= end:
                return True
            await asyncio.sleep(pace)
        return False


@asynccontextmanager
async def open_stage(host: str, port: int, admin_url: str, on_event: Callable[[Event], None]) -> AsyncIterator[Stage]:
    """Connect every party and let it work; ``on_event`` hears what they tell.

    Raises what a party raises (in an ExceptionGroup), and NotPermitted and ConnectionLost where the emulator does not
    let them in.
    """
    model, calendar = Model(), SteppedCalendar(FIRST_DAY)
    sent: dict[str, bytes] = {}
    events: list[Event] = []

    def on_sending(part: Part, sendt: Sendt, xml: bytes) -> None:
        try:
            kuvert = read_kuvert(xml)
        except ValueError:
            return  # a faulty message: meant for nobody
        sent[sendt.besked_id] = xml
        model.sending(part, sendt, kuvert)

    def told(event: Event) -> None:
        events.append(event)
        on_event(event)

    async with AsyncExitStack() as stack:
        afsend = {part: await stack.enter_async_context(Afsend(Endpoint(host, port, part.navn))) for part in FEEDS}
        feeds = {part: Feed(part, afsend[part], on_sending, Journal()) for part in FEEDS}
        myndigheder = {
            part: DemoMyndighed(
                part, TILBUD, Endpoint(host, port, part.navn), Store(":memory:", part.aktoer), calendar,
                seed=SEED, on_event=told,
            )
            for part in MYNDIGHEDER
        }  # fmt: skip
        tilbud = {
            part: DemoTilbud(
                part, MYNDIGHEDER, Endpoint(host, port, part.navn), Store(":memory:", part.aktoer), calendar,
                _PROFILES.get(part, PROFILES["prompt"]), seed=SEED, on_event=told,
            )
            for part in TILBUD
        }  # fmt: skip
        parties: list[DemoMyndighed | DemoTilbud] = [*myndigheder.values(), *tilbud.values()]
        async with asyncio.TaskGroup() as tasks:
            for party in parties:
                await stack.enter_async_context(party)
                party.watch(on_sending)
                tasks.create_task(party.run())
            yield Stage(model, Admin(admin_url), calendar, myndigheder, tilbud, feeds, sent, events)
            for party in parties:
                party.stop()
