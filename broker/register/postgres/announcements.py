"""Hearing of changes: a connection that listens, made anew as often as it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Any

import structlog

from broker.postgres.database import Database
from broker.postgres.errors import LOST
from broker.register.postgres.log import CHANNEL

_log = structlog.get_logger(__name__)

PATROL = 5.0
"""Seconds without a word after which the connection is tried: one may be dead without having been closed."""
_PATIENCE = 3.0
"""Seconds that it may take to answer then."""
_FIRST_DELAY, _LONGEST_DELAY = 0.1, 1.0
"""Seconds between attempts to connect."""


class Announcements:
    """What is notified in a database, over as many connections as that takes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._woken = asyncio.Event()
        self._newest: int | None = None
        self.lost: str | None = None
        """Why nothing can be heard now, or None."""

    async def each(self) -> AsyncGenerator[int | None, None]:
        """The newest revision each time it was notified; None when connected (anew), and now and then."""
        delay = _FIRST_DELAY
        while True:
            try:
                connection = await self._database.connect()
            except LOST as error:
                self._say_lost(error)
                await asyncio.sleep(delay)
                delay = min(delay * 2, _LONGEST_DELAY)
                continue
            try:
                connection.add_termination_listener(self._wake)
                await connection.add_listener(CHANNEL, self._heard)
                delay = _FIRST_DELAY
                self._say_found()
                yield None
                while await self._next(connection):
                    newest, self._newest = self._newest, None
                    yield newest
                self._say_lost(ConnectionError("the connection was closed"))
            except LOST as error:
                self._say_lost(error)
            finally:
                await _hang_up(connection)
            await asyncio.sleep(delay)

    async def _next(self, connection: Any) -> bool:
        """Waits for a word; False = the connection is lost."""
        try:
            async with asyncio.timeout(PATROL):
                await self._woken.wait()
        except TimeoutError:
            await connection.execute("SELECT 1", timeout=_PATIENCE)
        self._woken.clear()
        return not connection.is_closed()

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        if payload.isascii() and payload.isdigit():
            self._newest = int(payload)
        self._woken.set()

    def _wake(self, _connection: Any) -> None:
        self._woken.set()

    def _say_lost(self, error: Exception) -> None:
        said = " ".join(str(error).split()) or type(error).__name__
        if self.lost is None:
            _log.error("register lost: going on with what is known", database=self._database.place, reason=said)
        self.lost = said

    def _say_found(self) -> None:
        if self.lost is not None:
            _log.info("register found again", database=self._database.place)
        self.lost = None


async def _hang_up(connection: Any) -> None:
    with suppress(*LOST):
        await asyncio.shield(connection.close(timeout=1.0))
