"""What log and trace say of an outlet: everything that changes, and of what stays as it is a sample."""

from __future__ import annotations

import asyncio
from time import perf_counter

import structlog

from adapters.push.target import Target
from adapters.push.verdict import Verdict
from broker.ports import Leverance
from broker.service import Beskedfordeler
from broker.trace import Record

_log = structlog.get_logger(__name__)

EVERY = 10
"""Of attempts that fail for the same reason one in so many is in the trace."""


class Journal:
    """One outlet's.

    Trace: ``delivered`` and ``ack`` of what is taken as of any consumer; a failed attempt is a ``requeue`` with
    number and reason where the reason is another than before, and every tenth time; ``reject``, and ``dead`` from the
    engine, of what goes to the fejlkø.  Log: a line when pushing begins to fail, one when it goes on again.
    """

    __slots__ = ("_began", "_delivered", "_down", "_failed", "_posted", "_rejected", "_service", "reason", "target")

    def __init__(self, service: Beskedfordeler, target: Target) -> None:
        self._service = service
        self.target = target
        self.reason = ""
        """Why the last attempt failed; "" = it did not."""
        self._began = 0.0
        self._failed = 0
        """Attempts since the last that was taken."""
        self._rejected = 0
        """Messages since then."""
        self._down = False
        """The log says that pushing fails."""
        self._delivered = False
        self._posted = 0.0

    def begun(self, leverance: Leverance) -> None:
        """An attempt starts."""
        self._delivered = not self._failed
        self._posted = perf_counter()
        if self._delivered:
            self._service.delivered(leverance, self.target.login)

    def taken(self, leverance: Leverance) -> None:
        """The receiver has the message."""
        self._answered("taken")
        service, login = self._service, self.target.login
        if self._delivered:
            service.settled([leverance], "ack", login)
        else:  # the line on its delivery comes at the end of this turn of the loop
            service.delivered(leverance, login)
            asyncio.get_running_loop().call_soon(service.settled, [leverance], "ack", login)
        if self._failed:
            self._recovered()

    def failed(self, leverance: Leverance, verdict: Verdict, delay: float) -> None:
        """It was not taken, and is tried again after ``delay`` seconds."""
        self._answered("failed")
        changed = self._count(verdict)
        attempt = leverance.attempts + 1
        if changed or self._failed % EVERY == 0:
            self._note(leverance, {"forsøg": attempt, "grund": verdict.reason, "igen om": round(delay, 1)})
        if self._down or not delay:  # one new attempt at once is no news
            _log.debug("push fails", **self._names(), reason=verdict.reason, attempt=attempt)
            return
        self._down = True
        _log.warning("push fails, and is tried again", **self._names(), reason=verdict.reason)

    def rejected(self, leverance: Leverance, verdict: Verdict, reason: str) -> None:
        """It goes to the fejlkø."""
        self._answered("rejected")
        self._count(verdict)
        self._rejected += 1
        self._service.settled([leverance], "reject", self.target.login)
        write = _log.warning if self._rejected == 1 else _log.debug
        write("a pushed message goes to the fejlkø", **self._names(), reason=reason)

    def withdrawn(self, leverance: Leverance, reason: str) -> None:
        """The attempt is broken off, by us."""
        self._note(leverance, {"forsøg": leverance.attempts + 1, "grund": reason})

    def anew(self, target: Target) -> None:
        """Another receiver: what was said of the old one counts no more."""
        self.target = target
        self._forget()

    def _answered(self, what: str) -> None:
        meters = self._service.meters
        meters.pushed[what] += 1
        meters.pushing.observe(perf_counter() - self._posted)

    def _count(self, verdict: Verdict) -> bool:
        """Whether the reason is another than before."""
        changed = verdict.reason != self.reason
        self.reason = verdict.reason
        self._failed += 1
        if self._failed == 1:
            self._began = self._service.clock.now()
        return changed

    def _recovered(self) -> None:
        if self._down or self._rejected:
            seconds = round(self._service.clock.now() - self._began)
            counts = {"failed_attempts": self._failed, "rejected": self._rejected, "after_seconds": seconds}
            _log.info("push goes on", **self._names(), **counts)
        self._forget()

    def _forget(self) -> None:
        self.reason = ""
        self._failed = self._rejected = 0
        self._down = False

    def _note(self, leverance: Leverance, detail: dict[str, object]) -> None:
        besked = leverance.besked
        assert besked is not None
        target, service = self.target, self._service
        service.trace.add(
            Record(
                service.clock.now(),
                "requeue",
                (leverance.seq,),
                besked.besked_id,
                besked.transaktions_id,
                target.login.system.id,
                leverance.dueslag,
                leverance.abonnement,
                detail,
            )
        )

    def _names(self) -> dict[str, str]:
        return {"dueslag": self.target.dueslag.navn, "url": self.target.shown}
