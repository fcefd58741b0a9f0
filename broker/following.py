"""Following what other fronts change in the register, from the start of a front to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import structlog

from broker.errors import BeskedfordelerError, NotAvailable
from broker.registrar import Registrar
from broker.sharing import AnnouncingRegister

_log = structlog.get_logger(__name__)

_PAUSE = 0.2
"""Seconds before a register that could not be read is read again."""
_ATTEMPTS = 3
"""Then the next announcement is waited for; one that is lost says when it is found again."""


class Following:
    """Takes announced changes into the catalogue; what is routed meanwhile goes by what is known."""

    def __init__(self, register: AnnouncingRegister, registrar: Registrar) -> None:
        self._register = register
        self._registrar = registrar
        self._tasks: list[asyncio.Task[None]] = []
        self._owing = asyncio.Event()
        self._behind = False

    def start(self) -> None:
        """From now on; ends with `close`."""
        self._tasks = [
            asyncio.create_task(self._follow(), name="register-following"),
            asyncio.create_task(self._settle(), name="register-settling"),
        ]

    async def close(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                async with aclosing(self._register.announcements()) as announced:
                    async for newest in announced:
                        await self._catch_up(newest)
                        self._owing.set()
            except Exception:  # a bug of ours costs these announcements, not the following
                _log.exception("register not followed")
            await asyncio.sleep(_PAUSE)

    async def _catch_up(self, newest: int | None) -> None:
        """Until it is done, or it is time to listen again: where the register is lost, that is said there."""
        for _ in range(_ATTEMPTS):
            try:
                await self._registrar.catch_up(self._register, newest)
            except NotAvailable:
                await asyncio.sleep(_PAUSE)
            except BeskedfordelerError as error:
                return self._say_behind(error)
            else:
                return self._say_in_step()

    def _say_behind(self, error: BeskedfordelerError) -> None:
        if not self._behind:
            _log.error("register not followed: going on with what is known", reason=str(error))
        self._behind = True

    def _say_in_step(self) -> None:
        if self._behind:
            _log.info("register followed again")
        self._behind = False

    async def _settle(self) -> None:
        """Apart from the following: releasing a long dueslag must not hold up the next change."""
        settle: Callable[[], Awaitable[object]] = self._registrar.mend
        while True:
            try:
                await settle()
            except Exception:
                _log.exception("owed to a change, and not done")
            settle = self._registrar.settle
            await self._owing.wait()
            self._owing.clear()
