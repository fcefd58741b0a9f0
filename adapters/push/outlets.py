"""Every dueslag with a callback is pushed, whatever happens to the register."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

import structlog

from adapters.push.outlet import Means, Standing
from adapters.push.pacing import Pacing
from adapters.push.target import Target, target_of
from adapters.push.turn import Turn
from broker.core.model import Dueslag
from broker.errors import StoreError
from broker.service import Beskedfordeler
from broker.settings import Settings

if TYPE_CHECKING:
    from adapters.push.client import Client

_log = structlog.get_logger(__name__)

GRACE = 2.0
"""Seconds at most that attempts under way may go on when it is closed."""


class PushOutlets:
    """Follows the register: a callback that is set, changed or taken away counts at once.

    ``tls`` makes the context for https (our function certificate, the roots that receivers are trusted by); it is
    called in a thread, when the first https callback is there, and may raise StoreError.  ``seed`` is for tests.
    """

    def __init__(
        self,
        service: Beskedfordeler,
        settings: Settings,
        tls: Callable[[], ssl.SSLContext],
        seed: int | None = None,
    ) -> None:
        self._service = service
        self._settings = settings
        self._tls = tls
        self._random = Random(seed)  # noqa: S311 - jitter, no secret
        self._turns: dict[str, Turn] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        """Of the turns, those that are being given back among them."""
        self._client: Client | None = None
        self._means: Means | None = None
        self._opening: asyncio.Task[None] | None = None
        self._fitted: list[Dueslag] | None = None
        """What the turns were made for."""
        self._closed = False

    async def start(self) -> None:
        """Begin.  Raises StoreError where there are https callbacks and their keys or CAs cannot be used."""
        self._service.watch(self._follow)
        self._opening = asyncio.get_running_loop().create_task(self._open(), name="push")
        try:
            await self._opening
        finally:
            self._opening = None
        self._follow()

    async def close(self) -> None:
        """Begin no attempt any more; those under way have `GRACE` to end, then they are broken off and requeued.

        The engine must be open still.
        """
        self._closed = True
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)
        turns = [*self._turns.values()]
        for turn in turns:
            turn.wind_down()
        outlets = [turn.outlet for turn in turns if turn.outlet is not None]
        attempts = [outlet.task for outlet in outlets if outlet.task is not None]
        if attempts:
            await asyncio.wait(attempts, timeout=min(GRACE, self._settings.push_timeout))
        for turn in turns:
            turn.stop("the Beskedfordeler stops")
        await asyncio.gather(*attempts, *self._tasks, return_exceptions=True)
        self._turns.clear()
        if self._client is not None:
            await self._client.close()

    def standing(self, dueslag: str) -> Standing | None:
        """How pushing from a dueslag (by id) is doing; None = it is not pushed."""
        turn = self._turns.get(dueslag)
        return None if turn is None else turn.standing()

    # --- following the register ------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Make the turns what the register says; what is not loaded yet is, and then comes its turn."""
        if not self._closed and not self._fit_all() and self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open_late(), name="push")

    def _fit_all(self) -> bool:
        """Whether all are as the register says now; else something is not loaded yet."""
        wanted = self._wanted()
        if wanted == self._fitted:  # most changes are about something else
            return True
        for gone in self._turns.keys() - {dueslag.id for dueslag in wanted}:
            self._turns.pop(gone).stop("callback taken away")
        late = [dueslag for dueslag in wanted if not self._fit(dueslag)]
        self._fitted = None if late else wanted
        return not late

    def _wanted(self) -> list[Dueslag]:
        return [one for one in self._service.content.dueslag.values() if one.callback is not None]

    def _fit(self, dueslag: Dueslag) -> bool:
        """Whether it is pushed, when its turn comes, as the register says now."""
        turn = self._turns.get(dueslag.id)
        if turn is not None and turn.target.dueslag is dueslag:
            return True
        target = target_of(dueslag, self._service.content.anvendersystemer[dueslag.anvendersystem])
        if not self._ready(target):
            if turn is not None:
                self._turns.pop(dueslag.id).stop("callback changed")
            return False
        if turn is not None:
            turn.turn_to(target)
        elif self._means is not None:
            turn = self._turns[dueslag.id] = Turn(target, self._means)
            task = turn.start()
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return True

    def _ready(self, target: Target) -> bool:
        return self._client is not None and (not target.secure or self._client.tls is not None)

    # --- loading what is needed, when it is --------------------------------------------------------------------

    async def _open_late(self) -> None:
        then: Callable[[], object] = self._follow
        try:
            await self._open()
        except (StoreError, OSError) as error:
            _log.error("nothing is pushed by https", reason=str(error))
            then = self._fit_all  # the others; https is tried again when the register changes
        finally:
            self._opening = None
        then()

    async def _open(self) -> None:
        if not self._wanted():
            return
        if self._client is None:
            module = await asyncio.to_thread(_load)
            settings = self._settings
            self._client = module(settings.push_timeout, self._service.clock.now)
            pacing = Pacing(settings.push_first_delay, settings.push_longest_delay)
            limit, patience = settings.push_attempts, settings.push_patience
            self._means = Means(self._service, self._client.push, limit, patience, pacing, self._random)
        if self._client.tls is None and any(map(_is_https, self._wanted())):
            self._client.tls = await asyncio.to_thread(self._tls)


def _is_https(dueslag: Dueslag) -> bool:
    return dueslag.callback is not None and dueslag.callback[:8].lower() == "https://"


def _load() -> type[Client]:
    from adapters.push.client import Client

    return Client
