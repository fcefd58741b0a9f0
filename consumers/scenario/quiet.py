"""When all is quiet: nothing to send, nothing in hand, nothing in a dueslag that somebody is to take out of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from consumers.admin import Admin, AdminError
from consumers.scenario.actor import Actor

_POLL = 0.02
"""Seconds after which it is looked again where nothing has been told."""


class NotQuiet(Exception):
    """It does not become quiet; ``str`` says what still goes on."""


@dataclass(slots=True)
class Pulse:
    """Counts what happens, and wakes who waits for it."""

    count: int = 0
    happened: asyncio.Event = field(default_factory=asyncio.Event)

    def beat(self) -> None:
        self.count += 1
        self.happened.set()


class Quiet:
    """Looks at the parties and, only where they are quiet, at the dueslag.

    In this order and back: a letter is in its sender's outbox until it is answered, in the dueslag from before that
    until it is acked, and in the receiver's hands until what it leads to is in its outbox.
    """

    def __init__(self, actors: Mapping[str, Actor], admin: Callable[[], Admin], pulse: Pulse) -> None:
        self._actors = actors
        self._admin = admin
        self._pulse = pulse

    async def reached(self, deadline: float) -> None:
        """``deadline`` by time.monotonic().  Raises NotQuiet, PartyFailed."""
        while True:
            self._pulse.happened.clear()
            before = self._pulse.count
            busy = self._busy() or await self._lying()
            if not busy and not self._busy() and self._pulse.count == before:
                return
            if time.monotonic() > deadline:
                raise NotQuiet(busy or "letters keep coming")
            await self._moment()

    async def _moment(self) -> None:
        """Until something happens, or a short while."""
        try:
            async with asyncio.timeout(_POLL):
                await self._pulse.happened.wait()
        except TimeoutError:
            return

    def _busy(self) -> str:
        """Who has something to do."""
        busy = []
        for actor in self._actors.values():
            actor.check()
            if actor.running and not actor.system.quiet():
                busy.append(actor.name)
        return f"{', '.join(busy[:5])} has letters to send, or work to do" if busy else ""

    async def _lying(self) -> str:
        """Where letters lie that are to be taken out: not held ones, and not those of who does not run."""
        try:
            answer = await self._admin().call("GET", "/dueslag?limit=10000")
        except (AdminError, OSError) as error:
            return f"the emulator does not answer ({error})"
        depths = {dueslag["id"]: dueslag["depth"] for dueslag in answer["dueslag"]}
        for actor in self._actors.values():
            depth = depths.get(actor.part.dueslag)
            if actor.running and depth is not None and depth["ready"] + depth["out"] > 0:
                return f"{depth['ready'] + depth['out']} letters lie in the dueslag of {actor.name}"
        return ""
