"""A party in a run: its database, its system, and whether that runs now."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from consumers.client import Endpoint
from consumers.fagsystem.calendar import Calendar
from consumers.fagsystem.events import Event
from consumers.fagsystem.myndighed import Myndighed
from consumers.fagsystem.receiving import PushEndpoint
from consumers.fagsystem.store import Store
from consumers.fagsystem.tilbud import Tilbud
from consumers.part import Part
from consumers.scenario.cast import profile_of
from consumers.scenario.model import PartySpec
from consumers.scenario.picture import System

_PATIENCE = 0.5
"""Seconds after which a system that is killed is asked to stop, too."""


class PartyFailed(Exception):
    """The system of a party ended by itself: a fault of that system; ``str`` says which."""


class Actor:
    """Its system can be read and asked at any time, and sends and receives while it runs."""

    def __init__(
        self,
        name: str,
        part: Part,
        spec: PartySpec,
        book: Sequence[Part],
        endpoint: Endpoint | PushEndpoint,
        folder: Path,
        calendar: Calendar,
        seed: int,
        on_event: Callable[[Event], None],
    ) -> None:
        self.name = name
        self.part = part
        self._spec = spec
        self._book = book
        self._endpoint = endpoint
        self._database = folder / f"{part.aktoer}.sqlite"
        self._calendar = calendar
        self._seed = seed
        self._on_event = on_event
        self._task: asyncio.Task[None] | None = None
        self.system = self._open()

    @property
    def callback(self) -> str | None:
        """The URL that it is pushed to."""
        if isinstance(self._endpoint, PushEndpoint):
            return f"http://{self._endpoint.host}:{self._endpoint.port}{self._endpoint.path}"
        return None

    @property
    def running(self) -> bool:
        return self._task is not None

    @property
    def myndighed(self) -> Myndighed:
        assert isinstance(self.system, Myndighed), "the names of a scenario are checked when it is read"
        return self.system

    @property
    def tilbud(self) -> Tilbud:
        assert isinstance(self.system, Tilbud), "the names of a scenario are checked when it is read"
        return self.system

    def start(self) -> None:
        """Nothing where it runs already."""
        if self._task is None:
            self._task = asyncio.create_task(self.system.run(), name=self.part.navn)

    async def stop(self) -> None:
        """In good order.  Raises PartyFailed."""
        self.check()
        if (task := self._task) is not None:
            self._task = None
            self.system.stop()
            await task
            self._reopen()

    async def kill(self) -> None:
        """At once: what is under way is broken off where it waits, and nothing is said to anybody."""
        if (task := self._task) is not None:
            self._task = None
            task.cancel()
            if not (await asyncio.wait([task], timeout=_PATIENCE))[0]:
                self.system.stop()  # a cancellation can be lost within wait_for of Python 3.11
                await asyncio.wait([task])
            with suppress(asyncio.CancelledError, Exception):  # what it failed with before, `check` has told
                await task
            self._reopen()

    def check(self) -> None:
        """Raises PartyFailed where its system does not run any more, though it should."""
        if self._task is not None and self._task.done():
            raise PartyFailed(f"the system of {self.name} failed: {_cause(self._task)}")

    def close(self) -> None:
        self.system.store.close()

    def _reopen(self) -> None:
        """As after a start of the program: from the database, and from nothing else."""
        self.system.store.close()
        self.system = self._open()

    def _open(self) -> System:
        store = Store(self._database, self.part.aktoer)
        seed, profile = f"{self._seed}/{self.name}", profile_of(self._spec.profile)
        if self._spec.kind == "myndighed":
            return Myndighed(
                self.part,
                self._book,
                self._endpoint,
                store,
                self._calendar,
                profile,
                sagsgang=self._spec.sagsgang.sagsgang,
                seed=seed,
                on_event=self._on_event,
            )
        return Tilbud(
            self.part,
            self._book,
            self._endpoint,
            store,
            self._calendar,
            profile,
            pladser=self._spec.places,
            seed=seed,
            on_event=self._on_event,
        )


def _cause(task: asyncio.Task[None]) -> str:
    """What ended it, with the place in its program."""
    if task.cancelled():
        return "it was cancelled"
    error = task.exception()
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if error is None:
        return "it ended by itself"
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({Path(last[0].filename).name}:{last[0].lineno} in {last[0].name})" if last else ""
    return f"{type(error).__name__}: {error}{where}"
