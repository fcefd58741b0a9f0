"""The way out of one dueslag: one attempt at a time, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

import structlog

from adapters.push.course import Course, Step
from adapters.push.document import modtag_besked_input
from adapters.push.journal import Journal
from adapters.push.pacing import Pacing
from adapters.push.target import Target
from adapters.push.verdict import Result, Verdict
from broker.errors import StoreError
from broker.ports import Engine, Leverance
from broker.service import Beskedfordeler

_log = structlog.get_logger(__name__)

NOTED = 5.0
"""Seconds at most that the next message waits for it to be on disk that the last one has left."""

Push = Callable[[Target, bytes], Awaitable[Verdict]]
"""One attempt: the document to the target.  Raises nothing but for cancellation."""


@dataclass(frozen=True, slots=True)
class Means:
    """What all outlets share.

    ``limit``: refusals after which a message is given up, 0 = none.  ``patience``: seconds after which it is given up
    whatever failed, 0 = never.
    """

    service: Beskedfordeler
    push: Push
    limit: int
    patience: float
    pacing: Pacing
    random: Random


@dataclass(frozen=True, slots=True)
class Standing:
    """How an outlet is doing, for people.

    ``state``: "idle", "sending" or "waiting"; "standby" where another front pushes.  ``failures``: attempts in a row
    that failed.  ``reason``: why the last did, "" = it did not.  ``wait``: seconds until the next attempt, where it
    waits for one.
    """

    url: str
    state: str
    failures: int
    reason: str
    wait: float | None


async def noted(engine: Engine) -> None:
    """Returns when it is on disk that the last message has left, so that a kill brings back one and not all that
    were taken in the last moments.  A full disk is not waited for: what is taken makes room on it."""
    if engine.blocked is None:
        with suppress(TimeoutError, StoreError):
            async with asyncio.timeout(NOTED):
                await engine.flushed()


class Outlet:
    """A `broker.ports.Consumer` that posts what it is given.

    It takes one message when none is under way and no delay runs.  The limit of redeliveries (``redelivery_limit``) is
    not for what is pushed: `Course` has its own.  That a message has left is on disk before the next is sent.  A task
    exists only while messages flow, a timer only while it waits: a receiver that is down costs nothing in between.
    """

    priority = 0

    __slots__ = ("_closed", "_course", "_journal", "_leverance", "_means", "_target", "_task", "_timer", "_unnoted")

    def __init__(self, target: Target, means: Means) -> None:
        self._target = target
        self._means = means
        self._course = Course(means.limit, means.patience)
        self._journal = Journal(means.service, target)
        self._leverance: Leverance | None = None
        """Under way."""
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._unnoted = False
        """That the last message has left may not be on disk yet."""

    def __repr__(self) -> str:
        standing = self.standing()
        return f"<Outlet {standing.url} {standing.state}, {standing.failures} failures>"

    @property
    def target(self) -> Target:
        """Where to, now."""
        return self._target

    @property
    def task(self) -> asyncio.Task[None] | None:
        """The attempt under way."""
        return self._task

    def standing(self) -> Standing:
        """How it is doing."""
        state = "sending" if self._leverance is not None else "idle" if self._timer is None else "waiting"
        wait = None if self._timer is None else max(0.0, self._timer.when() - asyncio.get_running_loop().time())
        return Standing(self._target.shown, state, self._course.failures, self._journal.reason, wait)

    # --- broker.ports.Consumer ---------------------------------------------------------------------------

    def has_room(self) -> bool:
        return self._leverance is None and self._timer is None and not self._closed

    def deliver(self, leverance: Leverance) -> None:
        self._leverance = leverance
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._send_all())

    def dueslag_gone(self) -> None:
        self._closed = True
        self._break_off()

    # --- the caretaker's side ------------------------------------------------------------------------------

    def start(self) -> None:
        """Ask for messages."""
        self._means.service.engine.attach(self._target.dueslag.id, self)

    def turn_to(self, target: Target) -> None:
        """The same dueslag, changed.  With another callback, what is under way is broken off and goes there."""
        before, self._target = self._target, target
        if before.url == target.url:
            self._journal.target = target
            return
        leverance = self._break_off()
        self._course.anew()
        self._give_back(leverance, "callback changed")
        self._journal.anew(target)
        self._means.service.engine.kick(target.dueslag.id)

    def wind_down(self) -> None:
        """Take no more; an attempt under way goes on."""
        self._closed = True
        self._stop_timer()

    def stop(self, why: str) -> None:
        """Take no more, and give back what is under way: first, so that what is behind it goes back behind it."""
        self.wind_down()
        self._give_back(self._break_off(), why)
        self._means.service.engine.detach(self._target.dueslag.id, self)

    # --- within ----------------------------------------------------------------------------------------------

    async def _send_all(self) -> None:
        """Send while there is something to send: settling one message brings the next."""
        while (leverance := self._leverance) is not None:
            if self._unnoted:
                await noted(self._means.service.engine)
                self._unnoted = False
            self._journal.begun(leverance)
            verdict = await self._attempt(leverance)
            if self._leverance is not leverance:
                return  # broken off meanwhile: not ours any more
            self._settle(leverance, verdict)
        self._task = None

    async def _attempt(self, leverance: Leverance) -> Verdict:
        try:
            document = modtag_besked_input(self._means.service.render(leverance).body)
            return await self._means.push(self._target, document)
        except Exception as error:  # a bug; it must not hold up the dueslag for good
            _log.exception("push failed by an error of its own", dueslag=self._target.dueslag.navn)
            return Verdict(Result.UNREACHABLE, f"internal error: {type(error).__name__}")

    def _settle(self, leverance: Leverance, verdict: Verdict) -> None:
        engine = self._means.service.engine
        now = asyncio.get_running_loop().time()
        step = self._course.follow(verdict, leverance.id, leverance.attempts, now)
        self._leverance = None
        match step:
            case Step.NEXT:
                self._journal.taken(leverance)
                engine.ack((leverance,))
            case Step.GIVE_UP:
                reason = self._why(verdict)
                self._journal.rejected(leverance, verdict, reason)
                engine.reject((leverance,), reason)
            case Step.AT_ONCE | Step.LATER:
                delay = 0.0 if step is Step.AT_ONCE else self._delay(verdict)
                self._journal.failed(leverance, verdict, delay)
                if delay and not self._closed:  # before the requeue, which would hand the message out again
                    self._timer = asyncio.get_running_loop().call_later(delay, self._again)
                engine.requeue((leverance,), counted=False)
                return
        self._unnoted = True
        engine.kick(leverance.dueslag)

    def _delay(self, verdict: Verdict) -> float:
        means = self._means
        return means.pacing.delay(self._course.failures, means.random.random(), verdict.wait)

    def _why(self, verdict: Verdict) -> str:
        limit = self._means.limit
        if verdict.result is not Result.REFUSED:
            return (
                f"push to {self._target.shown}: not taken for {self._means.patience:g} s (--push-patience); "
                f"last: {verdict.reason}"
            )
        times = "1 answer" if limit == 1 else f"{limit} answers"
        return (
            f"push to {self._target.shown}: {times} other than StatusKode 20 (--push-attempts); last: {verdict.reason}"
        )

    def _again(self) -> None:
        self._timer = None
        self._means.service.engine.kick(self._target.dueslag.id)

    def _break_off(self) -> Leverance | None:
        """Nothing is under way after this, and no delay runs; what was under way."""
        self._stop_timer()
        task, self._task = self._task, None
        leverance, self._leverance = self._leverance, None
        if task is not None:
            task.cancel()
        return leverance

    def _give_back(self, leverance: Leverance | None, why: str) -> None:
        if leverance is not None:
            self._journal.withdrawn(leverance, why)
            self._means.service.engine.requeue((leverance,), counted=False)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
