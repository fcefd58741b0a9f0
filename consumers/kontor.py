"""Kontor: the office of one party, with a connection to send on, one to fetch on, and a journal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from consumers.client import Afhent, Afsend, Endpoint, Modtaget, StandardRetur
from consumers.journal import Indgaaet, Journal, Sendt
from consumers.part import Part

OnSending = Callable[[Part, Sendt, bytes], None]
"""Told just before a message is sent."""


class Kontor:
    """Opens with ``async with``; every message that goes out or comes in stands in ``journal``."""

    def __init__(
        self,
        part: Part,
        host: str,
        port: int,
        *,
        on_sending: OnSending | None = None,
    ) -> None:
        endpoint = Endpoint(host, port, part.navn)
        self.part = part
        self.journal = Journal()
        self._afsend = Afsend(endpoint)
        self._afhent = Afhent(endpoint, part.dueslag) if part.dueslag else None
        self._on_sending = on_sending
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._afsend)
            if self._afhent is not None:
                await stack.enter_async_context(self._afhent)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def send(self, besked_id: str, navn: str, xml: bytes) -> StandardRetur:
        """Send one message and enter it with its answer.  Raises NoAnswer, NotPermitted."""
        sendt = Sendt(besked_id, navn)
        self.journal.sendt.append(sendt)
        if self._on_sending is not None:
            self._on_sending(self.part, sendt, xml)
        sendt.retur = await self._afsend.send(xml)
        return sendt.retur

    async def receive(self, handle: Callable[[Modtaget], Awaitable[None]]) -> None:
        """Hand each message to ``handle`` once, then ack it; ends when `stop` is called.

        What comes a second time is acked without being handled: it stands in the journal already.
        """
        if self._afhent is None:
            return
        async for modtaget in self._afhent:
            kuvert = modtaget.kuvert
            indgaaet = Indgaaet(kuvert.besked_id, kuvert.beskedtype, kuvert.abonnement, modtaget.redelivered)
            if self.journal.receive(indgaaet):
                await handle(modtaget)
            await modtaget.ack()

    def stop(self) -> None:
        if self._afhent is not None:
            self._afhent.stop()
