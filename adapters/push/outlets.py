"""Every dueslag with a callback has an outlet, whatever happens to the register."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

import structlog

from adapters.push.outlet import Means, Outlet, Standing
from adapters.push.pacing import Pacing
from adapters.push.target import Target, target_of
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
        self._outlets: dict[str, Outlet] = {}
        self._client: Client | None = None
        self._means: Means | None = None
        self._opening: asyncio.Task[None] | None = None
        self._fitted: list[Dueslag] | None = None
        """What the outlets were made for."""
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
        for outlet in self._outlets.values():
            outlet.wind_down()
        tasks = [outlet.task for outlet in self._outlets.values() if outlet.task is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=min(GRACE, self._settings.push_timeout))
        for outlet in self._outlets.values():
            outlet.stop("the Beskedfordeler stops")
        await asyncio.gather(*tasks, return_exceptions=True)
        self._outlets.clear()
        if self._client is not None:
            await self._client.close()

    def standing(self, dueslag: str) -> Standing | None:
        """How pushing from a dueslag (by id) is doing; None = it is not pushed."""
        outlet = self._outlets.get(dueslag)
        return None if outlet is None else outlet.standing()

    # --- following the register ------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Make the outlets what the register says; what is not loaded yet is, and then comes its turn."""
        if not self._closed and not self._fit_all() and self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open_late(), name="push")

    def _fit_all(self) -> bool:
        """Whether all are as the register says now; else something is not loaded yet."""
        wanted = self._wanted()
        if wanted == self._fitted:  # most changes are about something else
            return True
        for gone in self._outlets.keys() - {dueslag.id for dueslag in wanted}:
            self._outlets.pop(gone).stop("callback taken away")
        late = [dueslag for dueslag in wanted if not self._fit(dueslag)]
        self._fitted = None if late else wanted
        return not late

    def _wanted(self) -> list[Dueslag]:
        return [one for one in self._service.content.dueslag.values() if one.callback is not None]

    def _fit(self, dueslag: Dueslag) -> bool:
        """Whether there is an outlet as the register says now."""
        outlet = self._outlets.get(dueslag.id)
        if outlet is not None and outlet.target.dueslag is dueslag:
            return True
        target = target_of(dueslag, self._service.content.anvendersystemer[dueslag.anvendersystem])
        if not self._ready(target):
            if outlet is not None:
                self._outlets.pop(dueslag.id).stop("callback changed")
            return False
        if outlet is not None:
            outlet.turn_to(target)
        elif self._means is not None:
            outlet = self._outlets[dueslag.id] = Outlet(target, self._means)
            outlet.start()
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
