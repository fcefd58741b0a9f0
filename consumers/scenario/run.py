"""One run of one scenario: its parties connected to an emulator, its steps, and what must hold."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from consumers.admin import AdminError
from consumers.client import Endpoint
from consumers.errors import ClientError
from consumers.fagsystem.events import Event
from consumers.fagsystem.receiving import PushEndpoint
from consumers.part import Part
from consumers.scenario.actor import Actor, PartyFailed
from consumers.scenario.cast import MORNING, Cast, cast_of
from consumers.scenario.checks import Judged, judge, judge_always
from consumers.scenario.clock import Clock, Jumps, Pace
from consumers.scenario.control import EmulatorControl, EmulatorDown
from consumers.scenario.doing import Doing, StepFailed
from consumers.scenario.expectations import Expectation
from consumers.scenario.generate import expand
from consumers.scenario.killer import Killer
from consumers.scenario.model import Scenario
from consumers.scenario.picture import Picture, System
from consumers.scenario.quiet import NotQuiet, Pulse, Quiet
from consumers.scenario.register import RegisterGuest
from consumers.scenario.steps import Step, each
from consumers.scenario.trace import trace_of
from consumers.scenario.verdict import Figures, Finding, Verdict
from consumers.scenario.watch import Unwatched, Watch
from consumers.scenario.words import step_text

TIMEOUT = 120.0
"""Seconds that one run may take."""


_FAILURES = (StepFailed, NotQuiet, PartyFailed, EmulatorDown, AdminError, ClientError, OSError)
"""What ends a run with a finding."""


@dataclass(frozen=True, slots=True)
class How:
    """How a scenario is run."""

    seed: int | None = None
    """In place of the scenario's own."""
    kills: int = 0
    """Kills of the emulator at moments drawn from the seed, beside those that the scenario has itself."""
    day: float | None = None
    """Seconds that a day takes; None = time jumps to what is due next."""
    timeout: float = TIMEOUT
    leave: bool = False
    """Leave the register as it is at the end: nobody uses this emulator after."""


class CannotRun(Exception):
    """The scenario and the emulator do not go together; ``str`` says why."""


async def run_scenario(
    scenario: Scenario, control: EmulatorControl, how: How = How(), watch: Watch | None = None
) -> Verdict:
    """Raises CannotRun, EmulatorDown, AdminError, ClientError."""
    whole = expand(scenario)
    _check(whole, control, how)
    seed = scenario.seed if how.seed is None else how.seed
    run = _Run(cast_of(whole, seed), control, how, watch or Unwatched())
    async with run.parties():
        verdict = await run.through()
    run.watch.ends(verdict)
    return verdict


def _check(scenario: Scenario, control: EmulatorControl, how: How) -> None:
    if not control.own and (how.kills or any(step.emulator is not None for step in each(scenario.steps))):
        raise CannotRun("the emulator is to be killed, but it is not the scenario's own: leave out --admin")
    if scenario.start <= date.today():
        raise CannotRun(
            f"start: {scenario.start} has passed; expected a day to come: GyldighedTil of the letters is a simulated "
            "day, and the Beskedfordeler judges it by the real clock"
        )


class _Run:
    def __init__(self, cast: Cast, control: EmulatorControl, how: How, watch: Watch) -> None:
        self.watch = watch
        self._cast = cast
        self._control = control
        self._how = how
        start = datetime.combine(cast.scenario.start, MORNING)
        self._clock: Clock = Jumps(start) if how.day is None else Pace(start, how.day)
        self._actors: dict[str, Actor] = {}
        self._pulse = Pulse()
        random = Random(f"{cast.seed}/kills")  # noqa: S311 - moments of kills, to be repeatable
        self._killer = Killer(control, cast.scenario.steps, how.kills, random)
        self._doing = Doing(cast, self._actors, control, self._killer)
        self._quiet = Quiet(self._actors, lambda: control.admin, self._pulse)
        self._findings: list[Finding] = []
        self._began = self._since = time.monotonic()

    # Parties come and go.

    @asynccontextmanager
    async def parties(self) -> AsyncIterator[None]:
        """Registered, connected and enrolled; at the end nothing of them is left."""
        async with AsyncExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="beskedfordeler-parties-"))
            book = list(self._cast.parts.values())
            for name, part in self._cast.parts.items():
                spec = self._cast.scenario.parties[name]
                endpoint = self._endpoint(part, spec.transport)
                self._actors[name] = Actor(
                    name, part, spec, book, endpoint, Path(folder), self._clock.calendar, self._cast.seed, self._event
                )
                stack.callback(self._actors[name].close)
            for name, citizen in self._cast.citizens.items():
                self._actors[self._cast.scenario.citizens[name].myndighed].myndighed.enrol(citizen)
            callbacks = {name: url for name, actor in self._actors.items() if (url := actor.callback) is not None}
            guest = RegisterGuest(self._control.admin, self._cast.register(callbacks))
            if not self._how.leave:
                stack.push_async_callback(guest.leave)
            await guest.enter()
            stack.push_async_callback(self._stop_all)
            stack.push_async_callback(self._killer.close)
            for actor in self._actors.values():
                actor.start()
            self.watch.begins(self._cast, self._doing.courses)
            yield

    def _endpoint(self, part: Part, transport: str) -> Endpoint | PushEndpoint:
        endpoint = Endpoint(self._control.host, self._control.port, part.navn)
        return PushEndpoint(endpoint, _free_port()) if transport == "push" else endpoint

    async def _stop_all(self) -> None:
        await asyncio.gather(*(actor.kill() for actor in self._actors.values()))

    def _event(self, event: Event) -> None:
        self.watch.event(event)
        self._pulse.beat()
        self._killer.event()

    # Steps and expectations.

    async def through(self) -> Verdict:
        """All of it, until a step fails."""
        try:
            for number, step in enumerate(self._cast.scenario.steps):
                await self._step(number, step)
            await self._expect(self._cast.scenario.expect, "expect")
            await self._always()
        except _Ended:
            pass
        return Verdict(self._cast.scenario.scenario, self._cast.seed, tuple(self._findings), self._figures())

    async def _step(self, number: int, step: Step) -> None:
        text = step_text(step)
        self.watch.step(number, text)
        self._killer.begin(number)
        try:
            if step.days is not None:
                await self._pass_until(self._today() + timedelta(days=step.days))
            elif step.until is not None:
                await self._pass_until(step.until)
            elif step.expect is None:
                await self._doing.do(step)
            await self._settle()
            await self._killer.end()
            await self._settle()
        except _FAILURES as error:
            await self._failed(f"steps[{number}]: {text}", error)
        if step.expect is not None:
            await self._expect(step.expect, f"steps[{number}].expect")
        else:
            self._found(Finding(f"steps[{number}]: {text}", True, self._today().isoformat(), kind="step"))

    async def _failed(self, name: str, error: Exception) -> None:
        letters = [] if isinstance(error, EmulatorDown | OSError) else self._newest_letters()
        trace = await trace_of(self._control.admin, letters)
        self._found(Finding(name, False, str(error) or type(error).__name__, tuple(letters), trace, kind="step"))
        raise _Ended

    async def _pass_until(self, day: date) -> None:
        when = datetime.combine(day, MORNING)
        if when < self._clock.calendar.now():
            raise StepFailed(f"{day} has passed: it is {self._today()}")
        await self._clock.pass_until(when, self._actors, self._settle)

    async def _expect(self, expectations: tuple[Expectation, ...], where: str) -> None:
        picture = self._picture()
        for number, expectation in enumerate(expectations):
            await self._judged(judge(expectation, picture), f"{where}[{number}]: ", "expectation")

    async def _always(self) -> None:
        scenario = self._cast.scenario
        everything = [*scenario.expect, *(one for step in each(scenario.steps) for one in step.expect or ())]
        missed = [one.missed for one in everything if one.missed is not None and not one.missed.allows_none]
        for judged in judge_always(self._picture(), missed):
            await self._judged(judged, "", "always")

    async def _judged(self, judged: Judged, prefix: str, kind: str) -> None:
        trace = () if judged.ok else await trace_of(self._control.admin, judged.letters)
        letters = () if judged.ok else judged.letters
        self._found(Finding(prefix + judged.name, judged.ok, judged.seen, letters, trace, kind=kind))

    def _found(self, finding: Finding) -> None:
        now = time.monotonic()
        timed = Finding(
            finding.name, finding.ok, finding.seen, finding.letters, finding.trace, now - self._since, finding.kind
        )
        self._since = now
        self._findings.append(timed)
        self.watch.finding(timed)

    # What there is to know.

    async def _settle(self) -> None:
        await self._killer.back()
        await self._quiet.reached(self._began + self._how.timeout)

    def _today(self) -> date:
        return self._clock.calendar.now().date()

    def _systems(self) -> dict[str, System]:
        """As they are now: a restart of a party makes a new one."""
        return {name: actor.system for name, actor in self._actors.items()}

    def _picture(self) -> Picture:
        return Picture(self._cast, self._systems(), self._doing.courses)

    def _newest_letters(self) -> list[str]:
        """The last letter of each party that has one."""
        journals = self._picture().journals.values()
        return [entries[-1].besked_id for entries in journals if entries]

    def _figures(self) -> Figures:
        picture = self._picture()
        return Figures(
            letters=len({one.besked_id for one in picture.sent}),
            deliveries=sum(len(inbox) for inbox in picture.inboxes.values()),
            again=sum(count for inbox in picture.inboxes.values() for count in inbox.values()),
            courses=sum(len(courses) for courses in self._doing.courses.values()),
            kills=self._killer.done,
            days=(self._today() - self._cast.scenario.start).days,
            seconds=time.monotonic() - self._began,
        )


class _Ended(Exception):
    """A step failed: what comes after it would say nothing."""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
