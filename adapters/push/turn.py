"""One front at a time pushes a dueslag: an outlet is there while it is this front's turn."""

from __future__ import annotations

import asyncio

import structlog

from adapters.push.outlet import Means, Outlet, Standing, noted
from adapters.push.target import Target
from broker.errors import StoreError
from broker.lease import Lease

_log = structlog.get_logger(__name__)

AGAIN = 1.0
"""Seconds after a turn that ended by an error."""
STANDBY = "standby"
"""`Standing.state` where another front pushes."""


class Turn:
    """Of one dueslag with a callback, on this front.

    It waits for `broker.ports.Engine.sole`, pushes by an `Outlet` until that is lost, and waits again.  Given up in
    order, what was under way is back in the dueslag before another front begins; when this front dies, or its way to
    RabbitMQ, RabbitMQ puts it back.
    """

    __slots__ = ("_closed", "_means", "_outlet", "_target", "_task")

    def __init__(self, target: Target, means: Means) -> None:
        self._target = target
        self._means = means
        self._outlet: Outlet | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def __repr__(self) -> str:
        return repr(self._outlet) if self._outlet is not None else f"<Turn {self._target.shown} {STANDBY}>"

    @property
    def target(self) -> Target:
        """Where to, now."""
        return self._target

    @property
    def outlet(self) -> Outlet | None:
        """None = it is another front's turn."""
        return self._outlet

    def standing(self) -> Standing:
        """How it is doing."""
        if self._outlet is not None:
            return self._outlet.standing()
        return Standing(self._target.shown, STANDBY, 0, "", None)

    def start(self) -> asyncio.Task[None]:
        """Wait for the turn; the task ends after `stop`, when another front may begin."""
        self._task = asyncio.get_running_loop().create_task(self._take_turns(), name="push")
        return self._task

    def turn_to(self, target: Target) -> None:
        """The same dueslag, changed."""
        self._target = target
        if self._outlet is not None:
            self._outlet.turn_to(target)

    def wind_down(self) -> None:
        """Take no more; an attempt under way goes on."""
        self._closed = True
        if self._outlet is not None:
            self._outlet.wind_down()
        elif self._task is not None:
            self._task.cancel()

    def stop(self, why: str) -> None:
        """Take no more, give back what is under way, and then the turn."""
        self._closed = True
        if self._outlet is not None:
            self._outlet.stop(why)
        if self._task is not None:
            self._task.cancel()

    async def _take_turns(self) -> None:
        engine = self._means.service.engine
        while not self._closed:
            try:
                async with engine.sole(self._target.dueslag.id) as lease:
                    await self._push(lease)
            except StoreError as error:
                _log.warning("a turn at pushing ended", dueslag=self._target.dueslag.navn, reason=str(error))
                await asyncio.sleep(AGAIN)

    async def _push(self, lease: Lease) -> None:
        outlet = self._outlet = Outlet(self._target, self._means)
        outlet.start()
        try:
            await lease.lost.wait()
            _log.warning("pushing stops until it is this front's turn again", dueslag=self._target.dueslag.navn)
            outlet.stop("another front may push now")
        finally:
            self._outlet = None
            if not lease.lost.is_set():
                await noted(self._means.service.engine)
