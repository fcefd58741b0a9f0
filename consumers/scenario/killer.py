"""Kills of the emulator in the middle of a scenario, at moments drawn from the seed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from random import Random

from consumers.scenario.control import EmulatorControl, EmulatorDown
from consumers.scenario.steps import Step

_MOST_EVENTS = 12
"""A kill comes after 1 to so many events of its step: between any two things that happen to a letter."""
_COMMANDS = ("match", "bestil", "anmod", "opfoelg", "markant_aendring", "kvitter", "days", "until", "together", "party")
"""Verbs that set letters going."""


class Killer:
    """``kills`` of them, each in a step that sets letters going; one that its step outlives comes when that ends."""

    def __init__(self, control: EmulatorControl, steps: Sequence[Step], kills: int, random: Random) -> None:
        self._control = control
        lively = [number for number, step in enumerate(steps) if step.verb in _COMMANDS] or [0]
        self._planned: dict[int, list[int]] = {}
        for _ in range(kills):
            step = lively[int(random.random() * len(lively))]
            self._planned.setdefault(step, []).append(1 + int(random.random() * _MOST_EVENTS))
        self._countdown: list[int] = []
        self._task: asyncio.Task[None] | None = None
        self.done = 0
        """Kills so far."""

    def begin(self, step: int) -> None:
        """A step begins."""
        self._countdown = sorted(self._planned.pop(step, []))

    def event(self) -> None:
        """Something happened."""
        if not self._countdown or self._busy:
            return
        self._countdown = [left - 1 for left in self._countdown]
        if self._countdown[0] <= 0:
            self._countdown.pop(0)
            self.kill()

    async def end(self) -> None:
        """A step ends: what is left of its kills, one after the other, and the emulator back."""
        await self.back()
        for _ in self._countdown:
            self.kill()
            await self.back()
        self._countdown = []

    def kill(self) -> None:
        """Now; it is started again at once."""
        if not self._busy:
            self.done += 1
            self._control.kill()
            self._task = asyncio.create_task(self._control.restart(), name="restart of the emulator")

    async def back(self) -> None:
        """Wait until it is ready again.  Raises EmulatorDown."""
        if self._task is not None:
            await self._task
            self._task = None

    async def close(self) -> None:
        """Leave the emulator running, where it can: the register is to be tidied up."""
        with suppress(EmulatorDown):
            await self.back()

    @property
    def _busy(self) -> bool:
        return self._task is not None and not self._task.done()
