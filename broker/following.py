"""Following what other fronts change in the register, from the start of a front to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

import structlog

from broker.errors import BeskedfordelerError
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
        async with aclosing(self._register.announcements()) as announced:
            async for newest in announced:
                await self._catch_up(newest)
                self._owing.set()

    async def _catch_up(self, newest: int | None) -> None:
        for _ in range(_ATTEMPTS):
            try:
                return await self._registrar.catch_up(self._register, newest)
            except BeskedfordelerError as error:
                _log.debug("register not read", reason=str(error))
            except Exception:  # a bug of ours costs this change, not the following
                _log.exception("register not followed")
                return
            await asyncio.sleep(_PAUSE)

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
