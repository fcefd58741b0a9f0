"""A fagsystem: a party's desk with its connections.  It runs until it is stopped, whatever becomes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from consumers.client import Afsend, Endpoint
from consumers.endpoint import pauses
from consumers.errors import ClientError
from consumers.fagsystem.calendar import Alarm, Calendar
from consumers.fagsystem.desk import Desk
from consumers.fagsystem.events import Event, Kind
from consumers.fagsystem.mishap import Mishaps
from consumers.fagsystem.profile import PROFILES, Profile
from consumers.fagsystem.receiving import Fetching, Pushed, PushEndpoint, Receiving, pause
from consumers.fagsystem.store import Store
from consumers.kuvert import Kuvert
from consumers.part import Part

WINDOW = 16
"""Letters of different forløb that may be under way at once."""


class Fagsystem(Desk):
    """One party.  Use `Myndighed` or `Tilbud`.

    ``async with Tilbud(part, address_book, endpoint, store, calendar) as tilbud: await tilbud.run()``

    ``address_book``: the parties that it knows; what others write is refused.  ``endpoint``: where the Beskedfordeler
    is, and as whom to log in; a `PushEndpoint` where letters are pushed.  ``store``: its database, closed at the end.
    ``seed``: of all that is by chance.  ``on_event`` is told what happens, in the event loop; it must not raise.
    """

    def __init__(
        self,
        part: Part,
        address_book: Sequence[Part],
        endpoint: Endpoint | PushEndpoint,
        store: Store,
        calendar: Calendar,
        profile: Profile = PROFILES["prompt"],
        *,
        seed: int | str = 0,
        on_event: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        super().__init__(part, address_book, store, calendar, profile, seed, on_event)
        self._endpoint = endpoint
        self._stopped = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()
        self._connecting = asyncio.Lock()
        self._to_send = asyncio.Event()
        self._to_do = asyncio.Event()
        self._receiving: Receiving | None = None
        self._mishaps = Mishaps(profile.flaky, lambda: self._chance("flaky"))
        self._troubled: set[str] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops, waits for `run` to end, and closes the database."""
        self.stop()
        await self._ended.wait()
        self.store.close()

    async def run(self) -> None:
        """Send, receive, and do what becomes due, until `stop`.  What was under way is taken up again next time."""
        self._ended.clear()
        self._stopped.clear()
        self._load()
        endpoint = self._endpoint.afsend if isinstance(self._endpoint, PushEndpoint) else self._endpoint
        afsend = Afsend(endpoint, attempts=1, confirms=False)
        try:
            async with asyncio.TaskGroup() as loops:
                work = [loops.create_task(self._sending(afsend)), loops.create_task(self._doing())]
                if self.part.dueslag:
                    loops.create_task(self._getting())
                await self._stopped.wait()
                for task in work:
                    task.cancel()
        finally:
            try:
                with suppress(OSError, TimeoutError):  # where run is cancelled, closing raises what it met
                    await afsend.__aexit__(None, None, None)
            finally:
                self._ended.set()

    def stop(self) -> None:
        """End `run`; what is not sent stays in the outbox, what is not acked comes again."""
        self._stopped.set()
        if self._receiving is not None:
            self._receiving.stop()

    def quiet(self) -> bool:
        """Nothing is to be sent, nothing is being handled, and nothing is due."""
        in_hand = self._receiving is not None and self._receiving.in_hand > 0
        due = self._task is not None and self._task.due <= self.calendar.now()
        return self.outgoing.empty and not in_hand and not due

    def _more_to_send(self) -> None:
        self._to_send.set()

    def _task_moved(self) -> None:
        self._to_do.set()

    async def _doing(self) -> None:
        """Tasks, as they become due."""
        while True:
            self._to_do.clear()
            if self.run_due():
                await asyncio.sleep(0)  # others have a turn between tasks
                continue
            alarm: Alarm | None = None
            if self._task is not None:
                alarm = self.calendar.alarm(self._task.due, self._to_do.set)
            try:
                await self._to_do.wait()
            finally:
                if alarm is not None:
                    alarm.cancel()

    async def _sending(self, afsend: Afsend) -> None:
        """The outbox, up to WINDOW letters at once."""
        under_way: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as letters:
            while True:
                self._to_send.clear()
                while len(under_way) < WINDOW and (letter := self.outgoing.take()) is not None:
                    task = letters.create_task(self._deliver(afsend, *letter))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
                    task.add_done_callback(lambda _task: self._to_send.set())
                await self._to_send.wait()

    async def _deliver(self, afsend: Afsend, number: int, forloeb: str) -> None:
        """One letter, until it is answered.  It is written when there is a connection to send it on (R5)."""
        following = pauses()
        while True:
            await self._connected(afsend)
            message = self.fix(number)
            if message is None:
                break
            try:
                retur = await afsend.send(message)
            except ClientError as error:
                self._trouble("send", str(error))
            else:
                self._well("send")
                if self.answered(number, retur):
                    break
                self._trouble("send", f"{retur.status_kode} {retur.fejlbesked_tekst}")
            await asyncio.sleep(following())
        self.outgoing.settled(forloeb)

    async def _connected(self, afsend: Afsend) -> None:
        """Wait for a connection; one try at a time for the whole party, with pauses between them."""
        async with self._connecting:
            following = pauses()
            while True:
                try:
                    await afsend.__aenter__()
                    return
                except ClientError as error:
                    self._trouble("send", str(error))
                await asyncio.sleep(following())

    async def _getting(self) -> None:
        """Letters to this party; after a lost connection a new one."""
        following = pauses()
        while not self._stopped.is_set():
            self._receiving = self._receiver()
            try:
                await self._receiving.run()
                following = pauses()
            except (ClientError, OSError) as error:
                self._trouble("fetch", str(error))
                await pause(self._stopped, following())

    def _receiver(self) -> Receiving:
        if isinstance(self._endpoint, PushEndpoint):
            return Pushed(self._endpoint, self._arrived, self._mishaps)
        return Fetching(self._endpoint, self.part.dueslag, self._arrived, self._mishaps)

    def _arrived(self, kuvert: Kuvert, fails: bool) -> bool:
        self._well("fetch")
        return self.receive(kuvert, fails)

    def _trouble(self, what: str, text: str) -> None:
        """Tell of it, once until it is over."""
        if what not in self._troubled:
            self._troubled.add(what)
            self._on_event(Event(Kind.TROUBLE, self.calendar.now(), self.part.navn, text=f"{what}: {text}"))

    def _well(self, what: str) -> None:
        self._troubled.discard(what)
